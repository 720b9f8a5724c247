package io.weir.console.account;

import io.weir.console.warehouse.ServerProperties;
import io.weir.metadata.account.WarehouseAccount;
import io.weir.warehouse.account.ReaderAccount;
import io.weir.warehouse.account.ReaderViews;
import java.net.URI;
import org.springframework.stereotype.Component;

/** What to enter into a BI tool. The password is left to the person: {@code PASSWORD} stands in its place. */
@Component
class Connections {

    static final String PASSWORD = "PASSWORD";

    private final ServerProperties server;
    private final AccountProperties properties;

    Connections(ServerProperties server, AccountProperties properties) {
        this.server = server;
        this.properties = properties;
    }

    /** @param http a line for a shell @param superset an SQLAlchemy address */
    record Ready(String jdbc, String odbc, String http, String superset, Metabase metabase, Grafana grafana) {}

    /** The fields of Metabase's form. */
    record Metabase(String host, int port, String databases, String username, boolean ssl) {}

    /** Fields of Grafana's own data source for ClickHouse. */
    record Grafana(
            String type,
            String host,
            int port,
            String protocol,
            boolean secure,
            String defaultDatabase,
            String username) {}

    Ready of(WarehouseAccount account) {
        String user = ReaderAccount.username(account.label(), account.tenant());
        String database = new ReaderViews(server.settings()).database(account.masked());
        URI address = address();
        boolean tls = address.getScheme().equals("https");
        String host = address.getHost();
        int port = address.getPort() > 0 ? address.getPort() : tls ? 443 : 80;
        return new Ready(
                "jdbc:clickhouse:%s://%s:%d/%s?user=%s&password=%s"
                        .formatted(address.getScheme(), host, port, database, user, PASSWORD),
                "Driver={ClickHouse ODBC Driver (Unicode)};Url=%s://%s:%d/;Database=%s;Username=%s;Password=%s"
                        .formatted(address.getScheme(), host, port, database, user, PASSWORD),
                "curl '%s://%s:%d/?database=%s' --user '%s:%s' --data-binary 'SELECT count() FROM events'"
                        .formatted(address.getScheme(), host, port, database, user, PASSWORD),
                "clickhousedb://%s:%s@%s:%d/%s%s"
                        .formatted(user, PASSWORD, host, port, database, tls ? "?secure=true" : ""),
                new Metabase(host, port, database, user, tls),
                new Grafana("grafana-clickhouse-datasource", host, port, "http", tls, database, user));
    }

    private URI address() {
        if (properties.url() != null) {
            return URI.create(properties.url());
        }
        if (properties.gatePort() > 0) {
            return URI.create("http://" + properties.gateAddress() + ":" + properties.gatePort());
        }
        return URI.create(server.url());
    }
}

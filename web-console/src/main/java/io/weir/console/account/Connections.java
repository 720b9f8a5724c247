package io.weir.console.account;

import io.weir.metadata.account.WarehouseAccount;
import io.weir.warehouse.account.ReaderAccount;
import io.weir.warehouse.account.ReaderViews;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
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

    Map<String, Object> of(WarehouseAccount account) {
        String user = ReaderAccount.username(account.label(), account.tenant());
        String database = new ReaderViews(server.settings()).database(account.masked());
        URI address = address();
        boolean tls = address.getScheme().equals("https");
        String host = address.getHost();
        int port = address.getPort() > 0 ? address.getPort() : tls ? 443 : 80;
        Map<String, Object> connections = new LinkedHashMap<>();
        connections.put(
                "jdbc",
                "jdbc:clickhouse:%s://%s:%d/%s?user=%s&password=%s"
                        .formatted(address.getScheme(), host, port, database, user, PASSWORD));
        connections.put(
                "odbc",
                "Driver={ClickHouse ODBC Driver (Unicode)};Url=%s://%s:%d/;Database=%s;Username=%s;Password=%s"
                        .formatted(address.getScheme(), host, port, database, user, PASSWORD));
        connections.put(
                "http",
                "curl '%s://%s:%d/?database=%s' --user '%s:%s' --data-binary 'SELECT count() FROM events'"
                        .formatted(address.getScheme(), host, port, database, user, PASSWORD));
        connections.put(
                "superset",
                "clickhousedb://%s:%s@%s:%d/%s%s"
                        .formatted(user, PASSWORD, host, port, database, tls ? "?secure=true" : ""));
        connections.put(
                "metabase", Map.of("host", host, "port", port, "databases", database, "username", user, "ssl", tls));
        connections.put(
                "grafana",
                Map.of(
                        "type",
                        "grafana-clickhouse-datasource",
                        "host",
                        host,
                        "port",
                        port,
                        "protocol",
                        "http",
                        "secure",
                        tls,
                        "defaultDatabase",
                        database,
                        "username",
                        user));
        return connections;
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

package io.weir.warehouse.account;

import io.weir.warehouse.WarehouseSettings;
import java.util.Comparator;
import java.util.List;

/**
 * Reader accounts as a file beside {@code users.xml} (in {@code users.d/}), for a server whose users are in files. The same
 * accounts give the same text, whatever their order.
 */
public final class AccountsXml {

    private AccountsXml() {}

    public static String render(WarehouseSettings settings, List<ReaderAccount> accounts) {
        ReaderViews views = new ReaderViews(settings);
        StringBuilder profiles = new StringBuilder();
        StringBuilder quotas = new StringBuilder();
        StringBuilder users = new StringBuilder(owner(settings, views));
        accounts.stream().sorted(Comparator.comparing(ReaderAccount::username)).forEach(account -> {
            profiles.append(profile(account));
            quotas.append(quota(account));
            users.append(user(account, views));
        });
        return """
                <clickhouse>
                <profiles>
                %s</profiles>
                <quotas>
                %s</quotas>
                <users>
                %s</users>
                </clickhouse>
                """.formatted(profiles, quotas, users);
    }

    private static String owner(WarehouseSettings settings, ReaderViews views) {
        StringBuilder grants = new StringBuilder();
        StringBuilder filters = new StringBuilder();
        for (String table : views.tables()) {
            grants.append("<query>GRANT SELECT ON " + settings.database() + "." + table + "</query>\n");
            filters.append("<" + table + "><filter>" + views.rowFilter() + "</filter></" + table + ">\n");
        }
        // It must have a way to sign in; nobody comes from that address, and no password has that hash.
        return """
                <%1$s>
                <password_sha256_hex>%2$s</password_sha256_hex>
                <networks><ip>255.255.255.255</ip></networks>
                <profile>default</profile><quota>default</quota>
                <grants>
                %3$s</grants>
                <databases><%4$s>
                %5$s</%4$s></databases>
                </%1$s>
                """.formatted(views.owner(), "0".repeat(64), grants, settings.database(), filters);
    }

    private static String profile(ReaderAccount account) {
        StringBuilder profile = new StringBuilder("<" + account.username() + ">\n");
        account.constants()
                .forEach((setting, value) -> profile.append("<" + setting + ">" + value + "</" + setting + ">\n"));
        profile.append("<constraints>\n");
        account.constants()
                .keySet()
                .forEach(setting -> profile.append("<" + setting + "><const/></" + setting + ">\n"));
        ReaderAccount.CHANGEABLE.forEach(
                setting -> profile.append("<" + setting + "><changeable_in_readonly/></" + setting + ">\n"));
        return profile.append("</constraints>\n</" + account.username() + ">\n").toString();
    }

    private static String quota(ReaderAccount account) {
        Limits limits = account.limits();
        return """
                <%1$s>%2$s<interval><duration>3600</duration><queries>%3$d</queries><read_rows>%4$d</read_rows>\
                <execution_time>%5$d</execution_time></interval></%1$s>
                """.formatted(
                        account.username(),
                        account.use() == ReaderAccount.Use.PEOPLE ? "<keyed/>" : "",
                        limits.queriesPerHour(),
                        limits.readRowsPerHour(),
                        limits.executionTimePerHour().toSeconds());
    }

    private static String user(ReaderAccount account, ReaderViews views) {
        return """
                <%1$s>
                <password_sha256_hex>%2$s</password_sha256_hex>
                <networks><ip>127.0.0.1</ip><ip>::1</ip></networks>
                <profile>%1$s</profile><quota>%1$s</quota>
                <default_database>%3$s</default_database>
                <grants><query>GRANT SELECT ON %3$s.*</query></grants>
                </%1$s>
                """.formatted(account.username(), account.passwordSha256(), views.database(account.masked()));
    }
}

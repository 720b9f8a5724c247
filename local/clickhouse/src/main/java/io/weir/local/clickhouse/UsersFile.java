package io.weir.local.clickhouse;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Renders {@code users.xml}. */
final class UsersFile {

    private UsersFile() {}

    static String render(List<Account> accounts) {
        StringBuilder profiles = new StringBuilder();
        StringBuilder users = new StringBuilder();
        for (Account account : accounts) {
            profiles.append("    <").append(account.name()).append(">\n");
            for (Map.Entry<String, String> setting : new TreeMap<>(account.settings()).entrySet()) {
                profiles.append("      ").append(element(setting.getKey(), setting.getValue()));
            }
            profiles.append("    </").append(account.name()).append(">\n");
            users.append(user(account));
        }
        // The engine boots as `default`, which must exist and have no password: it may start the listeners, and no more
        // than the two queries of that are ever counted to its quota.
        return """
                <!-- Written at every start. -->
                <clickhouse>
                  <profiles>
                    <default>
                      <implicit_select>0</implicit_select>
                      <allow_introspection_functions>0</allow_introspection_functions>
                    </default>
                %s  </profiles>
                  <quotas>
                    <default></default>
                    <boot><interval><duration>2000000000</duration><queries>2</queries></interval></boot>
                  </quotas>
                  <users>
                    <default>
                      <no_password/>
                      <networks><ip>127.0.0.1</ip></networks>
                      <profile>default</profile>
                      <quota>boot</quota>
                      <grants><query>GRANT SYSTEM LISTEN ON *.*</query></grants>
                    </default>
                %s  </users>
                </clickhouse>
                """.formatted(profiles, users);
    }

    private static String user(Account account) {
        StringBuilder user = new StringBuilder();
        user.append("    <").append(account.name()).append(">\n");
        user.append("      ").append(element("password_sha256_hex", account.passwordSha256()));
        user.append("      <networks><ip>127.0.0.1</ip><ip>::1</ip></networks>\n");
        user.append("      ").append(element("profile", account.name()));
        user.append("      ").append(element("quota", "default"));
        if (account.isAdmin()) {
            for (String right : List.of(
                    "access_management",
                    "named_collection_control",
                    "show_named_collections",
                    "show_named_collections_secrets")) {
                user.append("      ").append(element(right, "1"));
            }
        } else {
            user.append("      <grants>\n");
            for (String grant : account.grants()) {
                user.append("        ").append(element("query", grant));
            }
            user.append("      </grants>\n");
        }
        return user.append("    </").append(account.name()).append(">\n").toString();
    }

    private static String element(String name, String value) {
        return "<" + name + ">"
                + value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") + "</" + name + ">\n";
    }
}

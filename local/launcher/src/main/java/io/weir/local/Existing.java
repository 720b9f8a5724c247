package io.weir.local;

import java.net.URI;
import java.nio.file.Path;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Servers that are there already and are used instead of own ones; kept in the home, so that they are named once.
 *
 * @param kafka {@code HOST:PORT[,HOST:PORT...]}
 */
record Existing(
        @Nullable String kafka,
        @Nullable Login clickhouse,
        @Nullable Login postgresql) {

    private static final String OWN = "own";

    /**
     * Where a server is, and who may use it.
     *
     * @param uri without user and password
     */
    record Login(URI uri, String username, String password) {

        /** Reads {@code scheme://USER@HOST:PORT}; the password is not part of it, because anyone can see a command line. */
        static Login of(String option, String given, String scheme, @Nullable String password) {
            URI uri;
            try {
                uri = URI.create(given);
            } catch (IllegalArgumentException e) {
                throw new Failure(option + " " + given + " is not an address: " + e.getMessage());
            }
            String user = uri.getRawUserInfo();
            boolean known = scheme.equals(uri.getScheme()) || (scheme + "s").equals(uri.getScheme());
            if (!known || uri.getHost() == null || uri.getPort() < 0 || user == null || user.contains(":")) {
                throw new Failure(option + " must look like " + scheme + "://USER@HOST:PORT, not " + given);
            }
            if (password == null) {
                throw new Failure(option + " needs the password of " + user + " in the variable " + variable(option));
            }
            return new Login(URI.create(uri.getScheme() + "://" + uri.getHost() + ":" + uri.getPort()), user, password);
        }

        private static String variable(String option) {
            return "WEIR_" + option.substring(2).toUpperCase(java.util.Locale.ROOT) + "_PASSWORD";
        }

        @Override
        public String toString() {
            return uri.getScheme() + "://" + username + "@" + uri.getAuthority();
        }
    }

    /** With what is said now; {@code own} takes back what was said before. */
    Existing with(@Nullable String newKafka, @Nullable String newClickhouse, @Nullable String newPostgresql) {
        return new Existing(
                newKafka == null ? kafka : OWN.equals(newKafka) ? null : newKafka,
                newClickhouse == null ? clickhouse : login("--clickhouse", newClickhouse, "http"),
                newPostgresql == null ? postgresql : login("--postgresql", newPostgresql, "postgresql"));
    }

    private static @Nullable Login login(String option, String given, String scheme) {
        return OWN.equals(given) ? null : Login.of(option, given, scheme, System.getenv(Login.variable(option)));
    }

    static Existing read(Home home) {
        Properties known = Home.read(file(home));
        return new Existing(known.getProperty("kafka"), login(known, "clickhouse"), login(known, "postgresql"));
    }

    void write(Home home) {
        Properties known = new Properties();
        if (kafka != null) {
            known.setProperty("kafka", kafka);
        }
        put(known, "clickhouse", clickhouse);
        put(known, "postgresql", postgresql);
        Home.write(file(home), known);
    }

    private static Path file(Home home) {
        return home.config("existing-servers.properties");
    }

    private static @Nullable Login login(Properties known, String name) {
        String uri = known.getProperty(name);
        return uri == null
                ? null
                : new Login(
                        URI.create(uri),
                        known.getProperty(name + ".username", ""),
                        known.getProperty(name + ".password", ""));
    }

    private static void put(Properties known, String name, @Nullable Login login) {
        if (login != null) {
            known.setProperty(name, login.uri().toString());
            known.setProperty(name + ".username", login.username());
            known.setProperty(name + ".password", login.password());
        }
    }
}

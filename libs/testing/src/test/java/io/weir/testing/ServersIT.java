package io.weir.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class ServersIT {

    @Test
    void clickHouseKeepsAddressAndDataOverAKill() {
        try (ClickHouseServer server = ClickHouseServer.fresh()) {
            String table = server.freshDatabase() + ".t";
            server.query("CREATE TABLE " + table + " (x UInt8) ENGINE = MergeTree ORDER BY x");
            server.query("INSERT INTO " + table + " VALUES (42)");

            server.kill();
            server.start();

            assertThat(server.query("SELECT x FROM " + table)).isEqualTo("42");
        }
    }

    @Test
    void postgresGivesDatabasesApart() throws Exception {
        String one = PostgresServer.shared().freshDatabase();
        String two = PostgresServer.shared().freshDatabase();
        try (Connection connection = DriverManager.getConnection(one);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t AS SELECT 42 AS x");
        }
        try (Connection connection = DriverManager.getConnection(two);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM pg_tables WHERE tablename = 't'")) {
            rows.next();
            assertThat(rows.getInt(1)).isZero();
        }
    }
}

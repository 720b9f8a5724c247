package io.weir.warehouse;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.testing.ClickHouseServer;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class WarehouseIT {

    @Test
    @Timeout(300)
    void anInsertIntoAServerThatHangsInTheMiddleOfTheBodyEnds() {
        try (ClickHouseServer server = ClickHouseServer.fresh()) {
            String database = server.freshDatabase();
            Warehouse warehouse = new Warehouse(new WarehouseSettings(
                    server.url(),
                    server.username(),
                    server.password(),
                    database,
                    "",
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(1)));
            server.query("CREATE TABLE " + warehouse.table("lines") + " (line String) ENGINE = MergeTree ORDER BY ()");
            byte[] piece = new byte[1 << 20];
            new Random(1).nextBytes(piece);

            assertThatThrownBy(() -> warehouse.insert(
                            "INSERT INTO " + warehouse.table("lines") + " FORMAT RawBLOB",
                            "hangs",
                            "hangs",
                            Map.of(),
                            Warehouse.Compression.NONE,
                            out -> {
                                out.write(piece);
                                server.suspend();
                                // Far more than sockets hold.
                                for (int i = 0; i < 64; i++) {
                                    out.write(piece);
                                }
                            }))
                    .isInstanceOf(WarehouseException.class)
                    .hasMessageContaining("nothing of the request was taken");
            server.resume();
        }
    }
}

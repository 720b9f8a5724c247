package io.weir.retention;

import static io.weir.metadata.retention.RetainedTable.EVENTS;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.local.clickhouse.Account;
import io.weir.local.clickhouse.ClickHouseEngine;
import io.weir.local.clickhouse.EmbeddedClickHouse;
import io.weir.metadata.retention.RetentionPolicies;
import io.weir.retention.ArchivedTable.Content;
import io.weir.testing.FreePorts;
import io.weir.warehouse.WarehouseSettings;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All of it as the account that the local platform gives to tasks. */
class RightsIT {

    @TempDir
    private Path home;

    @Test
    void theAccountOfTasksMayDoAllThatIsNeeded() throws Exception {
        try (EmbeddedClickHouse server = EmbeddedClickHouse.builder(ClickHouseEngine.fetch(), home)
                .httpPort(FreePorts.next())
                .tcpPort(FreePorts.next())
                .memory(1L << 30)
                .account(Account.archivist("weir_task", "secret", "weir"))
                .build()) {
            server.start();
            Store store = new Store(new WarehouseSettings(server.url().toString(), "weir_task", "secret", "weir", ""));
            store.events(1, 300, 40, "acme,early");
            store.events(2, 300, 10, "acme,early");
            store.rollUp();
            Content all = store.live(EVENTS);
            try (Task task = new Task(store, store.url())) {
                task.bean(RetentionPolicies.class).set("early", EVENTS, OptionalInt.of(5), "somebody");
                task.complete("weir.retention.dry-run=true");
                task.complete();
                store.assertBooksClose(EVENTS, all);
                assertThat(store.partitions(EVENTS)).containsExactly(store.partition(10));

                task.complete("weir.retention.restore=events:" + store.partition(40));
                task.complete("weir.retention.restore=events:" + store.partition(10));
                assertThat(store.live(EVENTS)).isEqualTo(all);
            }
        }
    }
}

package io.weir.warehouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.ClickHouseServer;
import io.weir.warehouse.rollup.Dimension;
import io.weir.warehouse.rollup.Grain;
import io.weir.warehouse.rollup.Measure;
import io.weir.warehouse.rollup.Rollup;
import io.weir.warehouse.rollup.Rollup.Subject;
import io.weir.warehouse.rollup.RollupCatalogue;
import io.weir.warehouse.rollup.RollupSql;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The catalogue against the tables, and the SQL that follows from it. */
class RollupCatalogueIT {

    private final ClickHouseServer server = ClickHouseServer.shared();
    private final Warehouse warehouse = new Warehouse(
            new WarehouseSettings(server.url(), server.username(), server.password(), server.freshDatabase(), ""));

    @BeforeEach
    void makeTables() throws InterruptedException {
        new Migrations(warehouse).apply();
    }

    @Test
    void everyRollupHasTheColumnsOfItsTable() {
        assertThat(RollupCatalogue.rollups()).allSatisfy(rollup -> {
            List<String> columns = new ArrayList<>(rollup.grain().timeColumns());
            rollup.dimensions().stream().map(Dimension::name).forEach(columns::add);
            if (rollup.grain() == Grain.HOUR) {
                columns.add("sealed");
            }
            rollup.measures().stream().map(Measure::column).forEach(columns::add);
            assertThat(query("SELECT name FROM system.columns WHERE database = '"
                                    + warehouse.settings().database() + "' AND table = '" + rollup.table()
                                    + "' ORDER BY position")
                            .lines())
                    .as(rollup.table())
                    .containsExactlyElementsOf(columns);
            assertThat(query("SELECT partition_key FROM system.tables WHERE database = '"
                            + warehouse.settings().database() + "' AND name = '" + rollup.table() + "'"))
                    .isEqualTo(rollup.grain().partition());
        });
    }

    @Test
    void noTableOfRollupsIsMissing() {
        assertThat(query("SELECT name FROM system.tables WHERE database = '"
                                + warehouse.settings().database()
                                + "' AND engine LIKE '%AggregatingMergeTree'")
                        .lines())
                .containsExactlyInAnyOrderElementsOf(
                        RollupCatalogue.rollups().stream().map(Rollup::table).toList());
    }

    @Test
    void theNarrowestRollupThatHasTheDimensionsIsTheOneWithTheFewest() {
        assertThat(narrowest(Grain.SUMMARY, Set.of())).contains("endpoint_day");
        assertThat(narrowest(Grain.SUMMARY, Set.of("endpoint_template"))).contains("endpoint_day");
        assertThat(narrowest(Grain.SUMMARY, Set.of("tenant"))).contains("tenant_day");
        assertThat(narrowest(Grain.WEEK, Set.of("endpoint_template", "tenant"))).contains("tenant_week");
        assertThat(narrowest(Grain.WEEK, Set.of("endpoint_template", "country")))
                .isEmpty();
        assertThat(narrowest(Grain.DAY, Set.of("endpoint_template"))).contains("rollup_day");
        assertThat(RollupCatalogue.narrowest(Subject.MEASUREMENTS, Grain.SUMMARY, Set.of()))
                .isEmpty();
    }

    private static Optional<String> narrowest(Grain grain, Set<String> dimensions) {
        return RollupCatalogue.narrowest(Subject.EVENTS, grain, dimensions).map(Rollup::table);
    }

    @Test
    void everyMeasureOfAnHourIsWhatTheSameOverEventsGives() {
        insert("a", "'2026-11-01 10:00:00'", "'u1'", "12.5", "200", "''");
        insert("b", "'2026-11-01 10:59:59'", "'u1'", "0.29", "503", "''");
        insert("c", "'2026-11-01 10:30:00'", "''", "NULL", "0", "'error'");
        insert("d", "'2026-11-01 11:00:00'", "'u1'", "12.5", "200", "''");
        for (Subject subject : Subject.values()) {
            Rollup rollup = RollupCatalogue.rollup(subject, Grain.HOUR);
            RollupSql sql = new RollupSql(rollup);
            String table = warehouse.table(rollup.table());
            String condition = "toStartOfHour(timestamp) = '2026-11-01 10:00:00'";
            String named = " SETTINGS prefer_column_name_to_alias = 1";
            query("INSERT INTO " + table + " (" + sql.columns() + ") "
                    + sql.hoursOfEvents(warehouse.table(Tables.EVENTS), condition) + named);
            assertThat(query(RollupSql.firstBeside(
                                    sql.rows(table, "1"), sql.rowsOfEvents(warehouse.table(Tables.EVENTS), condition))
                            + named))
                    .isEmpty();
            assertThat(query(sql.checksums(rollup, table, "1") + named))
                    .isEqualTo(query(sql.checksumsOfEvents(warehouse.table(Tables.EVENTS), condition) + named))
                    .startsWith("1793527200\t" + (subject == Subject.EVENTS ? 3 : 6) + "\t");
        }
        assertThat(query("SELECT sum(events), sum(errors), sum(latency_count), min(latency_min), max(latency_max),"
                        + " sum(latency_ns), uniqMerge(users) FROM " + warehouse.table("rollup_hour")))
                .isEqualTo("3\t2\t2\t0.29\t12.5\t12790000\t1");
        assertThat(query("SELECT name, sum(count), min(min), max(max), sum(sum), argMaxMerge(last) FROM "
                        + warehouse.table("measurement_hour") + " GROUP BY name ORDER BY name"))
                .isEqualTo("h\t3\t0.1\t0.1\t0.3\t0.1\nt\t3\t-3.5\t-3.5\t-10.5\t-3.5");
    }

    @Test
    void theMinuteIsLiveAndLeavesOutWhatItWouldExpire() {
        insert("a", "now()", "'u1'", "12.5", "503", "''");
        insert("b", "now()", "'u2'", "NULL", "200", "''");
        insert("c", "now() - INTERVAL 8 DAY", "'u3'", "1", "200", "''");
        assertThat(query("SELECT sum(events), sum(errors), uniqMerge(users), sum(latency_ns),"
                        + " quantilesBFloat16Merge(0.5)(latency_quantiles) FROM "
                        + warehouse.table("rollup_minute")))
                .isEqualTo("2\t1\t2\t12500000\t[12.5]");
    }

    @Test
    void aQuantileThatTheStateWasNotMadeForCanBeAskedFor() {
        insert("a", "now()", "''", "7", "200", "''");
        assertThat(query("SELECT quantilesBFloat16Merge(0.999)(latency_quantiles) FROM "
                        + warehouse.table("rollup_minute")))
                .isEqualTo("[7]");
    }

    private void insert(String id, String time, String user, String latency, String status, String severity) {
        query("INSERT INTO " + warehouse.table(Tables.EVENTS)
                + " (id, tenant, timestamp, type, source, user_id, latency_ms, status_code, severity, measurements) SELECT '"
                + id + "', 't', " + time + ", 'request', '" + id + "', " + user + ", " + latency + ", " + status + ", "
                + severity + ", map('t', -3.5, 'h', 0.1)");
    }

    private String query(String sql) {
        return warehouse.query(sql).stripTrailing();
    }
}

package io.weir.rollup;

import io.weir.task.JobLock;
import io.weir.warehouse.Migrations;
import io.weir.warehouse.Warehouse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Tables that a run works in, and their exchange for what readers see. A table of another run is dropped at the start of the
 * next: so a statement of a killed run that arrives late finds nothing to put in place.
 */
final class Workbench {

    private static final String PREFIX = "rollup_tmp_";

    private final Statements statements;
    private final Warehouse warehouse;
    private final JobLock locks;

    Workbench(Statements statements, Warehouse warehouse, JobLock locks) {
        this.statements = statements;
        this.warehouse = warehouse;
        this.locks = locks;
    }

    /** Makes the tables if they are not there, and puts an end to what a killed run has left. One run at a time may be going on. */
    void clear() throws InterruptedException {
        new Migrations(warehouse).apply();
        statements.endOthers();
        List<String[]> left = statements.rows(
                "SELECT name FROM system.tables WHERE database = '" + statements.database() + "' AND startsWith(name, '"
                        + PREFIX + "')",
                Map.of());
        left.forEach(row -> drop(row[0]));
    }

    /** The tables of one step, dropped when it ends. */
    Bench bench(long execution) {
        return new Bench(execution);
    }

    /** Takes a partition away from readers, if it is there. */
    void dropPartition(String table, String partition) {
        alter(table, "DROP PARTITION " + partition);
    }

    private void alter(String table, String action) {
        locks.requireHeld();
        statements.run("ALTER TABLE " + statements.table(table) + " " + action);
    }

    private void drop(String name) {
        statements.run("DROP TABLE IF EXISTS " + statements.table(name) + statements.onCluster() + " SYNC");
    }

    /** The tables of one step. */
    final class Bench implements AutoCloseable {

        private final long execution;
        private final List<String> tables = new ArrayList<>();

        private Bench(long execution) {
            this.execution = execution;
        }

        /** An empty table like another. Gives its name with the database. */
        String like(String table) {
            String name = PREFIX + execution + "_" + (tables.size() + 1) + "_" + table;
            tables.add(name);
            drop(name); // of an attempt of the same step
            statements.run("CREATE TABLE " + statements.table(name) + statements.onCluster() + " AS "
                    + statements.table(table));
            return statements.table(name);
        }

        /** A table that holds the parts that a partition has now, and stays so. Takes no space until the other one changes. */
        String snapshot(String table, String partition) {
            String copy = like(table);
            // Merges of what is to be dropped are wasted.
            statements.run(
                    "ALTER TABLE " + copy + statements.onCluster()
                            + " MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1, max_bytes_to_merge_at_min_space_in_pool = 1");
            statements.run(
                    "ALTER TABLE " + copy + " ATTACH PARTITION " + partition + " FROM " + statements.table(table));
            return copy;
        }

        /**
         * Puts what the step has made in the place of a partition. Readers see all of the one or all of the other.
         *
         * @param made the name with the database
         */
        void replace(String table, String partition, String made) {
            boolean empty =
                    statements.run("SELECT count() FROM " + made).strip().equals("0");
            alter(table, empty ? "DROP PARTITION " + partition : "REPLACE PARTITION " + partition + " FROM " + made);
        }

        /** Drops them. What cannot be dropped, the next run drops. */
        @Override
        public void close() {
            Collections.reverse(tables);
            tables.forEach(Workbench.this::drop);
        }
    }
}

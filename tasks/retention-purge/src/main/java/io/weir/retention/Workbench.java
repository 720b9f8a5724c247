package io.weir.retention;

import io.weir.task.JobLock;
import java.security.SecureRandom;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tables that a run works in. Each has a name that no other run gives: a statement of a killed run that comes late finds its table
 * gone, and fails.
 */
final class Workbench {

    private static final String TEMPORARY = "retention_tmp_";
    private static final Pattern KEPT = Pattern.compile("retention_(hold|restore)_[0-9a-f]+_([a-z_]+)_(\\d{8})");

    /** What a table that outlives its run is for. */
    enum Purpose {
        /** Holds what has been taken out of a table and not been dropped yet; or, empty, says that a tenant's rows are being deleted. */
        HOLD,
        /** Holds what is to be put back into a table. */
        RESTORE
    }

    /**
     * A table that says by its name what a run was about.
     *
     * @param tenant as {@link Item#tenant}
     */
    record Kept(String name, Purpose purpose, String table, String partition, String tenant) {}

    private final Statements statements;
    private final JobLock locks;
    private final SecureRandom random = new SecureRandom();

    Workbench(Statements statements, JobLock locks) {
        this.statements = statements;
        this.locks = locks;
    }

    /** An empty table like another. To be dropped by whoever made it. Gives its name without the database. */
    String temporary(String table) {
        return like(TEMPORARY + unique() + table, table, "");
    }

    /** A table that holds the rows that a partition has now, and stays so. Its parts are the same files until one of the two merges them. */
    String snapshot(String table, String partition) {
        String copy = temporary(table);
        statements.run("ALTER TABLE " + statements.table(copy) + " ATTACH PARTITION " + partition + " FROM "
                + statements.table(table));
        return copy;
    }

    Kept keep(Purpose purpose, Item item) {
        String name = "retention_" + (purpose == Purpose.HOLD ? "hold_" : "restore_") + unique()
                + item.table().table() + "_" + item.partition();
        like(name, item.table().table(), item.tenant());
        return new Kept(name, purpose, item.table().table(), item.partition(), item.tenant());
    }

    /** Moves all that a partition has at that moment, at once. */
    void move(String from, String partition, String to) {
        locks.requireHeld();
        statements.run("ALTER TABLE " + statements.table(from) + " MOVE PARTITION " + partition + " TO TABLE "
                + statements.table(to));
    }

    /** Deletes the rows of a partition for which the condition holds. */
    void delete(String table, String partition, String condition) {
        locks.requireHeld();
        statements.run("DELETE FROM " + statements.table(table) + statements.onCluster() + " IN PARTITION " + partition
                + " WHERE " + condition);
    }

    void drop(String name) {
        statements.run("DROP TABLE IF EXISTS " + statements.table(name) + statements.onCluster() + " SYNC");
    }

    /** What runs that were killed have left to be decided. */
    List<Kept> kept() {
        return statements
                .rows("SELECT name, comment FROM system.tables WHERE database = '" + statements.database()
                        + "' AND (startsWith(name, 'retention_hold_') OR startsWith(name, 'retention_restore_'))"
                        + " ORDER BY name")
                .stream()
                .map(row -> {
                    Matcher name = KEPT.matcher(row[0]);
                    if (!name.matches()) {
                        throw new IllegalStateException(
                                "the table " + row[0] + " is called as retention-purge calls its own, and is none");
                    }
                    return new Kept(
                            row[0],
                            name.group(1).equals("hold") ? Purpose.HOLD : Purpose.RESTORE,
                            name.group(2),
                            name.group(3),
                            row[1]);
                })
                .toList();
    }

    /** Drops what runs that were killed have left and nobody needs. */
    void clear() {
        statements
                .rows("SELECT name FROM system.tables WHERE database = '" + statements.database()
                        + "' AND startsWith(name, '" + TEMPORARY + "')")
                .forEach(row -> drop(row[0]));
    }

    private String like(String name, String table, String comment) {
        statements.run("CREATE TABLE " + statements.table(name) + statements.onCluster() + " AS "
                + statements.table(table) + " COMMENT " + Statements.literal(comment));
        return name;
    }

    private String unique() {
        return "%08x_".formatted(random.nextInt());
    }
}

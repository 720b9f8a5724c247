package io.weir.retention;

import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.retention.RetainedTable;
import io.weir.retention.ArchivedTable.Content;
import io.weir.retention.ArchivedTable.Summary;
import io.weir.retention.Manifest.Entry;
import io.weir.retention.Manifest.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Archives, verifies and drops. Each may be repeated from any point.
 *
 * <p>A partition leaves its table by being moved, all at once, into a table of its own; only when that holds exactly what the
 * verified files hold is it dropped, and put back otherwise. So a row that comes at any moment is either in the files or in the table.
 * A tenant's rows in a partition that stays are deleted by the time at which they were stored, up to which all are in the files.
 */
final class Purge {

    private static final Logger LOG = LoggerFactory.getLogger(Purge.class);
    private static final Pattern GENERATION = Pattern.compile(".*-(\\d+)(?:-h\\d\\d)?\\.parquet");
    private static final int ATTEMPTS = 3;

    private final Statements statements;
    private final Manifest manifest;
    private final Archive archive;
    private final Workbench workbench;
    private final Rollups rollups;
    private final AuditLog audit;
    private final Duration settle;
    private final long rowsPerFile;
    private final Map<RetainedTable, ArchivedTable> tables = new TreeMap<>();

    Purge(
            Statements statements,
            Manifest manifest,
            Archive archive,
            Workbench workbench,
            Rollups rollups,
            AuditLog audit,
            Duration settle,
            long rowsPerFile) {
        this.statements = statements;
        this.manifest = manifest;
        this.archive = archive;
        this.workbench = workbench;
        this.rollups = rollups;
        this.audit = audit;
        this.settle = settle;
        this.rowsPerFile = rowsPerFile;
    }

    /**
     * What came of a drop.
     *
     * @param leftOut why it was not dropped, for a person; empty if it was
     */
    record Dropped(long rows, String leftOut) {}

    synchronized ArchivedTable table(RetainedTable retained) {
        return tables.computeIfAbsent(retained, table -> ArchivedTable.read(table, statements));
    }

    /** Writes the files. Gives how many rows they hold. */
    long archive(Item item, long execution) {
        ArchivedTable table = table(item.table());
        if (isGone(item)) {
            return 0;
        }
        String limit = item.isWhole() || !table.receives()
                ? ""
                : " AND ingested_at <= " + Statements.literal(statements.settled(settle));
        List<Entry> known = manifest.of(table.name(), item.partition()).stream()
                .filter(entry -> entry.tenant().equals(item.tenant()))
                .toList();
        String snapshot = workbench.snapshot(table.name(), item.partition());
        try {
            String source = statements.table(snapshot);
            String condition = item.condition() + limit;
            Summary total = table.summary(table.rows(source, condition), statements);
            long rows = total.content().rows();
            if (rows == 0) {
                return 0;
            }
            List<Entry> restored = in(known, State.RESTORED);
            if (!restored.isEmpty() && Manifest.content(restored).equals(total.content())) {
                manifest.write(restored.stream()
                        .map(entry -> entry.with(State.WRITTEN, execution))
                        .toList());
                return rows;
            }
            Map<String, String> files = files(item, table, rows, known, rowsPerFile);
            // Before a file is written over, the manifest stops saying that it holds what it did.
            List<Entry> stale = in(known, State.WRITTEN, State.VERIFIED);
            withdraw(in(stale, State.VERIFIED));
            List<Entry> written = new ArrayList<>();
            files.forEach((file, hours) -> {
                String part = table.rows(source, condition + hours);
                Summary summary = hours.isEmpty() ? total : table.summary(part, statements);
                if (summary.content().rows() > 0) {
                    written.add(write(item, table, part, summary, file, execution));
                }
            });
            Content sum = Manifest.content(written);
            if (!sum.equals(total.content())) {
                throw new ArchiveDifferenceException(
                        item.key() + ": the files hold " + sum + ", not " + total.content());
            }
            Set<String> names = written.stream().map(Entry::file).collect(Collectors.toSet());
            stale.stream()
                    .filter(entry -> !names.contains(entry.file()))
                    .forEach(entry -> written.add(entry.with(State.DISCARDED, execution)));
            manifest.write(written);
            return rows;
        } finally {
            workbench.drop(snapshot);
        }
    }

    private static List<Entry> in(List<Entry> entries, State... states) {
        return entries.stream()
                .filter(entry -> Arrays.asList(states).contains(entry.state()))
                .toList();
    }

    private boolean isGone(Item item) {
        return statements.number(
                        "SELECT count() FROM " + statements.table(item.table().table()) + " WHERE " + item.condition())
                == 0;
    }

    /** The files to write, each with the condition that its rows have beyond the item's. */
    private static Map<String, String> files(
            Item item, ArchivedTable table, long rows, List<Entry> known, long rowsPerFile) {
        int generation = 1
                + in(known, State.DROPPED, State.RESTORED, State.DISCARDED).stream()
                        .mapToInt(entry -> generation(entry.file()))
                        .max()
                        .orElse(0);
        String name = table.name() + "/" + item.partition() + "/" + table.name() + "-" + item.partition()
                + (item.isWhole() ? "" : "-t-" + item.tenantInFiles()) + "-" + generation;
        int count = 1;
        for (int divisor : new int[] {1, 2, 3, 4, 6, 8, 12, 24}) {
            count = divisor;
            if (!table.hasHours() || rows / divisor <= rowsPerFile) {
                break;
            }
        }
        if (count == 1) {
            return Map.of(name + ".parquet", "");
        }
        Map<String, String> files = new TreeMap<>();
        int hours = 24 / count;
        for (int from = 0; from < 24; from += hours) {
            files.put(
                    name + "-h%02d.parquet".formatted(from),
                    " AND toHour(" + table.time() + ") >= " + from + " AND toHour(" + table.time() + ") < "
                            + (from + hours));
        }
        return files;
    }

    static int generation(String file) {
        Matcher name = GENERATION.matcher(file);
        return name.matches() ? Integer.parseInt(name.group(1)) : 0;
    }

    private Entry write(Item item, ArchivedTable table, String rows, Summary summary, String file, long execution) {
        String function = archive.function(file, table);
        statements.run("INSERT INTO FUNCTION " + function + " " + table.archived(rows));
        return new Entry(
                table.name(),
                item.tenant(),
                item.partition(),
                file,
                summary.content(),
                statements.number("SELECT _size FROM " + function + " LIMIT 1"),
                summary.first(),
                summary.last(),
                State.WRITTEN,
                execution);
    }

    /**
     * Reads the files back, makes rows of the table of them, and compares. Gives how many rows.
     *
     * @throws ArchiveDifferenceException naming the file that is not what was written
     */
    long verify(Item item, long execution) {
        ArchivedTable table = table(item.table());
        List<Entry> entries = manifest.of(item, State.WRITTEN);
        for (Entry entry : entries) {
            check(entry, table);
            archive.sync(entry.file());
        }
        manifest.write(entries.stream()
                .map(entry -> entry.with(State.VERIFIED, execution))
                .toList());
        return Manifest.content(entries).rows();
    }

    private void check(Entry entry, ArchivedTable table) {
        Content found = table.content(table.restored(archive.function(entry.file(), table)), statements);
        if (!found.equals(entry.content())) {
            throw new ArchiveDifferenceException("the archive " + entry.file() + " holds " + found + ", not "
                    + entry.content() + "; nothing has been dropped");
        }
    }

    /**
     * Drops what the verified files hold.
     *
     * @throws ArchiveDifferenceException if the table changed at every attempt
     */
    Dropped drop(Item item, long execution) throws Exception {
        ArchivedTable table = table(item.table());
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            List<Entry> verified = manifest.of(item, State.VERIFIED);
            if (verified.isEmpty()) {
                if (archive(item, execution) == 0) {
                    return new Dropped(0, "");
                }
                verify(item, execution);
                verified = manifest.of(item, State.VERIFIED);
            }
            List<Entry> files = verified;
            Optional<Dropped> dropped = rollups.without(table, () -> {
                String undone =
                        rollups.undone(item.table(), List.of(item.partition())).getOrDefault(item.partition(), "");
                if (!undone.isEmpty()) {
                    withdraw(files);
                    return Optional.of(new Dropped(0, item.table().table() + " " + item.partition() + ": " + undone));
                }
                boolean done = item.isWhole() ? dropPartition(item, table, files) : delete(item, table, files);
                return done ? Optional.of(new Dropped(Manifest.content(files).rows(), "")) : Optional.<Dropped>empty();
            });
            if (dropped.isPresent()) {
                return dropped.get();
            }
            LOG.info("{} has changed since it was archived: it is archived again", item.key());
            withdraw(files);
        }
        throw new ArchiveDifferenceException(
                item.key() + " changed while it was archived, " + ATTEMPTS + " times; nothing has been dropped");
    }

    /** The files stay, and are read back again or written over before anything is dropped. */
    void withdraw(List<Entry> files) {
        manifest.write(files.stream().map(entry -> entry.with(State.WRITTEN)).toList());
    }

    private boolean dropPartition(Item item, ArchivedTable table, List<Entry> files) {
        Workbench.Kept hold = workbench.keep(Workbench.Purpose.HOLD, item);
        workbench.move(table.name(), item.partition(), hold.name());
        return decide(hold, item, table, files);
    }

    /**
     * Decides what becomes of a partition that has been moved out: it goes if the files hold it, and is put back otherwise.
     *
     * @return whether it went
     */
    boolean decide(Workbench.Kept hold, Item item, ArchivedTable table, List<Entry> files) {
        Content held = table.content(table.rows(statements.table(hold.name()), item.condition()), statements);
        if (held.rows() > 0 && held.equals(Manifest.content(files))) {
            finish(item, files);
            workbench.drop(hold.name());
            return true;
        }
        // A crash of ClickHouse in the middle of a move may have left the parts in both.
        boolean isCopy = held.rows() > 0
                && held.equals(table.content(table.rows(statements.table(table.name()), item.condition()), statements));
        if (!isCopy) {
            workbench.move(hold.name(), item.partition(), table.name());
        }
        workbench.drop(hold.name());
        return false;
    }

    private boolean delete(Item item, ArchivedTable table, List<Entry> files) {
        Content live = table.content(
                table.rows(statements.table(table.name()), item.condition() + upTo(table, files)), statements);
        if (!live.equals(Manifest.content(files))) {
            return false;
        }
        Workbench.Kept mark = workbench.keep(Workbench.Purpose.HOLD, item);
        completeDelete(mark, item, table, files);
        return true;
    }

    /** Deletes a tenant's rows that are in the files. May be repeated. */
    void completeDelete(Workbench.Kept mark, Item item, ArchivedTable table, List<Entry> files) {
        if (files.isEmpty()) {
            workbench.drop(mark.name());
            return;
        }
        String limit = upTo(table, files);
        workbench.delete(table.name(), item.partition(), item.tenantCondition() + limit);
        long left = statements.number(
                "SELECT count() FROM " + statements.table(table.name()) + " WHERE " + item.condition() + limit);
        if (left != 0) {
            throw new ArchiveDifferenceException(item.key() + ": " + left + " rows were not deleted");
        }
        finish(item, files);
        workbench.drop(mark.name());
    }

    /** All that was stored until the newest row in the files is in the files. */
    private String upTo(ArchivedTable table, List<Entry> files) {
        if (!table.receives()) {
            return "";
        }
        String newest = files.stream()
                .map(entry -> "SELECT max(ingested_at) AS newest FROM " + archive.function(entry.file(), table))
                .collect(Collectors.joining(" UNION ALL "));
        Instant until = Instant.ofEpochMilli(
                statements.number("SELECT toUnixTimestamp64Milli(max(newest)) FROM (" + newest + ")"));
        return " AND ingested_at <= " + Statements.literal(until);
    }

    /** Nobody sees the rows any more, and the files hold them: puts that down. May be repeated. */
    private void finish(Item item, List<Entry> files) {
        if (item.table() == RetainedTable.EVENTS) {
            rollups.seal(item);
        }
        Content content = Manifest.content(files);
        Entry first = files.get(0);
        audit.appendOnce(
                "retention.purge:" + statements.database() + ":" + first.file() + ":" + first.execution(),
                new AuditEvent(
                        "retention-purge",
                        "retention.purge",
                        item.tenant().equals(Item.NOBODY) ? "" : item.tenant(),
                        item.table().table() + ":" + item.partition(),
                        Map.of(
                                "rows",
                                Long.toString(content.rows()),
                                "checksum",
                                content.checksum(),
                                "files",
                                files.stream().map(Entry::file).collect(Collectors.joining(" ")),
                                "job_execution",
                                Long.toString(first.execution()))));
        List<Entry> after = new ArrayList<>();
        files.forEach(entry -> after.add(entry.with(State.DROPPED)));
        // What had been restored is in the new files, or was deleted by somebody.
        manifest.of(item.table().table(), item.partition()).stream()
                .filter(entry -> entry.state() == State.RESTORED
                        && (item.isWhole() || entry.tenant().equals(item.tenant())))
                .forEach(entry -> after.add(entry.with(State.DISCARDED)));
        manifest.write(after);
    }
}

package io.weir.retention;

import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.retention.RetainedTable;
import io.weir.metadata.retention.RetentionHolds;
import io.weir.retention.ArchivedTable.Content;
import io.weir.retention.Manifest.Entry;
import io.weir.retention.Manifest.State;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Brings a day back. Its files are read into a table of its own, which is compared with the manifest and then moved into place at
 * once: whether that has happened is seen, after a crash, by that table being empty.
 */
final class Restore {

    private final Statements statements;
    private final Manifest manifest;
    private final Archive archive;
    private final Workbench workbench;
    private final Rollups rollups;
    private final RetentionHolds holds;
    private final AuditLog audit;

    Restore(
            Statements statements,
            Manifest manifest,
            Archive archive,
            Workbench workbench,
            Rollups rollups,
            RetentionHolds holds,
            AuditLog audit) {
        this.statements = statements;
        this.manifest = manifest;
        this.archive = archive;
        this.workbench = workbench;
        this.rollups = rollups;
        this.holds = holds;
        this.audit = audit;
    }

    /**
     * Restores a day. Gives how many rows came back: none if they are there already.
     *
     * @param keep how long it is kept from being purged again
     * @throws IllegalArgumentException if there is no archive of it
     * @throws ArchiveDifferenceException if the files are not what was verified; nothing is changed then
     */
    long restore(Item item, ArchivedTable table, Duration keep, long execution) throws Exception {
        List<Entry> all = manifest.of(table.name(), item.partition());
        List<Entry> files =
                all.stream().filter(entry -> entry.state() == State.DROPPED).toList();
        if (files.isEmpty() && all.stream().noneMatch(entry -> entry.state() == State.RESTORED)) {
            throw new IllegalArgumentException("weir.retention.restore is " + table.name() + ":" + item.partition()
                    + ": there is no archive of it");
        }
        holds.hold(item.table(), item.partition(), statements.now().plus(keep), "restored");
        if (files.isEmpty()) {
            return 0;
        }
        Workbench.Kept made = workbench.keep(Workbench.Purpose.RESTORE, item);
        for (Entry entry : files) {
            statements.run("INSERT INTO " + statements.table(made.name()) + " "
                    + table.restored(archive.function(entry.file(), table)));
        }
        Content expected = Manifest.content(files);
        Content found = table.content("SELECT * FROM " + statements.table(made.name()), statements);
        if (!found.equals(expected)) {
            workbench.drop(made.name());
            throw new ArchiveDifferenceException("the archive of " + table.name() + " " + item.partition() + " holds "
                    + found + ", not " + expected + "; nothing has been restored. Its files: "
                    + files.stream().map(Entry::file).collect(Collectors.joining(" ")));
        }
        return rollups.without(table, () -> {
            List<Entry> under = files.stream()
                    .map(entry -> entry.with(State.VERIFIED, execution))
                    .toList();
            manifest.write(under);
            workbench.move(made.name(), item.partition(), table.name());
            complete(made, item, under);
            return expected.rows();
        });
    }

    /** The rows are in place: puts that down. May be repeated. */
    void complete(Workbench.Kept made, Item item, List<Entry> files) {
        if (item.table() == RetainedTable.EVENTS) {
            rollups.unseal(item.partition());
        }
        Content content = Manifest.content(files);
        Entry first = files.get(0);
        audit.appendOnce(
                "retention.restore:" + statements.database() + ":" + first.file() + ":" + first.execution(),
                new AuditEvent(
                        "retention-purge",
                        "retention.restore",
                        "",
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
        manifest.write(files.stream().map(entry -> entry.with(State.RESTORED)).toList());
        workbench.drop(made.name());
    }
}

package io.weir.retention;

import io.weir.metadata.retention.RetainedTable;
import io.weir.retention.Manifest.Entry;
import io.weir.retention.Manifest.State;
import io.weir.warehouse.Migrations;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings what a killed run has left behind to one of its two ends. */
final class Recovery {

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final Statements statements;
    private final Manifest manifest;
    private final Workbench workbench;
    private final Rollups rollups;
    private final Purge purge;
    private final Restore restore;

    Recovery(
            Statements statements,
            Manifest manifest,
            Workbench workbench,
            Rollups rollups,
            Purge purge,
            Restore restore) {
        this.statements = statements;
        this.manifest = manifest;
        this.workbench = workbench;
        this.rollups = rollups;
        this.purge = purge;
        this.restore = restore;
    }

    /** Must be called before anything else is done; one run at a time may be going on. */
    void recover() throws Exception {
        new Migrations(statements.warehouse()).apply();
        statements.endOthers();
        for (Workbench.Kept kept : workbench.kept()) {
            Item item = new Item(RetainedTable.of(kept.table()).orElseThrow(), kept.partition(), kept.tenant(), 0, 0);
            ArchivedTable table = purge.table(item.table());
            LOG.warn("A run that was killed has left {} of {}; it is brought to an end", kept.name(), item.key());
            rollups.without(table, () -> {
                if (kept.purpose() == Workbench.Purpose.RESTORE) {
                    restore(kept, item);
                } else if (item.isWhole()) {
                    purge.decide(kept, item, table, newest(item));
                } else {
                    purge.completeDelete(kept, item, table, newest(item));
                }
                return kept;
            });
        }
        // Nothing has begun to be dropped that was verified and no more.
        purge.withdraw(manifest.in(State.VERIFIED));
        workbench.clear();
    }

    private void restore(Workbench.Kept kept, Item item) {
        List<Entry> files = manifest.of(item.table().table(), item.partition()).stream()
                .filter(entry -> entry.state() == State.VERIFIED)
                .toList();
        boolean isMoved = statements.number("SELECT count() FROM " + statements.table(kept.name())) == 0;
        if (isMoved && !files.isEmpty()) {
            restore.complete(kept, item, files);
            return;
        }
        manifest.write(files.stream().map(entry -> entry.with(State.DROPPED)).toList());
        workbench.drop(kept.name());
    }

    /** The files that the killed run had before it: verified ones, or those that it had put down as dropped. */
    private List<Entry> newest(Item item) {
        List<Entry> verified = manifest.of(item, State.VERIFIED);
        if (!verified.isEmpty()) {
            return verified;
        }
        List<Entry> dropped = manifest.of(item, State.DROPPED);
        int newest = dropped.stream()
                .mapToInt(entry -> Purge.generation(entry.file()))
                .max()
                .orElse(0);
        return dropped.stream()
                .filter(entry -> Purge.generation(entry.file()) == newest)
                .toList();
    }
}

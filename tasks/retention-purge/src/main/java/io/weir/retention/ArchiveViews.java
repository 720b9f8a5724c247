package io.weir.retention;

import io.weir.metadata.retention.RetainedTable;

/** Views that read archives where they are: {@code events_archive} and the like have what was dropped and not restored. */
final class ArchiveViews {

    private final Statements statements;
    private final Manifest manifest;
    private final Archive archive;
    private final Purge purge;

    ArchiveViews(Statements statements, Manifest manifest, Archive archive, Purge purge) {
        this.statements = statements;
        this.manifest = manifest;
        this.archive = archive;
        this.purge = purge;
    }

    static String name(RetainedTable table) {
        return table.table() + "_archive";
    }

    /** Defines the views of the tables that have archives. Gives how many. */
    int define() {
        if (!archive.mayBeViewed()) {
            return 0;
        }
        int defined = 0;
        for (String[] row : statements.rows("SELECT DISTINCT table FROM " + manifest.table())) {
            RetainedTable table = RetainedTable.of(row[0]).orElseThrow();
            ArchivedTable archived = purge.table(table);
            statements.run("CREATE OR REPLACE VIEW " + statements.table(name(table)) + statements.onCluster() + " AS "
                    + archived.restored(archive.function(table.table() + "/*/*.parquet", archived))
                    + " WHERE _file IN (SELECT arrayElement(splitByChar('/', file), -1) FROM " + manifest.table()
                    + " FINAL WHERE table = '" + table.table() + "' AND state = 'dropped')"
                    + " SETTINGS input_format_try_infer_dates = 0, input_format_try_infer_datetimes = 0");
            defined++;
        }
        return defined;
    }
}

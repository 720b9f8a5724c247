package io.weir.console.account;

import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import io.weir.warehouse.account.ReaderAccount;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Statements of people and programs in the audit log: that one is to run, with the whole of its text, before ClickHouse sees it, and what
 * came of it before its answer begins. The log holds the whole text, for what is cut off would be where to hide; a statement has a limit.
 * Of one that is refused it holds the beginning: nothing was run, and whoever repeats it is not to fill the database.
 */
@Component
public class StatementLog {

    private static final int KEPT_OF_A_REFUSED_ONE = 4096;

    private final AuditLog audit;

    StatementLog(AuditLog audit) {
        this.audit = audit;
    }

    /** A statement on record, whose end is to be. */
    public final class Statement {

        private final String actor;
        private final String tenant;
        private final String kind;
        private final String id;
        private final long began = System.nanoTime();
        private boolean isOver;

        private Statement(String actor, String tenant, String kind, String id) {
            this.actor = actor;
            this.tenant = tenant;
            this.kind = kind;
            this.id = id;
        }

        public void answered(long rows) {
            ended(Map.of("outcome", "answered", "rows", Long.toString(rows)));
        }

        /**
         * @param outcome such as {@code refused}, {@code failed} or {@code abandoned}
         * @param why the reason, or a code
         */
        public void ended(String outcome, String why) {
            ended(Map.of("outcome", outcome, "why", why));
        }

        /** What came of it is on record, or could not be put there. */
        boolean isOver() {
            return isOver;
        }

        private void ended(Map<String, String> outcome) {
            isOver = true;
            Map<String, String> detail = new HashMap<>(outcome);
            detail.put("millis", Long.toString((System.nanoTime() - began) / 1_000_000));
            audit.append(new AuditEvent(actor, kind + ".end", tenant, id, detail));
        }
    }

    /**
     * Puts a statement on record.
     *
     * @param kind what the actions in the log begin with
     * @param id under which it runs
     * @param parameters values of its parameters, as text
     */
    public Statement begin(
            String actor, @Nullable String tenant, String kind, String id, String sql, String parameters) {
        Statement statement = new Statement(actor, tenant == null ? "" : tenant, kind, id);
        audit.append(new AuditEvent(
                statement.actor,
                kind + ".query",
                statement.tenant,
                id,
                // The text may not come back as it was: the database has no place for half a surrogate pair.
                Map.of("sql", sql, "sha256", ReaderAccount.sha256(sql), "parameters", parameters)));
        return statement;
    }

    /**
     * Puts on record a statement that is not run, and that it is not.
     *
     * @param why the reason, or a code
     */
    public void refused(
            String actor, @Nullable String tenant, String kind, String id, String sql, String parameters, String why) {
        Statement statement = new Statement(actor, tenant == null ? "" : tenant, kind, id);
        audit.append(new AuditEvent(
                statement.actor,
                kind + ".query",
                statement.tenant,
                id,
                Map.of(
                        "sql_begins",
                        beginning(sql),
                        "length",
                        Integer.toString(sql.length()),
                        "sha256",
                        ReaderAccount.sha256(sql),
                        "parameters",
                        beginning(parameters))));
        statement.ended("refused", why);
    }

    private static String beginning(String text) {
        return text.substring(0, Math.min(text.length(), KEPT_OF_A_REFUSED_ONE));
    }
}

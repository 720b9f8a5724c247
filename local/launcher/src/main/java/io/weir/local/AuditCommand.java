package io.weir.local;

import io.weir.metadata.audit.AuditEntry;
import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir audit}. */
@Command(
        name = "audit",
        description = "Verifies and exports the audit log.",
        subcommands = {AuditCommand.Verify.class, AuditCommand.Export.class},
        synopsisSubcommandLabel = "COMMAND")
final class AuditCommand {

    private static final int PAGE = 1000;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "This text.")
    private boolean help;

    @Command(
            name = "verify",
            description =
                    "Computes the chain of hashes anew; ends with 1 if an entry was changed, taken out or put in.")
    static final class Verify implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(where.running())) {
                AuditLog.Verification found = metadata.bean(AuditLog.class).verify();
                if (!found.isIntact()) {
                    throw new Failure("the audit log is not intact: " + found.problem());
                }
                System.out.println(found.entries() + " entries, intact");
            }
            return 0;
        }
    }

    @Command(name = "export", description = "Prints the log, one JSON object a line.")
    static final class Export implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Option(
                names = "--after",
                paramLabel = "N",
                defaultValue = "0",
                description = "Only the entries after that number.")
        private long after;

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(where.running())) {
                AuditLog audit = metadata.bean(AuditLog.class);
                long last = audit.append(new AuditEvent(
                                UsersCommand.ACTOR, "audit.export", "", "audit", Map.of("after", Long.toString(after))))
                        .number();
                long number = after;
                while (number < last) {
                    List<AuditEntry> page = audit.entries(number, (int) Math.min(PAGE, last - number));
                    if (page.isEmpty()) {
                        throw new Failure("entries after " + number + " are missing: weir audit verify says more");
                    }
                    page.forEach(entry -> System.out.println(entry.asJson()));
                    number = page.get(page.size() - 1).number();
                }
            }
            return 0;
        }
    }
}

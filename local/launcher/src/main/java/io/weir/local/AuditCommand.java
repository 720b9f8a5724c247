package io.weir.local;

import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
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
                long[] number = {after};
                audit.read(after, last, null, entry -> {
                    System.out.println(entry.asJson());
                    number[0] = entry.number();
                });
                if (number[0] < last) {
                    throw new Failure("entries after " + number[0] + " are missing: weir audit verify says more");
                }
            }
            return 0;
        }
    }
}

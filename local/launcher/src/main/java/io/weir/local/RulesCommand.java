package io.weir.local;

import io.weir.metadata.alert.Alert;
import io.weir.metadata.alert.Alerts;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Rules;
import io.weir.metadata.rulebook.Change;
import io.weir.metadata.rulebook.RuleBook;
import io.weir.metadata.rulebook.RuleBookReader;
import io.weir.metadata.rulebook.RuleBookWriter;
import io.weir.metadata.rulebook.RuleBooks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir rules}: rules, channels, routes and what else belongs to alerts, as a YAML file. */
@Command(
        name = "rules",
        description = "Applies, lists and exports alert rules with their channels and routes.",
        subcommands = {RulesCommand.Apply.class, RulesCommand.ListRules.class, RulesCommand.Export.class},
        synopsisSubcommandLabel = "COMMAND")
final class RulesCommand {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "This text.")
    private boolean help;

    @Command(
            name = "apply",
            description =
                    "Creates what is in a YAML file and not there, and changes what is different; again does nothing.")
    static final class Apply implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Parameters(paramLabel = "FILE", description = "'-' reads it from standard input.")
        private String file = "";

        @Option(names = "--prune", description = "Delete what the file's lists do not name.")
        private boolean prune;

        @Option(names = "--dry-run", description = "Only say what would be done.")
        private boolean dryRun;

        @Override
        public Integer call() throws IOException {
            if (!file.equals("-") && !Files.isReadable(Path.of(file))) {
                throw new Failure("the file " + file + " is not there, or cannot be read");
            }
            String text = file.equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(Path.of(file));
            List<Change> changes;
            try {
                List<RuleBook> books = new RuleBookReader(System::getenv).read(text);
                try (Metadata metadata = Metadata.open(where.running())) {
                    changes =
                            metadata.bean(RuleBooks.class).apply(books, System.getProperty("user.name"), prune, dryRun);
                }
            } catch (IllegalArgumentException e) {
                throw new Failure(file + ": " + e.getMessage());
            }
            long unchanged = 0;
            for (Change change : changes) {
                if (change.action() == Change.Action.UNCHANGED) {
                    unchanged++;
                } else {
                    String done =
                            change.action().name().toLowerCase(Locale.ROOT).replace('_', ' ');
                    System.out.println(String.join("\t", change.tenant(), done, change.kind(), change.name()));
                }
            }
            System.out.println(unchanged + " unchanged" + (dryRun ? "; this was a dry run" : ""));
            return 0;
        }
    }

    @Command(name = "list", description = "Lists a tenant's rules and how many of their alerts fire.")
    static final class ListRules implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Mixin
        private TenantOption tenant = new TenantOption();

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(where.running())) {
                List<Alert> alerts = metadata.bean(Alerts.class).ofTenant(tenant.name());
                for (Rule rule : metadata.bean(Rules.class).ofTenant(tenant.name())) {
                    long firing = alerts.stream()
                            .filter(alert -> alert.rule().equals(rule.id()) && alert.isFiring())
                            .count();
                    System.out.println(String.join(
                            "\t",
                            rule.name(),
                            rule.severity().name().toLowerCase(Locale.ROOT),
                            rule.query().measure().name().toLowerCase(Locale.ROOT) + " "
                                    + rule.condition().describe(),
                            rule.enabled() ? firing + " firing" : "off"));
                }
            }
            return 0;
        }
    }

    @Command(
            name = "export",
            description = "Prints all that a tenant has for alerts as YAML that apply takes; secrets are masked.")
    static final class Export implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Mixin
        private TenantOption tenant = new TenantOption();

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(where.running())) {
                System.out.print(
                        RuleBookWriter.write(metadata.bean(RuleBooks.class).find(tenant.name())));
            }
            return 0;
        }
    }
}

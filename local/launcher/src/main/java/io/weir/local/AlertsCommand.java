package io.weir.local;

import io.weir.metadata.alert.Alert;
import io.weir.metadata.alert.AlertState;
import io.weir.metadata.alert.Alerts;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Rules;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir alerts}: how alerts stand. */
@Command(
        name = "alerts",
        description = "Lists and acknowledges alerts.",
        subcommands = {AlertsCommand.ListAlerts.class, AlertsCommand.Acknowledge.class, AlertsCommand.History.class},
        synopsisSubcommandLabel = "COMMAND")
final class AlertsCommand {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "This text.")
    private boolean help;

    private static Map<UUID, String> names(Metadata metadata, String tenant) {
        return metadata.bean(Rules.class).ofTenant(tenant).stream().collect(Collectors.toMap(Rule::id, Rule::name));
    }

    @Command(name = "list", description = "Lists the alerts that fire or are about to.")
    static final class ListAlerts implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Mixin
        private TenantOption tenant = new TenantOption();

        @Option(names = "--all", description = "Also those that are over.")
        private boolean all;

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(where.running())) {
                Map<UUID, String> names = names(metadata, tenant.name());
                for (Alert alert : metadata.bean(Alerts.class).ofTenant(tenant.name())) {
                    if (all || alert.isFiring() || alert.state() == AlertState.PENDING) {
                        System.out.println(String.join(
                                "\t",
                                alert.id().toString(),
                                alert.state().name().toLowerCase(Locale.ROOT),
                                "since " + alert.since(),
                                names.getOrDefault(alert.rule(), "-"),
                                alert.group().toString(),
                                alert.reason(),
                                alert.acknowledgedBy() == null ? "" : "acknowledged by " + alert.acknowledgedBy()));
                    }
                }
            }
            return 0;
        }
    }

    @Command(
            name = "ack",
            description =
                    "Says that somebody has taken alerts on: nothing is repeated or escalated until they fire anew.")
    static final class Acknowledge implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Mixin
        private TenantOption tenant = new TenantOption();

        @Option(names = "--by", paramLabel = "NAME", description = "Who has (default: the user of this machine).")
        private String by = System.getProperty("user.name");

        @Option(names = "--rule", paramLabel = "NAME", description = "All that fire of this rule.")
        private @Nullable String rule;

        @Parameters(arity = "0..*", paramLabel = "ID", description = "As in weir alerts list.")
        private List<UUID> ids = new ArrayList<>();

        @Override
        public Integer call() {
            if (ids.isEmpty() == (rule == null)) {
                throw new Failure("say which: either ids as in weir alerts list, or --rule");
            }
            try (Metadata metadata = Metadata.open(where.running())) {
                Alerts alerts = metadata.bean(Alerts.class);
                Map<UUID, String> names = names(metadata, tenant.name());
                List<UUID> wanted = rule == null
                        ? ids
                        : alerts.ofTenant(tenant.name()).stream()
                                .filter(alert -> rule.equals(names.get(alert.rule())))
                                .map(Alert::id)
                                .toList();
                Integer count = new TransactionTemplate(metadata.bean(PlatformTransactionManager.class))
                        .execute(status -> alerts.acknowledge(tenant.name(), wanted, by, Instant.now()));
                if (count == null || count == 0) {
                    throw new Failure("tenant '" + tenant.name()
                            + "' has none of these firing and not acknowledged; see weir alerts list");
                }
                System.out.println("Acknowledged: " + count);
            }
            return 0;
        }
    }

    @Command(name = "history", description = "Lists the latest changes of state, newest first.")
    static final class History implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Mixin
        private TenantOption tenant = new TenantOption();

        @Option(names = "-n", paramLabel = "COUNT", defaultValue = "50", description = "How many (${DEFAULT-VALUE}).")
        private int count = 50;

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(where.running())) {
                Map<UUID, String> names = names(metadata, tenant.name());
                for (Alerts.Entry entry : metadata.bean(Alerts.class).history(tenant.name(), count)) {
                    String by = entry.by();
                    System.out.println(String.join(
                            "\t",
                            entry.at().toString(),
                            names.getOrDefault(entry.rule(), "-"),
                            entry.labels(),
                            (entry.from() + " to " + entry.to()).toLowerCase(Locale.ROOT),
                            entry.reason() + (by == null ? "" : " by " + by)));
                }
            }
            return 0;
        }
    }
}

package io.weir.local;

import io.weir.metadata.notify.Channel;
import io.weir.metadata.notify.Outbox;
import io.weir.metadata.notify.Outbox.Attempt;
import io.weir.metadata.notify.Routing;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir channels}: ways to people and systems. */
@Command(
        name = "channels",
        description = "Lists and tests channels, and shows what was delivered.",
        subcommands = {ChannelsCommand.ListChannels.class, ChannelsCommand.Test.class, ChannelsCommand.Deliveries.class
        },
        synopsisSubcommandLabel = "COMMAND")
final class ChannelsCommand {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "This text.")
    private boolean help;

    static Channel named(Routing routing, String tenant, String name) {
        List<Channel> channels = routing.directory(tenant).channels();
        return channels.stream()
                .filter(channel -> channel.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new Failure("tenant '" + tenant + "' has no channel '" + name + "'; it has: "
                        + channels.stream().map(Channel::name).collect(Collectors.joining(", "))));
    }

    private static String line(Attempt attempt, String channel) {
        return String.join(
                "\t",
                attempt.at().toString(),
                channel,
                "attempt " + attempt.attempt(),
                attempt.outcome().toLowerCase(Locale.ROOT),
                attempt.detail(),
                attempt.millis() + " ms");
    }

    @Command(name = "list", description = "Lists a tenant's channels.")
    static final class ListChannels implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Mixin
        private TenantOption tenant = new TenantOption();

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(where.running())) {
                for (Channel channel :
                        metadata.bean(Routing.class).directory(tenant.name()).channels()) {
                    System.out.println(String.join(
                            "\t",
                            channel.name(),
                            channel.kind().name().toLowerCase(Locale.ROOT),
                            channel.enabled() ? "on" : "off"));
                }
            }
            return 0;
        }
    }

    @Command(name = "test", description = "Has the next alert scan send a test, and says how it went.")
    static final class Test implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Mixin
        private TenantOption tenant = new TenantOption();

        @Parameters(paramLabel = "NAME", description = "As in weir channels list.")
        private String name = "";

        @Option(
                names = "--wait",
                paramLabel = "SECONDS",
                defaultValue = "150",
                description = "For how long, at most (${DEFAULT-VALUE}).")
        private int seconds = 150;

        @Override
        public Integer call() throws InterruptedException {
            try (Metadata metadata = Metadata.open(where.running())) {
                Channel channel = named(metadata.bean(Routing.class), tenant.name(), name);
                Outbox outbox = metadata.bean(Outbox.class);
                UUID notice = outbox.test(channel, System.getProperty("user.name"), Instant.now());
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
                while (System.nanoTime() < deadline) {
                    List<Attempt> attempts = outbox.attempts(notice);
                    if (!attempts.isEmpty()) {
                        Attempt attempt = attempts.get(0);
                        System.out.println(line(attempt, name));
                        return attempt.outcome().equals("SENT") ? 0 : 1;
                    }
                    TimeUnit.MILLISECONDS.sleep(500);
                }
                throw new Failure("no scan has sent the test within " + seconds
                        + " s; see weir task list, or weir task run alert-scan");
            }
        }
    }

    @Command(name = "log", description = "Lists the latest attempts to deliver, newest first.")
    static final class Deliveries implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Mixin
        private TenantOption tenant = new TenantOption();

        @Option(names = "-n", paramLabel = "COUNT", defaultValue = "50", description = "How many (${DEFAULT-VALUE}).")
        private int count = 50;

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(where.running())) {
                Map<UUID, String> names = metadata.bean(Routing.class).directory(tenant.name()).channels().stream()
                        .collect(Collectors.toMap(Channel::id, Channel::name));
                for (Attempt attempt : metadata.bean(Outbox.class).deliveries(tenant.name(), count)) {
                    System.out.println(line(attempt, names.getOrDefault(attempt.channel(), "-")));
                }
            }
            return 0;
        }
    }
}

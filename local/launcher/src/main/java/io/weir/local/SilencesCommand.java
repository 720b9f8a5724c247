package io.weir.local;

import io.weir.metadata.notify.Channel;
import io.weir.metadata.notify.Routing;
import io.weir.metadata.rulebook.Durations;
import io.weir.metadata.silence.Silence;
import io.weir.metadata.silence.Silences;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code weir silences}: what holds notifications back for a time. */
@Command(
        name = "silences",
        description = "Creates, lists and ends silences.",
        subcommands = {SilencesCommand.Create.class, SilencesCommand.ListSilences.class, SilencesCommand.End.class},
        synopsisSubcommandLabel = "COMMAND")
final class SilencesCommand {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "This text.")
    private boolean help;

    /** A time as in rule files. */
    static final class DurationText implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            try {
                return Durations.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    @Command(
            name = "create",
            description = "Holds back what is told about alerts that match, for a time; prints the silence's id.")
    static final class Create implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Mixin
        private TenantOption tenant = new TenantOption();

        @Parameters(
                paramLabel = "MATCHERS",
                description = "Such as 'rule=\"error rate\", source=~\"shop.*\"'; rule and severity are labels too.")
        private String matchers = "";

        @Option(
                names = "--for",
                paramLabel = "TIME",
                required = true,
                converter = DurationText.class,
                description = "How long, such as 90m, 2h or 7d; 30d at most.")
        private Duration length = Duration.ZERO;

        @Option(names = "--reason", required = true, description = "Why.")
        private String reason = "";

        @Option(names = "--author", description = "Who makes it (default: the user of this machine).")
        private String author = System.getProperty("user.name");

        @Option(
                names = "--from",
                paramLabel = "TIME",
                description = "From when, such as 2027-01-01T00:00:00Z (default: now).")
        private @Nullable Instant from;

        @Option(
                names = "--remind",
                paramLabel = "CHANNEL",
                description =
                        "Tell this channel before it ends; those that would hear of what it holds back then are told anyway.")
        private @Nullable String remind;

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(where.running())) {
                Instant now = Instant.now();
                Instant start = from == null ? now : from;
                Silence silence = new Silence(
                        UUID.randomUUID(),
                        tenant.name(),
                        matchers,
                        start,
                        start.plus(length),
                        author,
                        reason,
                        now,
                        channel(metadata.bean(Routing.class)));
                metadata.bean(Silences.class).add(silence);
                System.out.println(silence.id());
            }
            return 0;
        }

        private @Nullable UUID channel(Routing routing) {
            String name = remind;
            if (name == null) {
                return null;
            }
            Channel channel = ChannelsCommand.named(routing, tenant.name(), name);
            if (!channel.kind().tellsReminders()) {
                throw new Failure("--remind: channel '" + name + "' is not told that silences end: it wakes people");
            }
            return channel.id();
        }
    }

    @Command(name = "list", description = "Lists the silences that have not ended, the first to end first.")
    static final class ListSilences implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Mixin
        private TenantOption tenant = new TenantOption();

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(where.running())) {
                List<Silence> open = metadata.bean(Silences.class).open(tenant.name(), Instant.now());
                for (Silence silence : open) {
                    System.out.println(String.join(
                            "\t",
                            silence.id().toString(),
                            silence.startsAt() + " to " + silence.endsAt(),
                            silence.matchers(),
                            silence.author(),
                            silence.reason()));
                }
            }
            return 0;
        }
    }

    @Command(name = "end", description = "Ends a silence now; what still fires is told.")
    static final class End implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Mixin
        private TenantOption tenant = new TenantOption();

        @Option(names = "--by", paramLabel = "NAME", description = "Who ends it (default: the user of this machine).")
        private String by = System.getProperty("user.name");

        @Parameters(paramLabel = "ID", description = "As in weir silences list.")
        private @Nullable UUID id;

        @Override
        public Integer call() {
            UUID silence = id;
            try (Metadata metadata = Metadata.open(where.running())) {
                if (silence == null || !metadata.bean(Silences.class).end(tenant.name(), silence, by, Instant.now())) {
                    throw new Failure(
                            "tenant '" + tenant.name() + "' has no silence " + silence + " that has not ended");
                }
            }
            return 0;
        }
    }
}

package io.weir.local;

import io.weir.metadata.key.ApiKey;
import io.weir.metadata.key.ApiKeyTerms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir keys}. */
@Command(
        name = "keys",
        description = "Creates, lists and revokes the API keys of producers.",
        subcommands = {KeysCommand.Create.class, KeysCommand.Listing.class, KeysCommand.Revoke.class},
        synopsisSubcommandLabel = "COMMAND")
final class KeysCommand {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "This text.")
    private boolean help;

    @Command(name = "create", description = "Creates a key and prints it, and nothing else, on standard output.")
    static final class Create implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Option(names = "--tenant", required = true, description = "Whose events it sends.")
        private String tenant = "";

        @Option(names = "--name", required = true, description = "What it is called; the default source of its events.")
        private String name = "";

        @Option(
                names = "--network",
                paramLabel = "CIDR",
                description = "From where it may be used; can be given again.")
        private List<String> networks = new ArrayList<>();

        @Option(names = "--events-per-second", paramLabel = "N", description = "Its sustained rate.")
        private @Nullable Long eventsPerSecond;

        @Option(names = "--bytes-per-second", paramLabel = "N", description = "Its sustained rate of unpacked bytes.")
        private @Nullable Long bytesPerSecond;

        @Option(names = "--events-per-day", paramLabel = "N", description = "Its quota by UTC day.")
        private @Nullable Long eventsPerDay;

        @Option(names = "--bytes-per-day", paramLabel = "N", description = "Its quota by UTC day.")
        private @Nullable Long bytesPerDay;

        @Option(names = "--expires", paramLabel = "TIME", description = "When it ends, such as 2027-01-01T00:00:00Z.")
        private @Nullable Instant expires;

        @Override
        public Integer call() {
            ApiKeyTerms terms =
                    new ApiKeyTerms(networks, eventsPerSecond, bytesPerSecond, eventsPerDay, bytesPerDay, expires);
            try (Metadata metadata = Metadata.open(Weir.servers(where.running()))) {
                System.out.println(metadata.keys().create(tenant, name, terms));
            }
            return 0;
        }
    }

    @Command(name = "list", description = "Lists the keys; the keys themselves are stored nowhere.")
    static final class Listing implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(Weir.servers(where.running()))) {
                for (ApiKey key : metadata.keys().list()) {
                    System.out.println(String.join(
                            "\t",
                            key.tenant(),
                            key.name(),
                            key.hint() + "...",
                            key.revokedAt() != null
                                    ? "revoked " + key.revokedAt()
                                    : key.isActive(Instant.now()) ? "active" : "expired " + key.expiresAt()));
                }
            }
            return 0;
        }
    }

    @Command(name = "revoke", description = "Revokes a key for good; it stops working within seconds.")
    static final class Revoke implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Option(names = "--tenant", required = true, description = "Whose key it is.")
        private String tenant = "";

        @Option(names = "--name", required = true, description = "What it is called.")
        private String name = "";

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(Weir.servers(where.running()))) {
                if (!metadata.keys().revoke(tenant, name)) {
                    throw new Failure("tenant '" + tenant + "' has no active key named '" + name + "'");
                }
            }
            FirstSteps.revoked(where.home(), tenant, name);
            return 0;
        }
    }
}

package io.weir.local;

import io.weir.metadata.user.PersonalToken;
import io.weir.metadata.user.PersonalTokens;
import io.weir.metadata.user.Role;
import io.weir.metadata.user.User;
import io.weir.metadata.user.Users;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir tokens}. */
@Command(
        name = "tokens",
        description = "Creates, lists and revokes tokens for the console's API.",
        subcommands = {TokensCommand.Create.class, TokensCommand.Listing.class, TokensCommand.Revoke.class},
        synopsisSubcommandLabel = "COMMAND")
final class TokensCommand {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "This text.")
    private boolean help;

    @Command(
            name = "create",
            description =
                    "Creates a token of a service user, and the user if needed; prints the token, and nothing else, on"
                            + " standard output.")
    static final class Create implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Option(names = "--role", required = true, description = "viewer, analyst, operator or admin.")
        private String role = "";

        @Option(names = "--tenant", description = "Whose rows it sees; those of all tenants without.")
        private @Nullable String tenant;

        @Option(
                names = "--name",
                description =
                        "The service user's; without, by its role and tenant, such as analyst-acme or service-admin.")
        private @Nullable String name;

        @Option(names = "--expires", paramLabel = "TIME", description = "When it ends, such as 2027-01-01T00:00:00Z.")
        private @Nullable Instant expires;

        @Override
        public Integer call() {
            Role wanted = UsersCommand.role(role);
            String user = name != null ? name : serviceName(wanted, tenant);
            try (Metadata metadata = Metadata.open(where.running())) {
                Users users = metadata.bean(Users.class);
                UsersCommand.register(metadata, tenant);
                User service =
                        users.find(user).orElseGet(() -> users.createService(user, wanted, tenant, UsersCommand.ACTOR));
                if (!service.isService()
                        || service.disabled()
                        || service.role() != wanted
                        || !Objects.equals(service.tenant(), tenant)) {
                    throw new Failure(
                            "user '" + user + "' is " + UsersCommand.describe(service) + ": choose another --name");
                }
                System.out.println(metadata.bean(PersonalTokens.class)
                        .create(service, "command line", wanted, tenant, expires, UsersCommand.ACTOR)
                        .secret());
            }
            return 0;
        }
    }

    /** Nobody's who signs in: the first administrator is called admin. */
    private static String serviceName(Role role, @Nullable String tenant) {
        String lower = role.name().toLowerCase(Locale.ROOT);
        return tenant == null ? "service-" + lower : lower + "-" + tenant;
    }

    @Command(name = "list", description = "Lists the tokens; the tokens themselves are stored nowhere.")
    static final class Listing implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(where.running())) {
                for (PersonalToken token : metadata.bean(PersonalTokens.class).list()) {
                    System.out.println(String.join(
                            "\t",
                            token.id().toString(),
                            token.owner().name(),
                            token.name(),
                            token.hint() + "...",
                            token.effectiveRole().name().toLowerCase(Locale.ROOT),
                            Objects.requireNonNullElse(token.effectiveTenant(), "all tenants"),
                            token.revokedAt() != null
                                    ? "revoked " + token.revokedAt()
                                    : token.isActive(Instant.now()) ? "active" : "not active",
                            token.lastUsedAt() == null ? "never used" : "used " + token.lastUsedAt()));
                }
            }
            return 0;
        }
    }

    @Command(name = "revoke", description = "Revokes a token for good; it stops working within seconds.")
    static final class Revoke implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Parameters(paramLabel = "ID", description = "As in the list.")
        private UUID id = new UUID(0, 0);

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(where.running())) {
                if (!metadata.bean(PersonalTokens.class).revoke(id, UsersCommand.ACTOR)) {
                    throw new Failure("there is no token " + id + " that is not revoked");
                }
            }
            return 0;
        }
    }
}

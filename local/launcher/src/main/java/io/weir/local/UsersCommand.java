package io.weir.local;

import io.weir.metadata.tenant.Tenants;
import io.weir.metadata.user.Role;
import io.weir.metadata.user.User;
import io.weir.metadata.user.Users;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir users}. */
@Command(
        name = "users",
        description = "Creates and lists the console's users, and resets their passwords.",
        subcommands = {UsersCommand.Create.class, UsersCommand.Listing.class, UsersCommand.ResetPassword.class},
        synopsisSubcommandLabel = "COMMAND")
final class UsersCommand {

    /** Who did it, in the audit log: whoever may use this machine's platform. */
    static final String ACTOR = "local";

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "This text.")
    private boolean help;

    static Role role(String name) {
        for (Role role : Role.values()) {
            if (role.name().toLowerCase(Locale.ROOT).equals(name)) {
                return role;
            }
        }
        throw new Failure("--role " + name + " is not one of viewer, analyst, operator, admin");
    }

    /** As a key does: a tenant is there as soon as somebody names it. */
    static void register(Metadata metadata, @Nullable String tenant) {
        if (tenant != null) {
            metadata.bean(Tenants.class).register(tenant, ACTOR);
        }
    }

    static String describe(User user) {
        return (user.isService() ? "a service, " : "a person, ")
                + user.role().name().toLowerCase(Locale.ROOT) + " of "
                + (user.tenant() == null ? "all tenants" : user.tenant())
                + (user.disabled() ? ", disabled" : "");
    }

    @Command(
            name = "create",
            description =
                    "Creates a user and prints the password, and nothing else, on standard output; it is to be changed at"
                            + " the first sign-in.")
    static final class Create implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Parameters(paramLabel = "NAME", description = "With what the user signs in.")
        private String name = "";

        @Option(names = "--role", required = true, description = "viewer, analyst, operator or admin.")
        private String role = "";

        @Option(names = "--tenant", description = "Whose rows the user sees; those of all tenants without.")
        private @Nullable String tenant;

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(where.running())) {
                register(metadata, tenant);
                System.out.println(metadata.bean(Users.class)
                        .create(name, role(role), tenant, ACTOR)
                        .password());
            }
            return 0;
        }
    }

    @Command(name = "list", description = "Lists the users.")
    static final class Listing implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(where.running())) {
                for (User user : metadata.bean(Users.class).list()) {
                    System.out.println(user.name() + "\t" + describe(user));
                }
            }
            return 0;
        }
    }

    @Command(
            name = "reset-password",
            description = "Gives a user a new password and prints it, and nothing else, on standard output.")
    static final class ResetPassword implements Callable<Integer> {

        @Mixin
        private Weir.Where where = new Weir.Where();

        @Parameters(paramLabel = "NAME", description = "Whose.")
        private String name = "";

        @Override
        public Integer call() {
            try (Metadata metadata = Metadata.open(where.running())) {
                System.out.println(metadata.bean(Users.class)
                        .resetPassword(name, ACTOR)
                        .orElseThrow(() -> new Failure("there is no user '" + name + "'")));
            }
            return 0;
        }
    }
}

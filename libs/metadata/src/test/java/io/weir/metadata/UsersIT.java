package io.weir.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.weir.metadata.account.WarehouseAccount;
import io.weir.metadata.account.WarehouseAccounts;
import io.weir.metadata.audit.AuditEntry;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.key.ApiKeyTerms;
import io.weir.metadata.key.ApiKeys;
import io.weir.metadata.tenant.NameTakenException;
import io.weir.metadata.tenant.Tenant;
import io.weir.metadata.tenant.Tenants;
import io.weir.metadata.user.PersonalToken;
import io.weir.metadata.user.PersonalTokens;
import io.weir.metadata.user.Role;
import io.weir.metadata.user.SignIns;
import io.weir.metadata.user.User;
import io.weir.metadata.user.Users;
import io.weir.testing.PostgresServer;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

class UsersIT {

    @RegisterExtension
    static final MetadataContext METADATA = new MetadataContext();

    private final Users users = METADATA.bean(Users.class);
    private final SignIns signIns = METADATA.bean(SignIns.class);
    private final PersonalTokens tokens = METADATA.bean(PersonalTokens.class);
    private final Tenants tenants = METADATA.bean(Tenants.class);
    private final AuditLog audit = METADATA.bean(AuditLog.class);
    private final JdbcOperations jdbc = METADATA.bean(JdbcOperations.class);

    @Test
    void anAccountThatIsRevokedWhileTheServerIsToldIsNotTold() {
        tenants.create("telling", "Telling", "anna");
        WarehouseAccounts accounts = METADATA.bean(WarehouseAccounts.class);
        WarehouseAccount first = accounts.create("late", "telling", true, "0".repeat(64), "anna");
        accounts.revoke(first.id());
        WarehouseAccount second = accounts.create("late", "telling", true, "1".repeat(64), "anna");

        accounts.tell("late", "telling", new WarehouseAccounts.Telling() {
            @Override
            public void drop() {
                CompletableFuture.runAsync(() -> accounts.revoke(second.id())).join();
            }

            @Override
            public void create(WarehouseAccount account) {}
        });

        assertThat(accounts.untold()).extracting(WarehouseAccount::id).containsExactly(second.id());
    }

    @Test
    void tenantsOfKeysThatWereThereBeforeAreTenants() throws Exception {
        PostgresServer postgres = PostgresServer.shared();
        DataSource earlier =
                new DriverManagerDataSource(postgres.freshDatabase(), postgres.username(), postgres.password());
        Flyway.configure().dataSource(earlier).target("21").load().migrate();
        try (Connection connection = earlier.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "insert into api_key (id, tenant, name, hash, hint, created_at) values"
                            + " (gen_random_uuid(), 'old', 'a', sha256('a'), 'a', now()), (gen_random_uuid(), 'old', 'b', sha256('b'), 'b', now())");
            Flyway.configure().dataSource(earlier).load().migrate();
            try (var found = statement.executeQuery("select string_agg(name, ',') from tenant")) {
                found.next();
                assertThat(found.getString(1)).isEqualTo("old");
            }
        }
    }

    @Test
    void aTenantIsRegisteredOnceAndByItsFirstKey() {
        tenants.create("acme", "Acme Inc.", "anna");
        assertThatExceptionOfType(NameTakenException.class)
                .isThrownBy(() -> tenants.create("acme", "Another", "anna"))
                .withMessageContaining("'acme'");
        METADATA.bean(ApiKeys.class).create("keyed", "web", ApiKeyTerms.UNLIMITED, "anna");
        METADATA.bean(ApiKeys.class).create("keyed", "logs", ApiKeyTerms.UNLIMITED, "anna");

        assertThat(tenants.list()).extracting(Tenant::name).contains("acme", "keyed");
        assertThat(actions("tenant:keyed")).containsExactly("tenant.create");
        assertThat(actions("key:web")).containsExactly("key.create");
        assertThat(tenants.rename("acme", "Acme", "anna")).isTrue();
        assertThat(tenants.rename("nobody", "Nobody", "anna")).isFalse();
        assertThat(actions("tenant:acme")).containsExactly("tenant.create", "tenant.change");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tenants.create("Acme Inc", "x", "anna"))
                .withMessageContaining("tenant 'Acme Inc'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tenants.create("lines", "a\nb", "anna"))
                .withMessageContaining("display_name");
    }

    @Test
    void aUserSignsInWithTheGeneratedPasswordAndChoosesAnother() {
        Users.Created created = users.create("bert", Role.ANALYST, null, "anna");
        assertThat(created.user().mustChangePassword()).isTrue();
        String everything = jdbc.queryForObject("select string_agg(u::text, ' ') from console_user u", String.class);
        assertThat(everything).doesNotContain(created.password()).contains("{bcrypt}");

        assertThat(signIn("bert", created.password() + "x", "10.0.0.1")).isEmpty();
        User user = signIn(" Bert", created.password(), "10.0.0.1").orElseThrow();
        assertThat(user.name()).isEqualTo("bert");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> users.choosePassword(user, "short"))
                .withMessageContaining("password is too short");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> users.choosePassword(user, "ä".repeat(37)))
                .withMessageContaining("password is too long");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> users.choosePassword(user, "bert-is-the-best"))
                .withMessageContaining("too easy");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> users.choosePassword(user, created.password()))
                .withMessageContaining("another");
        users.choosePassword(user, "correct horse battery");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> users.choosePassword(user, "incorrect horse battery"))
                .withMessageContaining("changed since you sent it");

        User changed = signIn("bert", "correct horse battery", "10.0.0.1").orElseThrow();
        assertThat(changed.mustChangePassword()).isFalse();
        assertThat(changed.sessionsValidFrom()).isAfter(user.sessionsValidFrom());
        assertThat(signIn("bert", created.password(), "10.0.0.1")).isEmpty();
        assertThat(actions("user:bert")).containsExactly("user.create", "user.password.change");

        String reset = users.resetPassword("bert", "anna").orElseThrow();
        assertThat(signIn("bert", reset, "10.0.0.1")).hasValueSatisfying(again -> assertThat(again.mustChangePassword())
                .isTrue());
        assertThat(users.resetPassword("nobody", "anna")).isEmpty();
    }

    @Test
    void guessingLocksTheNameOutLongerEachTimeEvenForTheRightPasswordAndEvenIfNobodyHasIt() {
        String password = users.create("carl", Role.VIEWER, null, "anna").password();
        for (String name : List.of("carl", "never-seen")) {
            for (int i = 0; i < 5; i++) {
                assertThat(signIn(name, "wrong", "10.1.0." + i)).isEmpty();
            }
            assertThat(lock(name)).isEqualTo(Duration.ofSeconds(15));
            lockIsOver(name);
            assertThat(signIn(name, "wrong", "10.1.0.9")).isEmpty();
            assertThat(lock(name)).isEqualTo(Duration.ofSeconds(30));
        }
        lasts("carl");
        assertThat(signIns.lockedUntil("carl"))
                .hasValueSatisfying(until -> assertThat(until).isAfter(Instant.now()));
        assertThat(signIns.attempt("carl", password, "10.1.0.9"))
                .isEqualTo(new SignIns.Attempt(Optional.empty(), true));
        lockIsOver("carl");
        assertThat(signIn("carl", password, "10.1.0.9")).isPresent();
        assertThat(signIns.lockedUntil("carl")).isEmpty();
        for (int i = 0; i < 4; i++) {
            assertThat(signIn("carl", "wrong", "10.1.0.10")).isEmpty();
        }
        assertThat(signIn("carl", password, "10.1.0.10")).isPresent();
    }

    @Test
    void guessingManyNamesLocksTheAddressOut() {
        String password = users.create("dora", Role.VIEWER, null, "anna").password();
        for (int i = 0; i < 20; i++) {
            assertThat(signIn("name-" + i, "wrong", "10.2.0.1")).isEmpty();
        }
        // However long what follows takes.
        jdbc.update(
                "update sign_in_attempts set locked_until = now() + interval '1 hour' where subject = 'address:10.2.0.1'"
                        + " and locked_until > last_at");
        assertThat(signIns.isLockedOut("10.2.0.1")).isTrue();
        assertThat(signIns.isLockedOut("10.2.0.2")).isFalse();
        assertThat(signIn("dora", password, "10.2.0.1")).isEmpty();
        assertThat(signIn("dora", password, "10.2.0.2")).isPresent();
    }

    @Test
    void attemptsAtOnceAreNoWayRoundTheLock() throws Exception {
        String password = users.create("emil", Role.VIEWER, null, "anna").password();
        // The next failure locks for longer than this test takes.
        jdbc.update(
                "insert into sign_in_attempts values ('name:' || encode(sha256('emil'), 'hex'), 20, now(), '-infinity')");
        List<Callable<Optional<User>>> attempts = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            String address = "10.3.0." + i;
            String guess = i == 15 ? password : "wrong";
            attempts.add(() -> signIn("emil", guess, address));
        }
        var pool = Executors.newFixedThreadPool(8);
        try {
            for (Future<Optional<User>> attempt : pool.invokeAll(attempts)) {
                assertThat(attempt.get()).isEmpty();
            }
        } finally {
            pool.shutdown();
        }
        assertThat(jdbc.queryForObject(
                        "select failures from sign_in_attempts where subject = 'name:' || encode(sha256('emil'), 'hex')",
                        Integer.class))
                .as("of all at once the first one counts")
                .isEqualTo(21);
    }

    @Test
    void namesThatNobodyCanHaveAreRefusedLikeOthers() {
        for (String name : List.of("", "a\0b", "x".repeat(100_000), "\ud800", "'; drop table console_user; --")) {
            assertThat(signIn(name, "wrong", "10.4.0.1")).isEmpty();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> users.create(name, Role.VIEWER, null, "anna"))
                    .withMessageContaining("name '");
        }
        assertThat(signIn("nobody", "x".repeat(100_000), "10.4.0.1")).isEmpty();
        users.create("fred", Role.VIEWER, null, "anna");
        assertThatExceptionOfType(NameTakenException.class)
                .isThrownBy(() -> users.create("fred", Role.VIEWER, null, "anna"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> users.create("gina", Role.VIEWER, "no-such", "anna"))
                .withMessageContaining("tenant 'no-such'");
        assertThat(users.find("gina")).isEmpty();
    }

    @Test
    void aTokenIsAtMostWhatItsOwnerIsNow() {
        tenants.register("t1", "anna");
        tenants.register("t2", "anna");
        User owner = users.createService("robot", Role.OPERATOR, null, "anna");
        assertThat(owner.isService()).isTrue();
        assertThat(signIn("robot", "", "10.5.0.1")).isEmpty();
        PersonalTokens.Created created = tokens.create(owner, "nightly", Role.OPERATOR, "t1", null, "anna");
        assertThat(created.secret()).startsWith("weirp_").hasSize(49);
        PersonalToken found = tokens.find(created.secret()).orElseThrow();
        assertThat(found.effectiveRole()).isEqualTo(Role.OPERATOR);
        assertThat(found.effectiveTenant()).isEqualTo("t1");
        assertThat(tokens.find(created.secret() + "x")).isEmpty();
        String everything = jdbc.queryForObject("select string_agg(t::text, ' ') from personal_token t", String.class);
        assertThat(everything).doesNotContain(created.secret().substring(11));

        users.change(owner.id(), Role.VIEWER, "t1", false, "anna");
        assertThat(tokens.find(created.secret()).orElseThrow().effectiveRole()).isEqualTo(Role.VIEWER);
        users.change(owner.id(), Role.VIEWER, "t2", false, "anna");
        assertThat(tokens.find(created.secret()).orElseThrow().isActive(Instant.now()))
                .isFalse();
        users.change(owner.id(), Role.VIEWER, null, false, "anna");
        assertThat(tokens.find(created.secret()).orElseThrow().isActive(Instant.now()))
                .isTrue();
        users.change(owner.id(), Role.VIEWER, null, true, "anna");
        assertThat(tokens.find(created.secret()).orElseThrow().isActive(Instant.now()))
                .isFalse();
        users.change(owner.id(), Role.VIEWER, null, false, "anna");

        assertThat(tokens.revoke(created.token().id(), "anna")).isTrue();
        assertThat(tokens.revoke(created.token().id(), "anna")).isFalse();
        assertThat(tokens.find(created.secret()).orElseThrow().isActive(Instant.now()))
                .isFalse();
        assertThat(actions("token:" + created.token().id())).containsExactly("token.create", "token.revoke");
    }

    @Test
    void aTokenCannotBeMoreThanItsOwner() {
        tenants.register("t3", "anna");
        tenants.register("t4", "anna");
        User owner = users.createService("modest", Role.VIEWER, "t3", "anna");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tokens.create(owner, "a", Role.ANALYST, null, null, "anna"))
                .withMessageContaining("role ANALYST");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tokens.create(owner, "a", Role.VIEWER, "t4", null, "anna"))
                .withMessageContaining("tenant 't4'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tokens.create(owner, "a\nb", Role.VIEWER, null, null, "anna"))
                .withMessageContaining("name");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tokens.create(owner, "a", Role.VIEWER, null, Instant.EPOCH, "anna"))
                .withMessageContaining("expires_at");
        assertThat(tokens.create(owner, "a", Role.VIEWER, null, null, "anna")
                        .token()
                        .effectiveTenant())
                .isEqualTo("t3");
    }

    @Test
    void somebodyCanAlwaysLetOthersIn() {
        User admin = users.create("root", Role.ADMIN, null, "console").user();
        users.list().stream()
                .filter(user -> user.role() == Role.ADMIN && !user.name().equals("root"))
                .forEach(user -> users.change(user.id(), Role.VIEWER, null, false, "anna"));
        users.createService("admin-robot", Role.ADMIN, null, "anna");
        for (Callable<Optional<User>> less : List.<Callable<Optional<User>>>of(
                () -> users.change(admin.id(), Role.ADMIN, null, true, "root"),
                () -> users.change(admin.id(), Role.OPERATOR, null, false, "root"))) {
            assertThatIllegalArgumentException().isThrownBy(less::call).withMessageContaining("last administrator");
        }
        User second = users.create("second-root", Role.ADMIN, null, "root").user();
        assertThat(users.change(admin.id(), Role.ADMIN, null, true, "second-root"))
                .isPresent();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> users.change(second.id(), Role.ADMIN, null, true, "root"))
                .withMessageContaining("'second-root'");
        assertThat(users.createFirst("admin", password -> {})).isFalse();
        assertThat(audit.verify().problem()).isNull();
    }

    @Test
    void theIdentityProvidersUsersAreNeverSomebodyElse() {
        users.create("hans", Role.ADMIN, null, "anna");
        assertThatExceptionOfType(NameTakenException.class)
                .isThrownBy(() -> users.provision("https://idp", "42", "Hans", Role.VIEWER, null));
        User first = users.provision("https://idp", "42", "Ida", Role.VIEWER, null);
        User again = users.provision("https://idp", "42", "Renamed", Role.VIEWER, null);
        assertThat(again).isEqualTo(first);
        assertThat(first.name()).isEqualTo("ida");
        assertThat(signIn("ida", "", "10.6.0.1")).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> users.resetPassword("ida", "anna"));
        assertThatExceptionOfType(NameTakenException.class)
                .isThrownBy(() -> users.provision("https://other", "42", "ida", Role.VIEWER, null));
    }

    /** A form can send any character, and each that is taken away before the user is looked up would be a new name to guess at. */
    @Test
    void howeverANameIsWrittenItsFailuresAreCountedTogether() {
        String password = users.create("ann", Role.VIEWER, null, "anna").password();
        for (String name : List.of("ann", "ANN", " ann", "ann\u2003", "\tAnn\n")) {
            assertThat(signIn(name, "wrong", "10.9.0.1")).isEmpty();
        }
        lasts("ann");
        for (String name : List.of("ann", "ann\0\u2003", "\0ann", "ann\ud800 ")) {
            assertThat(signIn(name, password, "10.9.0.1")).as(name).isEmpty();
        }
        assertThat(users.find("ann\0")).isEmpty();
    }

    /** How long the last failure locked it out for. */
    private Duration lock(String name) {
        return Duration.ofSeconds(jdbc.queryForObject(
                "select round(extract(epoch from locked_until - last_at)) from sign_in_attempts"
                        + " where subject = 'name:' || encode(sha256(convert_to(?, 'UTF8')), 'hex')",
                Long.class,
                name));
    }

    /** Until this test is over, however slow it is. */
    private void lasts(String name) {
        assertThat(jdbc.update(
                        "update sign_in_attempts set locked_until = now() + interval '1 hour'"
                                + " where locked_until > last_at and subject = 'name:' || encode(sha256(convert_to(?, 'UTF8')), 'hex')",
                        name))
                .isEqualTo(1);
    }

    /** As if the time had passed. */
    private void lockIsOver(String name) {
        jdbc.update(
                "update sign_in_attempts set locked_until = now() - interval '1 second'"
                        + " where subject = 'name:' || encode(sha256(convert_to(?, 'UTF8')), 'hex')",
                name);
    }

    private List<String> actions(String subject) {
        return audit.entries(0, 10_000).stream()
                .filter(entry -> entry.subject().equals(subject))
                .map(AuditEntry::action)
                .toList();
    }

    private Optional<User> signIn(String name, String password, String address) {
        return signIns.attempt(name, password, address).user();
    }
}

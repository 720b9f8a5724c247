package io.weir.console.account;

import io.weir.console.access.Caller;
import io.weir.metadata.account.WarehouseAccount;
import io.weir.metadata.account.WarehouseAccounts;
import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.tenant.Tenants;
import io.weir.warehouse.WarehouseException;
import io.weir.warehouse.account.ReaderAccount;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Accounts of BI tools. Administrators of one tenant look after its accounts alone. */
@Component
class Accounts {

    /** @param password shown this once and stored nowhere */
    record Created(WarehouseAccount account, String password) {

        /** Without the password. */
        @Override
        public String toString() {
            return "Created[" + account + "]";
        }
    }

    private final WarehouseAccounts accounts;
    private final Tenants tenants;
    private final ReaderLogins logins;
    private final AuditLog audit;
    private final SecureRandom random = new SecureRandom();

    Accounts(WarehouseAccounts accounts, Tenants tenants, ReaderLogins logins, AuditLog audit) {
        this.accounts = accounts;
        this.tenants = tenants;
        this.logins = logins;
        this.audit = audit;
    }

    /**
     * @param tenant null for every tenant, which only an administrator of all tenants may give
     * @throws IllegalArgumentException if a name is not valid, or the tenant is not known or not the caller's to look after
     */
    Created create(Caller caller, String label, @Nullable String tenant, boolean masked) {
        if (caller.tenant() != null && !caller.tenant().equals(tenant)) {
            throw new IllegalArgumentException(
                    "tenant must be '" + caller.tenant() + "': it is the one you look after");
        }
        if (label.equals(ReaderLogins.PEOPLE)) {
            throw new IllegalArgumentException("name '" + label + "' is taken by the console itself");
        }
        String password = password();
        String hash = ReaderAccount.sha256(password);
        // Refuses names that are not valid.
        ReaderAccount.requireValid(label, tenant);
        tenants.requireKnown(tenant);
        WarehouseAccount account = accounts.create(label, tenant, masked, hash, caller.name());
        record(caller, "account.create", account);
        logins.settle(label, tenant);
        return new Created(account, password);
    }

    /** Those that the caller looks after, the newest first. */
    List<WarehouseAccount> list(Caller caller) {
        return accounts.ofPrograms().stream()
                .filter(account -> isFor(caller, account))
                .toList();
    }

    /** Gives an account a new password; the old one ends with it. Empty if there is none that is not revoked. */
    Optional<Created> rotate(Caller caller, UUID id) {
        String password = password();
        if (mine(caller, id).isEmpty() || !accounts.rotate(id, ReaderAccount.sha256(password))) {
            return Optional.empty();
        }
        WarehouseAccount account = accounts.find(id).orElseThrow();
        record(caller, "account.rotate", account);
        logins.settle(account.label(), account.tenant());
        return Optional.of(new Created(account, password));
    }

    /**
     * Ends an account for good; one that is ended stays so. Returns false if there is none.
     *
     * @throws WarehouseException if ClickHouse may still let it in; it is told again until it does not
     */
    boolean revoke(Caller caller, UUID id) {
        WarehouseAccount account = mine(caller, id).orElse(null);
        if (account == null) {
            return false;
        }
        if (accounts.revoke(id)) {
            record(caller, "account.revoke", account);
        }
        logins.settle(account.label(), account.tenant());
        return true;
    }

    private Optional<WarehouseAccount> mine(Caller caller, UUID id) {
        return accounts.find(id).filter(account -> !account.forPeople() && isFor(caller, account));
    }

    private static boolean isFor(Caller caller, WarehouseAccount account) {
        return caller.tenant() == null || Objects.equals(caller.tenant(), account.tenant());
    }

    private String password() {
        byte[] secret = new byte[24];
        random.nextBytes(secret);
        // Letters and digits at the ends, so that a double click takes it whole; it needs no escape in any address.
        return "w" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret) + "0";
    }

    private void record(Caller caller, String action, WarehouseAccount account) {
        audit.append(new AuditEvent(
                caller.name(),
                action,
                account.tenant() == null ? "" : account.tenant(),
                ReaderAccount.username(account.label(), account.tenant()),
                Map.of("masked", Boolean.toString(account.masked()))));
    }
}

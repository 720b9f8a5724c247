package io.weir.metadata.key;

import io.weir.metadata.audit.AuditEvent;
import io.weir.metadata.audit.AuditLog;
import io.weir.metadata.tenant.Tenants;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The API keys of producers. Safe to use from several threads and several processes: uniqueness is the database's.
 *
 * <p>A key is {@code weir_} and 32 random bytes in base64url. With that much entropy a plain SHA-256 is a sound way to
 * store it: there is nothing to guess from, so no slow hash is needed on the path of every request.
 */
public class ApiKeys {

    private static final String PREFIX = "weir_";
    private static final String LOCAL = "local";
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]{0,99}");

    private final ApiKeyRepository repository;
    private final JdbcAggregateOperations aggregates;
    private final Tenants tenants;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    ApiKeys(
            ApiKeyRepository repository,
            JdbcAggregateOperations aggregates,
            Tenants tenants,
            AuditLog audit,
            PlatformTransactionManager transactionManager,
            Clock clock) {
        this.repository = repository;
        this.aggregates = aggregates;
        this.tenants = tenants;
        this.audit = audit;
        this.transactions = new TransactionTemplate(transactionManager);
        this.clock = clock;
    }

    /** As {@link #create(String, String, ApiKeyTerms, String)}, for whoever may use the database itself. */
    public String create(String tenant, String name, ApiKeyTerms terms) {
        return create(tenant, name, terms, LOCAL);
    }

    /**
     * Creates a key and returns it. It cannot be read again. A tenant that is not known yet is registered.
     *
     * @param actor who wants it, for the audit log
     * @throws IllegalArgumentException if the tenant, the name, or the terms are not valid; the message says which
     * @throws ApiKeyExistsException if the tenant has a key of that name that is not revoked
     */
    public String create(String tenant, String name, ApiKeyTerms terms, String actor) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "name '" + name
                            + "' is not valid: 1 to 100 letters, digits, spaces, '.', '-' and '_', starting with a letter or digit");
        }
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        String key = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        ApiKey row = new ApiKey(
                UUID.randomUUID(),
                tenant,
                name,
                hash(key),
                key.substring(0, PREFIX.length() + 4),
                String.join(",", terms.networks()),
                terms.eventsPerSecond(),
                terms.bytesPerSecond(),
                terms.eventsPerDay(),
                terms.bytesPerDay(),
                clock.instant(),
                terms.expiresAt(),
                null);
        try {
            transactions.executeWithoutResult(status -> {
                tenants.register(tenant, actor);
                aggregates.insert(row);
                record("key.create", tenant, name, Map.of("hint", row.hint(), "networks", row.networks()), actor);
            });
        } catch (DuplicateKeyException e) {
            throw new ApiKeyExistsException(tenant, name, e);
        }
        return key;
    }

    /** The key with that hash (see {@link #hash}), whether or not it is still active. */
    public Optional<ApiKey> find(byte[] hash) {
        return repository.findByHash(hash).filter(key -> MessageDigest.isEqual(key.hash(), hash));
    }

    /** Every key, revoked ones included, by tenant, name and age. */
    public List<ApiKey> list() {
        return repository.findAllByOrderByTenantAscNameAscCreatedAtAsc();
    }

    /** Revokes the tenant's key of that name for good; apps notice within seconds. Returns false if there was none. */
    public boolean revoke(String tenant, String name) {
        return revoke(tenant, name, LOCAL);
    }

    /** As {@link #revoke(String, String)}; the audit log says who. */
    public boolean revoke(String tenant, String name, String actor) {
        return Boolean.TRUE.equals(transactions.execute(status -> {
            if (repository.revoke(tenant, name, clock.instant()) == 0) {
                return false;
            }
            record("key.revoke", tenant, name, Map.of(), actor);
            return true;
        }));
    }

    private void record(String action, String tenant, String name, Map<String, String> detail, String actor) {
        audit.append(new AuditEvent(actor, action, tenant, "key:" + name, detail));
    }

    /** SHA-256 of the key's UTF-8 bytes: what is stored, and what a lookup takes. */
    public static byte[] hash(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

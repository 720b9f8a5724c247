package io.weir.console.admin;

import static io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.weir.console.access.Caller;
import io.weir.console.api.Data;
import io.weir.console.api.NotFoundException;
import io.weir.console.api.Refuses;
import io.weir.metadata.key.ApiKey;
import io.weir.metadata.key.ApiKeyTerms;
import io.weir.metadata.key.ApiKeys;
import io.weir.metadata.tenant.Tenants;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** With what producers send events. */
@RestController
@RequestMapping(produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "keys", description = "With what producers send events")
class KeysController {

    @JsonNaming(SnakeCaseStrategy.class)
    record View(
            String tenant,
            String name,
            String hint,
            boolean active,
            List<String> networks,
            @Nullable Long eventsPerSecond,
            @Nullable Long bytesPerSecond,
            @Nullable Long eventsPerDay,
            @Nullable Long bytesPerDay,
            Instant createdAt,
            @Nullable Instant expiresAt,
            @Nullable Instant revokedAt) {}

    /**
     * @param key to be shown once
     */
    record Created(String tenant, String name, String key) {}

    /** As {@link ApiKeyTerms}; null means no limit. */
    @JsonNaming(SnakeCaseStrategy.class)
    record NewKey(
            @Nullable String tenant,
            @Schema(requiredMode = REQUIRED) @Nullable String name,
            @Nullable List<String> networks,
            @Nullable Long eventsPerSecond,
            @Nullable Long bytesPerSecond,
            @Nullable Long eventsPerDay,
            @Nullable Long bytesPerDay,
            @Nullable Instant expiresAt) {}

    private final ApiKeys keys;
    private final Tenants tenants;

    KeysController(ApiKeys keys, Tenants tenants) {
        this.keys = keys;
        this.tenants = tenants;
    }

    @GetMapping("/api/v1/keys")
    @Operation(summary = "Lists producers' keys")
    Data<List<View>> list(Caller caller) {
        return Data.of(keys.list().stream()
                .filter(key -> caller.sees(key.tenant()))
                .map(KeysController::view)
                .toList());
    }

    @PostMapping("/api/v1/keys")
    @Operation(summary = "Makes a producer's key", description = "It is shown in this answer alone.")
    @ResponseStatus(HttpStatus.CREATED)
    @Refuses(409)
    ResponseEntity<Data<Created>> create(@RequestBody NewKey wanted, Caller caller) {
        String tenant = Scope.required("tenant", Scope.tenant(caller, wanted.tenant()));
        tenants.requireKnown(tenant);
        String name = Scope.required("name", wanted.name());
        List<String> networks = wanted.networks();
        ApiKeyTerms terms = new ApiKeyTerms(
                networks == null ? List.of() : networks,
                wanted.eventsPerSecond(),
                wanted.bytesPerSecond(),
                wanted.eventsPerDay(),
                wanted.bytesPerDay(),
                wanted.expiresAt());
        String key = keys.create(tenant, name, terms, caller.name());
        return ResponseEntity.status(HttpStatus.CREATED).body(Data.of(new Created(tenant, name, key)));
    }

    @DeleteMapping("/api/v1/keys/{tenant}/{name}")
    @Operation(summary = "Revokes a key")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    ResponseEntity<Void> revoke(@PathVariable String tenant, @PathVariable String name, Caller caller) {
        if (!caller.sees(tenant) || !keys.revoke(tenant, name, caller.name())) {
            throw new NotFoundException("tenant '" + tenant + "' has no active key named '" + name + "'");
        }
        return ResponseEntity.noContent().build();
    }

    private static View view(ApiKey key) {
        return new View(
                key.tenant(),
                key.name(),
                key.hint(),
                key.isActive(Instant.now()),
                Arrays.stream(key.networks().split(","))
                        .filter(network -> !network.isEmpty())
                        .toList(),
                key.eventsPerSecond(),
                key.bytesPerSecond(),
                key.eventsPerDay(),
                key.bytesPerDay(),
                key.createdAt(),
                key.expiresAt(),
                key.revokedAt());
    }
}

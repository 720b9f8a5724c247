package io.weir.console.admin;

import static io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.weir.console.access.Caller;
import io.weir.console.access.Credential;
import io.weir.console.api.Data;
import io.weir.console.api.NotFoundException;
import io.weir.console.api.Refuses;
import io.weir.metadata.user.PersonalToken;
import io.weir.metadata.user.PersonalTokens;
import io.weir.metadata.user.Role;
import io.weir.metadata.user.User;
import io.weir.metadata.user.Users;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
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
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** One's own tokens; administrators see those of others, and make them for services. */
@RestController
@RequestMapping(produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "tokens", description = "With what programs ask")
class TokensController {

    @JsonNaming(SnakeCaseStrategy.class)
    record View(
            UUID id,
            String owner,
            String name,
            String hint,
            String role,
            @Nullable String tenant,
            boolean active,
            Instant createdAt,
            @Nullable Instant expiresAt,
            @Nullable Instant revokedAt,
            @Nullable Instant lastUsedAt) {}

    /**
     * @param token to be shown once
     */
    record Created(View about, String token) {}

    /**
     * @param owner a service; for administrators. Null for oneself
     * @param role at most the caller's and the owner's; null for the caller's
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record NewToken(
            @Schema(requiredMode = REQUIRED) @Nullable String name,
            @Nullable String owner,
            @Nullable String role,
            @Nullable String tenant,
            @Nullable Instant expiresAt) {}

    private final PersonalTokens tokens;
    private final Users users;

    TokensController(PersonalTokens tokens, Users users) {
        this.tokens = tokens;
        this.users = users;
    }

    /** @param all those of others as well, which is for administrators; others get their own all the same */
    @GetMapping("/api/v1/tokens")
    @Operation(summary = "Lists one's own tokens", description = "all: those of others as well, for administrators")
    @Refuses(404)
    Data<List<View>> list(@RequestParam(defaultValue = "false") boolean all, Caller caller) {
        List<PersonalToken> found = all ? tokens.list() : tokens.list(self(caller));
        return Data.of(found.stream()
                .filter(token -> isMine(token, caller) || mayManage(token, caller))
                .map(TokensController::view)
                .toList());
    }

    @PostMapping("/api/v1/tokens")
    @Operation(
            summary = "Makes a token",
            description = "For oneself, or for a service where owner names one. It is shown in this answer alone.")
    @ResponseStatus(HttpStatus.CREATED)
    @Refuses({404, 409})
    ResponseEntity<Data<Created>> create(@RequestBody NewToken wanted, Caller caller, Credential shown) {
        User owner = wanted.owner() == null ? self(caller) : service(wanted.owner(), caller);
        Role role = wanted.role() == null ? lesser(caller.role(), owner.role()) : Scope.role(caller, wanted.role());
        PersonalTokens.Created created = tokens.create(
                owner,
                Scope.required("name", wanted.name()),
                role,
                Scope.tenant(caller, wanted.tenant()),
                expiresAt(wanted.expiresAt(), shown),
                caller.name(),
                shown.token());
        return ResponseEntity.created(
                        URI.create("/api/v1/tokens/" + created.token().id()))
                .body(Data.of(new Created(view(created.token()), created.secret())));
    }

    /** A token begets none that outlives it. */
    private static @Nullable Instant expiresAt(@Nullable Instant wanted, Credential shown) {
        Instant latest = shown.until();
        if (wanted != null && latest != null && wanted.isAfter(latest)) {
            throw new IllegalArgumentException(
                    "expires_at " + wanted + " is later than that of the token that you show, " + latest);
        }
        return wanted == null ? latest : wanted;
    }

    @DeleteMapping("/api/v1/tokens/{id}")
    @Operation(summary = "Revokes a token")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    ResponseEntity<Void> revoke(@PathVariable UUID id, Caller caller) {
        PersonalToken token = tokens.find(id)
                .filter(found -> isMine(found, caller) || mayManage(found, caller))
                .orElseThrow(() -> new NotFoundException("there is no token '" + id + "'"));
        tokens.revoke(token.id(), caller.name());
        return ResponseEntity.noContent().build();
    }

    private User self(Caller caller) {
        return users.find(caller.name()).orElseThrow(() -> new NotFoundException("there is no such user any more"));
    }

    private User service(String name, Caller caller) {
        User owner = users.find(name)
                .filter(user -> caller.role().includes(Role.ADMIN) && caller.sees(user.tenant()))
                .orElseThrow(() -> new IllegalArgumentException(
                        "owner '" + name + "' is not a service that is yours to look after"));
        if (!owner.isService()) {
            throw new IllegalArgumentException("owner '" + name + "' is a person, who makes tokens alone");
        }
        return owner;
    }

    private static Role lesser(Role one, Role other) {
        return one.includes(other) ? other : one;
    }

    private static boolean isMine(PersonalToken token, Caller caller) {
        return token.owner().name().equals(caller.name());
    }

    private static boolean mayManage(PersonalToken token, Caller caller) {
        return caller.role().includes(Role.ADMIN) && caller.sees(token.owner().tenant());
    }

    private static View view(PersonalToken token) {
        return new View(
                token.id(),
                token.owner().name(),
                token.name(),
                token.hint(),
                Scope.text(token.effectiveRole()),
                token.effectiveTenant(),
                token.isActive(Instant.now()),
                token.createdAt(),
                token.expiresAt(),
                token.revokedAt(),
                token.lastUsedAt());
    }
}

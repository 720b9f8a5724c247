package io.weir.console.account;

import static io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.weir.console.access.Caller;
import io.weir.console.api.ApiProblems;
import io.weir.console.api.Data;
import io.weir.console.api.NotFoundException;
import io.weir.console.api.Refuses;
import io.weir.metadata.account.AccountExistsException;
import io.weir.metadata.account.WarehouseAccount;
import io.weir.warehouse.WarehouseException;
import io.weir.warehouse.account.ReaderAccount;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** BI accounts, for administrators. */
@RestController
@RequestMapping(path = "/api/v1/accounts", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "accounts", description = "With what BI tools read ClickHouse")
class AccountController {

    /**
     * @param name a letter, then letters and digits in lower case
     * @param tenant null for every tenant
     * @param masked whether personal columns are masked; true unless told
     */
    record NewAccount(
            @Schema(requiredMode = REQUIRED) @Nullable String name,
            @Nullable String tenant,
            @Nullable Boolean masked) {}

    /**
     * @param username with which it signs in to ClickHouse
     * @param connections what to enter into a BI tool, by its name; PASSWORD stands for the password
     * @param password only in the answer that made it
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record Shown(
            UUID id,
            String name,
            @Nullable String tenant,
            String username,
            boolean masked,
            String createdBy,
            Instant createdAt,
            @Nullable Instant rotatedAt,
            @Nullable Instant revokedAt,
            Connections.Ready connections,
            @Nullable String password) {}

    private static final Logger LOG = LoggerFactory.getLogger(AccountController.class);

    private final Accounts accounts;
    private final Connections connections;

    AccountController(Accounts accounts, Connections connections) {
        this.accounts = accounts;
        this.connections = connections;
    }

    @GetMapping
    @Operation(summary = "Lists accounts")
    Data<List<Shown>> list(Caller caller) {
        return Data.of(accounts.list(caller).stream()
                .map(account -> shown(account, null))
                .toList());
    }

    @PostMapping
    @Operation(summary = "Makes an account", description = "The password is shown in this answer alone.")
    @ResponseStatus(HttpStatus.CREATED)
    @Refuses(409)
    ResponseEntity<Data<Shown>> create(Caller caller, @RequestBody NewAccount wanted) {
        if (wanted.name() == null) {
            throw new IllegalArgumentException("name is missing");
        }
        return answer(
                HttpStatus.CREATED,
                accounts.create(caller, wanted.name(), wanted.tenant(), !Boolean.FALSE.equals(wanted.masked())));
    }

    @PostMapping("/{id}/password")
    @Operation(summary = "Gives an account a new password, which is shown in this answer alone")
    ResponseEntity<Data<Shown>> rotate(Caller caller, @PathVariable UUID id) {
        return answer(HttpStatus.OK, accounts.rotate(caller, id).orElseThrow(AccountController::missing));
    }

    @DeleteMapping("/{id}")
    @Operation(summary = "Ends an account")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    ResponseEntity<Void> revoke(Caller caller, @PathVariable UUID id) {
        if (!accounts.revoke(caller, id)) {
            throw missing();
        }
        return ResponseEntity.noContent().build();
    }

    private ResponseEntity<Data<Shown>> answer(HttpStatus status, Accounts.Created created) {
        return ResponseEntity.status(status)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .body(Data.of(shown(created.account(), created.password())));
    }

    private Shown shown(WarehouseAccount account, @Nullable String password) {
        return new Shown(
                account.id(),
                account.label(),
                account.tenant(),
                ReaderAccount.username(account.label(), account.tenant()),
                account.masked(),
                account.createdBy(),
                account.createdAt(),
                account.rotatedAt(),
                account.revokedAt(),
                connections.of(account),
                password);
    }

    private static NotFoundException missing() {
        return new NotFoundException("there is no account of that id, or it has been revoked");
    }

    @ExceptionHandler
    ProblemDetail wrong(IllegalArgumentException e) {
        return ApiProblems.problem(HttpStatus.BAD_REQUEST, "invalid_value", String.valueOf(e.getMessage()));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> untold(WarehouseException e) {
        LOG.warn("ClickHouse was not told of an account: {}", e.getMessage());
        return ApiProblems.unavailable(
                "It is stored, but ClickHouse has not taken it yet: until it does, what was there before"
                        + " may still be let in. It is told again until it takes it. Repeat the call to learn whether it has; for a"
                        + " password, ask for a new one.");
    }

    @ExceptionHandler
    ProblemDetail taken(AccountExistsException e) {
        return ApiProblems.problem(HttpStatus.CONFLICT, "taken", String.valueOf(e.getMessage()));
    }
}

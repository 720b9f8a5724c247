package io.weir.console.admin;

import static io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.weir.console.access.Caller;
import io.weir.console.api.Data;
import io.weir.console.api.NotFoundException;
import io.weir.console.api.Refuses;
import io.weir.metadata.user.Role;
import io.weir.metadata.user.SignIns;
import io.weir.metadata.user.User;
import io.weir.metadata.user.Users;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** Who may come in. */
@RestController
@RequestMapping(produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "users", description = "Who may come in")
class UsersController {

    /**
     * @param tenant null for all
     * @param signIn password, oidc, or none for a service
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record View(
            String name,
            String role,
            @Nullable String tenant,
            String signIn,
            boolean disabled,
            boolean mustChangePassword,
            @Nullable Instant lockedUntil,
            Instant createdAt) {}

    /**
     * @param password shown once; null for a service
     */
    record Created(View user, @Nullable String password) {}

    /** @param service whether it is a program's: nobody signs in as it */
    record NewUser(
            @Schema(requiredMode = REQUIRED) @Nullable String name,
            @Schema(requiredMode = REQUIRED) @Nullable String role,
            @Nullable String tenant,
            @Nullable Boolean service) {}

    /** The whole of what can be changed; no tenant means all. */
    record Terms(
            @Schema(requiredMode = REQUIRED) @Nullable String role,
            @Nullable String tenant,
            @Nullable Boolean disabled) {}

    record Password(String password) {}

    record Me(String name, String role, @Nullable String tenant) {}

    private final Users users;
    private final SignIns signIns;

    UsersController(Users users, SignIns signIns) {
        this.users = users;
        this.signIns = signIns;
    }

    @GetMapping("/api/v1/me")
    @Operation(summary = "Who the caller is")
    Data<Me> me(Caller caller) {
        return Data.of(new Me(caller.name(), Scope.text(caller.role()), caller.tenant()));
    }

    @GetMapping("/api/v1/users")
    @Operation(summary = "Lists users")
    Data<List<View>> list(Caller caller) {
        return Data.of(users.list().stream()
                .filter(user -> caller.sees(user.tenant()))
                .map(this::view)
                .toList());
    }

    @PostMapping("/api/v1/users")
    @Operation(summary = "Makes a user", description = "The password is shown in this answer alone.")
    @ResponseStatus(HttpStatus.CREATED)
    @Refuses(409)
    ResponseEntity<Data<Created>> create(@RequestBody NewUser wanted, Caller caller) {
        Role role = Scope.role(caller, wanted.role());
        String tenant = Scope.tenant(caller, wanted.tenant());
        String name = Scope.required("name", wanted.name());
        Created created;
        if (Boolean.TRUE.equals(wanted.service())) {
            created = new Created(view(users.createService(name, role, tenant, caller.name())), null);
        } else {
            Users.Created person = users.create(name, role, tenant, caller.name());
            created = new Created(view(person.user()), person.password());
        }
        return ResponseEntity.created(URI.create("/api/v1/users/" + name)).body(Data.of(created));
    }

    @GetMapping("/api/v1/users/{name}")
    @Operation(summary = "A user")
    Data<View> get(@PathVariable String name, Caller caller) {
        return Data.of(view(known(name, caller)));
    }

    @PutMapping("/api/v1/users/{name}")
    @Operation(summary = "Changes what a user may do")
    Data<View> change(@PathVariable String name, @RequestBody Terms terms, Caller caller) {
        User user = known(name, caller);
        Role role = Scope.role(caller, terms.role());
        String tenant = Scope.tenant(caller, terms.tenant());
        return Data.of(users.change(user.id(), role, tenant, Boolean.TRUE.equals(terms.disabled()), caller.name())
                .map(this::view)
                .orElseThrow(() -> missing(name)));
    }

    @PostMapping("/api/v1/users/{name}/password")
    @Operation(summary = "Gives a user a new password, which is shown in this answer alone")
    Data<Password> resetPassword(@PathVariable String name, Caller caller) {
        User user = known(name, caller);
        return Data.of(users.resetPassword(user.name(), caller.name())
                .map(Password::new)
                .orElseThrow(() -> missing(name)));
    }

    private User known(String name, Caller caller) {
        return users.find(name).filter(user -> caller.sees(user.tenant())).orElseThrow(() -> missing(name));
    }

    private static NotFoundException missing(String name) {
        return new NotFoundException("there is no user '" + name + "'");
    }

    private View view(User user) {
        return new View(
                user.name(),
                Scope.text(user.role()),
                user.tenant(),
                user.isService() ? "none" : user.hasPassword() ? "password" : "oidc",
                user.disabled(),
                user.mustChangePassword(),
                signIns.lockedUntil(user.name()).orElse(null),
                user.createdAt());
    }
}

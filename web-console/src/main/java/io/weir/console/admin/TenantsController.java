package io.weir.console.admin;

import static io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import io.weir.console.access.Caller;
import io.weir.console.api.Data;
import io.weir.console.api.NotFoundException;
import io.weir.console.api.Refuses;
import io.weir.metadata.tenant.Tenant;
import io.weir.metadata.tenant.Tenants;
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

/** Whose rows there are. */
@RestController
@RequestMapping(produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "tenants", description = "Whose rows there are")
class TenantsController {

    @JsonNaming(SnakeCaseStrategy.class)
    record View(String name, String displayName, Instant createdAt) {}

    @JsonNaming(SnakeCaseStrategy.class)
    record NewTenant(
            @Schema(requiredMode = REQUIRED) @Nullable String name,
            @Nullable String displayName) {}

    @JsonNaming(SnakeCaseStrategy.class)
    record Terms(@Schema(requiredMode = REQUIRED) @Nullable String displayName) {}

    private final Tenants tenants;

    TenantsController(Tenants tenants) {
        this.tenants = tenants;
    }

    @GetMapping("/api/v1/tenants")
    @Operation(summary = "Lists tenants")
    Data<List<View>> list(Caller caller) {
        return Data.of(tenants.list().stream()
                .filter(tenant -> caller.sees(tenant.name()))
                .map(TenantsController::view)
                .toList());
    }

    @PostMapping("/api/v1/tenants")
    @Operation(summary = "Makes a tenant")
    @ResponseStatus(HttpStatus.CREATED)
    @Refuses(409)
    ResponseEntity<Data<View>> create(@RequestBody NewTenant wanted, Caller caller) {
        String name = Scope.required("name", wanted.name());
        String displayName = wanted.displayName();
        Tenant tenant = tenants.create(name, displayName == null ? name : displayName, caller.name());
        return ResponseEntity.created(URI.create("/api/v1/tenants/" + name)).body(Data.of(view(tenant)));
    }

    @PutMapping("/api/v1/tenants/{name}")
    @Operation(summary = "Changes what a tenant is called for people")
    Data<View> change(@PathVariable String name, @RequestBody Terms terms, Caller caller) {
        if (!caller.sees(name)
                || !tenants.rename(name, Scope.required("display_name", terms.displayName()), caller.name())) {
            throw new NotFoundException("there is no tenant '" + name + "'");
        }
        return Data.of(view(tenants.find(name).orElseThrow()));
    }

    private static View view(Tenant tenant) {
        return new View(tenant.name(), tenant.displayName(), tenant.createdAt());
    }
}

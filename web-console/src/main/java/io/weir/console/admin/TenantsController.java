package io.weir.console.admin;

import io.weir.console.access.Caller;
import io.weir.console.api.NotFoundException;
import io.weir.metadata.tenant.Tenant;
import io.weir.metadata.tenant.Tenants;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** Whose rows there are. */
@RestController
class TenantsController {

    @JsonNaming(SnakeCaseStrategy.class)
    record View(String name, String displayName, Instant createdAt) {}

    @JsonNaming(SnakeCaseStrategy.class)
    record NewTenant(@Nullable String name, @Nullable String displayName) {}

    @JsonNaming(SnakeCaseStrategy.class)
    record Terms(@Nullable String displayName) {}

    private final Tenants tenants;

    TenantsController(Tenants tenants) {
        this.tenants = tenants;
    }

    @GetMapping("/api/v1/tenants")
    Answer<List<View>> list(Caller caller) {
        return Answer.of(tenants.list().stream()
                .filter(tenant -> caller.sees(tenant.name()))
                .map(TenantsController::view)
                .toList());
    }

    @PostMapping("/api/v1/tenants")
    ResponseEntity<Answer<View>> create(@RequestBody NewTenant wanted, Caller caller) {
        String name = Scope.required("name", wanted.name());
        String displayName = wanted.displayName();
        Tenant tenant = tenants.create(name, displayName == null ? name : displayName, caller.name());
        return ResponseEntity.created(URI.create("/api/v1/tenants/" + name)).body(Answer.of(view(tenant)));
    }

    @PutMapping("/api/v1/tenants/{name}")
    Answer<View> change(@PathVariable String name, @RequestBody Terms terms, Caller caller) {
        if (!caller.sees(name)
                || !tenants.rename(name, Scope.required("display_name", terms.displayName()), caller.name())) {
            throw new NotFoundException("there is no tenant '" + name + "'");
        }
        return Answer.of(view(tenants.find(name).orElseThrow()));
    }

    private static View view(Tenant tenant) {
        return new View(tenant.name(), tenant.displayName(), tenant.createdAt());
    }
}

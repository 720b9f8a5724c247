package io.weir.console;

import io.weir.metadata.tenant.Tenants;
import io.weir.metadata.user.PersonalTokens;
import io.weir.metadata.user.Role;
import io.weir.metadata.user.User;
import io.weir.metadata.user.Users;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;

/** Users of a console with tokens of their own, made when they are first needed. */
public final class Callers {

    /** Of whom the tests' data are. */
    private static final List<String> TENANTS = List.of("acme", "umbrella");

    private final Users users;
    private final Tenants tenants;
    private final PersonalTokens tokens;
    private final Map<String, String> known = new ConcurrentHashMap<>();

    public Callers(BeanFactory console) {
        this.users = console.getBean(Users.class);
        this.tenants = console.getBean(Tenants.class);
        this.tokens = console.getBean(PersonalTokens.class);
        TENANTS.forEach(tenant -> tenants.register(tenant, "test"));
    }

    /** The token of a user of that name, of whom there may be one only. */
    public String token(String name, Role role, @Nullable String tenant) {
        return known.computeIfAbsent(name + "." + role + "." + tenant, caller -> {
            if (tenant != null
                    && tenants.list().stream().noneMatch(one -> one.name().equals(tenant))) {
                tenants.register(tenant, "test");
            }
            User user = users.find(name).orElseGet(() -> users.createService(name, role, tenant, "test"));
            return tokens.create(user, "test-" + known.size(), role, null, null, "test")
                    .secret();
        });
    }
}

package io.weir.console.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.metadata.user.User;
import io.weir.metadata.user.Users;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** The users who are asking just now; what changes about one is known after two seconds. */
@Component
class KnownUsers {

    private final Users users;
    private final Cache<UUID, Optional<User>> known = Caffeine.newBuilder()
            .expireAfterWrite(Duration.ofSeconds(2))
            .maximumSize(10_000)
            .build();

    KnownUsers(Users users) {
        this.users = users;
    }

    Optional<User> find(UUID id) {
        return known.get(id, users::find);
    }

    void forget(UUID id) {
        known.invalidate(id);
    }
}

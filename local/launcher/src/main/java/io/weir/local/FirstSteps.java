package io.weir.local;

import io.weir.metadata.key.ApiKeyTerms;
import io.weir.metadata.key.ApiKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The key for a first try: made once, kept in a file that only its owner can read. */
final class FirstSteps {

    static final String TENANT = "demo";
    private static final String NAME = "first-steps";

    private FirstSteps() {}

    /** The next first steps need a new key. */
    static void forget(Home home) {
        try {
            Files.deleteIfExists(home.config("first-steps.key"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A revoked key is not shown again. */
    static void revoked(Home home, String tenant, String name) {
        if (tenant.equals(TENANT) && name.equals(NAME)) {
            forget(home);
        }
    }

    /** Where the console leaves the password of its first administrator. */
    static Path password(Home home) {
        return home.config("first-password");
    }

    /** That password, once: whoever asks again gets nothing. */
    static Optional<String> takePassword(Home home) {
        Path file = password(home);
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            String password = Files.readString(file).strip();
            Files.delete(file);
            return Optional.of(password);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String key(Home home, Servers servers) {
        Path file = home.config("first-steps.key");
        try {
            if (Files.exists(file)) {
                return Files.readString(file).strip();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try (Metadata metadata = Metadata.open(servers)) {
            ApiKeys keys = metadata.keys();
            keys.revoke(TENANT, NAME);
            String key = keys.create(TENANT, NAME, ApiKeyTerms.UNLIMITED);
            Home.write(file, key + "\n");
            return key;
        }
    }
}

package io.weir.metadata.user;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.crypto.password.PasswordEncoder;

/** How passwords are made, judged and stored: bcrypt, with the name of the function in the hash so that it can change. */
final class Passwords {

    private static final int SHORTEST = 12;
    /** bcrypt reads no more bytes. */
    private static final int LONGEST_BYTES = 72;
    /** Without those that look like others. */
    private static final String LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    private static final SecureRandom RANDOM = new SecureRandom();

    private final PasswordEncoder encoder = PasswordEncoderFactories.createDelegatingPasswordEncoder();
    /** What is compared where there is nothing to compare with, so that the answer takes as long. */
    private final String nobodys = hash(generate());

    String hash(String password) {
        return Objects.requireNonNull(encoder.encode(password));
    }

    /** Takes the same time whether or not there is a hash. */
    boolean matches(String password, @Nullable String hash) {
        String candidate = fits(password) ? password : "";
        boolean same = encoder.matches(candidate, hash == null ? nobodys : hash);
        return same && hash != null && !candidate.isEmpty();
    }

    /** 20 characters, 116 bits. */
    static String generate() {
        StringBuilder password = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            password.append(LETTERS.charAt(RANDOM.nextInt(LETTERS.length())));
        }
        return password.toString();
    }

    /**
     * @throws IllegalArgumentException if the password is too easy to guess, or too long to be stored whole
     */
    static void requireStrong(String password, String user) {
        if (password.codePointCount(0, password.length()) < SHORTEST) {
            throw new IllegalArgumentException("password is too short: at least " + SHORTEST + " characters");
        }
        if (!fits(password)) {
            throw new IllegalArgumentException("password is too long: at most " + LONGEST_BYTES + " bytes");
        }
        String small = password.toLowerCase(Locale.ROOT);
        if (password.chars().distinct().count() < 6
                || user.length() > 3 && small.contains(user)
                || small.contains("password")
                || small.contains("123456")
                || small.contains("qwerty")) {
            throw new IllegalArgumentException(
                    "password is too easy to guess: not the user's name, no common words, at least 6 different characters");
        }
    }

    private static boolean fits(String password) {
        return password.length() <= LONGEST_BYTES && password.getBytes(StandardCharsets.UTF_8).length <= LONGEST_BYTES;
    }
}

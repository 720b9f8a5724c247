package io.weir.console.access;

import io.weir.metadata.user.Users;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/** The user by whom a new console is entered: its password goes into a file for its owner's eyes, and nowhere else. */
@Component
class FirstAdministrator implements ApplicationRunner {

    static final String NAME = "admin";
    private static final Logger log = LoggerFactory.getLogger(FirstAdministrator.class);

    private final Users users;
    private final AccessProperties properties;

    FirstAdministrator(Users users, AccessProperties properties) {
        this.users = users;
        this.properties = properties;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        Path file = properties.firstPasswordFile();
        if (file == null) {
            if (users.list().isEmpty()) {
                log.warn("There is no user yet: set weir.console.first-password-file and start again, or sign in by the"
                        + " identity provider");
            }
        } else if (users.createFirst(NAME, password -> write(file, password))) {
            log.info("The first administrator is '{}'; the password is in {}", NAME, file);
        }
    }

    private static void write(Path file, String password) {
        try {
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, password + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("the first password was not written to " + file, e);
        }
    }
}

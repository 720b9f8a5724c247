package io.weir.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir mail}: what the platform's own mail server was sent. */
@Command(name = "mail", description = "Lists the mails that the platform kept, or shows one.")
final class MailCommand implements Callable<Integer> {

    @Mixin
    private Weir.Where where = new Weir.Where();

    @Parameters(arity = "0..1", paramLabel = "ID", description = "Of the mail to show.")
    private @Nullable String id;

    @Option(names = "--raw", description = "As it came, with all its parts.")
    private boolean raw;

    @Override
    public Integer call() throws IOException {
        Path folder = Mail.folder(where.home());
        String wanted = id;
        if (wanted == null) {
            List<String> ids = Mail.ids(folder);
            if (ids.isEmpty()) {
                System.out.println("No mail in " + folder);
            }
            for (String one : ids) {
                Mail mail = Mail.read(folder, one);
                System.out.printf("%-28s %-32s %s%n", mail.id(), mail.to(), mail.subject());
            }
            return 0;
        }
        Mail mail = Mail.read(folder, wanted);
        if (raw) {
            System.out.write(Files.readAllBytes(folder.resolve(wanted + ".eml")));
            System.out.flush();
            return 0;
        }
        System.out.printf(
                "From:    %s%nTo:      %s%nDate:    %s%nSubject: %s%n%n%s%n",
                mail.from(), mail.to(), mail.date(), mail.subject(), mail.text().strip());
        return 0;
    }
}

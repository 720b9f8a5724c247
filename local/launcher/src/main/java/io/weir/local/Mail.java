package io.weir.local;

import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeUtility;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A message that {@link MailServer} kept, as far as a terminal can show it. */
record Mail(String id, String from, String to, String subject, String date, String text) {

    /** The header that names those it was sent to, whatever the message itself says. */
    static final String RECIPIENTS = "X-Envelope-To";

    static Path folder(Home home) {
        return home.data("mail");
    }

    /** The names of all that were kept, oldest first. */
    static List<String> ids(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".eml") && !name.startsWith("."))
                    .map(name -> name.substring(0, name.length() - 4))
                    .sorted()
                    .toList();
        }
    }

    static Mail read(Path folder, String id) throws IOException {
        Path file = folder.resolve(id + ".eml").normalize();
        if (!file.startsWith(folder) || !Files.exists(file)) {
            throw new Failure("there is no mail '" + id + "'; ./weir mail lists them");
        }
        try (InputStream in = Files.newInputStream(file)) {
            MimeMessage message = new MimeMessage(null, in);
            return new Mail(
                    id,
                    header(message, "From"),
                    header(message, RECIPIENTS),
                    header(message, "Subject"),
                    header(message, "Date"),
                    text(message));
        } catch (MessagingException e) {
            throw new IOException(file + " is no mail: " + e.getMessage(), e);
        }
    }

    private static String header(MimeMessage message, String name) throws MessagingException, IOException {
        String header = message.getHeader(name, ", ");
        return header == null ? "" : MimeUtility.decodeText(MimeUtility.unfold(header));
    }

    /** The text for people: of alternatives the plain one. */
    private static String text(Part part) throws MessagingException, IOException {
        @Nullable
        Object content = part.isMimeType("text/plain") || part.isMimeType("multipart/*") ? part.getContent() : null;
        if (content instanceof Multipart parts) {
            for (int i = 0; i < parts.getCount(); i++) {
                String text = text(parts.getBodyPart(i));
                if (!text.isBlank()) {
                    return text;
                }
            }
        }
        return content instanceof String text ? text : "";
    }
}

package io.weir.local;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A message that {@link MailServer} kept, as far as a terminal can show it. */
record Mail(String id, String from, String to, String subject, String date, String text) {

    private static final Pattern ENCODED_WORD = Pattern.compile("=\\?([^?]+)\\?([bBqQ])\\?([^?]*)\\?=(\\s+(?==\\?))?");

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
                    .sorted(java.util.Comparator.comparing(Mail::order))
                    .toList();
        }
    }

    /** The number at the end of a name is not padded. */
    private static String order(String id) {
        int dash = id.lastIndexOf('-');
        return dash < 0
                ? id
                : id.substring(0, dash) + "-" + "0".repeat(Math.max(0, 9 - (id.length() - dash)))
                        + id.substring(dash + 1);
    }

    static Mail read(Path folder, String id) throws IOException {
        Path file = folder.resolve(id + ".eml").normalize();
        if (!file.startsWith(folder) || !Files.exists(file)) {
            throw new Failure("there is no mail '" + id + "'; ./weir mail lists them");
        }
        // One char a byte, until the part's own charset is known.
        Part whole = Part.of(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
        return new Mail(
                id,
                decodeWords(whole.header("From")),
                decodeWords(whole.header("X-Envelope-To")),
                decodeWords(whole.header("Subject")),
                whole.header("Date"),
                whole.text());
    }

    /** RFC 2047. */
    static String decodeWords(String header) {
        Matcher word = ENCODED_WORD.matcher(header);
        return word.replaceAll(found -> {
            byte[] bytes = found.group(2).equalsIgnoreCase("b")
                    ? Base64.getMimeDecoder().decode(found.group(3))
                    : quotedPrintable(found.group(3).replace('_', ' '));
            return Matcher.quoteReplacement(new String(bytes, charset(found.group(1))));
        });
    }

    private static Charset charset(String name) {
        try {
            return Charset.forName(name);
        } catch (IllegalArgumentException e) {
            return StandardCharsets.UTF_8;
        }
    }

    private static byte[] quotedPrintable(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String joined = text.replaceAll("=[ \\t]*\\r?\\n", "");
        for (int at = 0; at < joined.length(); at++) {
            char next = joined.charAt(at);
            if (next == '=' && at + 2 < joined.length()) {
                int value =
                        Character.digit(joined.charAt(at + 1), 16) * 16 + Character.digit(joined.charAt(at + 2), 16);
                if (value >= 0) {
                    bytes.write(value);
                    at += 2;
                    continue;
                }
            }
            bytes.write(next);
        }
        return bytes.toByteArray();
    }

    private record Part(String headers, String body) {

        static Part of(String text) {
            Matcher end = Pattern.compile("\\r?\\n\\r?\\n").matcher(text);
            boolean found = end.find();
            String headers = found ? text.substring(0, end.start()) : text;
            return new Part(headers.replaceAll("\\r?\\n[ \\t]+", " "), found ? text.substring(end.end()) : "");
        }

        String header(String name) {
            String start = name.toLowerCase(Locale.ROOT) + ":";
            return headers.lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                    .map(line -> line.substring(start.length()).strip())
                    .findFirst()
                    .orElse("");
        }

        /** The text for people: of alternatives the plain one. */
        String text() {
            String type = header("Content-Type");
            String kind = type.toLowerCase(Locale.ROOT);
            if (kind.startsWith("multipart/")) {
                return parts(parameter(type, "boundary")).stream()
                        .map(Part::text)
                        .filter(text -> !text.isBlank())
                        .findFirst()
                        .orElse("");
            }
            if (!kind.isEmpty() && !kind.startsWith("text/plain")) {
                return "";
            }
            String encoding = header("Content-Transfer-Encoding").toLowerCase(Locale.ROOT);
            byte[] bytes = encoding.equals("base64")
                    ? Base64.getMimeDecoder().decode(body)
                    : encoding.equals("quoted-printable")
                            ? quotedPrintable(body)
                            : body.getBytes(StandardCharsets.ISO_8859_1);
            return new String(bytes, charset(parameter(type, "charset")));
        }

        private List<Part> parts(String boundary) {
            List<Part> parts = new ArrayList<>();
            String[] pieces = ("\n" + body).split("\\r?\\n--" + Pattern.quote(boundary));
            for (int piece = 1; piece < pieces.length && !pieces[piece].startsWith("--"); piece++) {
                parts.add(of(pieces[piece].replaceFirst("^[ \\t]*\\r?\\n", "")));
            }
            return parts;
        }

        private static String parameter(String header, String name) {
            Matcher found = Pattern.compile("(?i)[;\\s]" + name + "=(?:\"([^\"]*)\"|([^;\\s]+))")
                    .matcher(header);
            return !found.find() ? "" : found.group(1) != null ? found.group(1) : found.group(2);
        }
    }
}

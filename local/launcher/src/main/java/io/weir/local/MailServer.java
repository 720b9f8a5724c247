package io.weir.local;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.subethamail.smtp.MessageHandler;
import org.subethamail.smtp.RejectException;
import org.subethamail.smtp.server.SMTPServer;

/**
 * Takes mail by SMTP on loopback and keeps each message as an {@code .eml} file; nothing is sent on. What has been accepted is on
 * disk.
 */
final class MailServer implements AutoCloseable {

    static final int LARGEST_MESSAGE = 5 << 20;
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);

    private final Path folder;
    private final AtomicInteger number = new AtomicInteger();
    private final SMTPServer server;

    private MailServer(Path folder, int port) {
        this.folder = folder;
        this.server = SMTPServer.port(port)
                .bindAddress(InetAddress.getLoopbackAddress())
                .hostName("weir")
                .softwareName("Weir")
                .maxConnections(4)
                .maxMessageSize(LARGEST_MESSAGE)
                .connectionTimeout(1, TimeUnit.MINUTES)
                .messageHandlerFactory(context -> new Message())
                .build();
    }

    /** Listens from now on; port 0 takes a free one. */
    static MailServer start(Path folder, int port) throws IOException {
        Files.createDirectories(folder);
        MailServer mail = new MailServer(folder, port);
        mail.server.start();
        return mail;
    }

    int port() {
        return server.getPortAllocated();
    }

    @Override
    public void close() {
        server.stop();
    }

    private final class Message implements MessageHandler {

        private String sender = "";
        private final List<String> recipients = new ArrayList<>();

        @Override
        public void from(String address) {
            sender = address;
        }

        @Override
        public void recipient(String address) {
            recipients.add(address);
        }

        @Override
        public String data(InputStream data) throws RejectException, IOException {
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            message.write(("Return-Path: <" + sender + ">\r\n" + Mail.RECIPIENTS + ": " + String.join(", ", recipients)
                            + "\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            message.write(data.readNBytes(LARGEST_MESSAGE));
            if (data.transferTo(OutputStream.nullOutputStream()) > 0) {
                throw new RejectException(552, "the message is larger than " + LARGEST_MESSAGE + " bytes");
            }
            String name = NAME.format(Instant.now()) + "-%04d".formatted(number.incrementAndGet());
            try {
                Path fresh = folder.resolve("." + name);
                Files.write(fresh, message.toByteArray());
                Files.move(fresh, folder.resolve(name + ".eml"), StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw new RejectException(
                        451, "it cannot be kept: " + e.getClass().getSimpleName());
            }
            return "kept as " + name;
        }

        @Override
        public void done() {}
    }
}

package io.weir.local;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Takes mail by SMTP (RFC 5321, without extensions but 8BITMIME and SIZE) on loopback and keeps each message as an {@code .eml}
 * file; nothing is sent on. What has been accepted is on disk.
 */
final class MailServer implements AutoCloseable {

    static final int LARGEST_MESSAGE = 5 << 20;
    private static final int LONGEST_LINE = 64 << 10;
    private static final int MOST_CONNECTIONS = 4;
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private final Path folder;
    private final ServerSocket socket;
    private final Semaphore connections = new Semaphore(MOST_CONNECTIONS);
    private final AtomicInteger number = new AtomicInteger();

    private MailServer(Path folder, ServerSocket socket) {
        this.folder = folder;
        this.socket = socket;
    }

    /** Listens from now on; port 0 takes a free one. */
    static MailServer start(Path folder, int port) throws IOException {
        Files.createDirectories(folder);
        MailServer server = new MailServer(folder, new ServerSocket(port, 50, InetAddress.getByName("127.0.0.1")));
        Thread thread = new Thread(server::accept, "mail");
        thread.setDaemon(true);
        thread.start();
        return server;
    }

    int port() {
        return socket.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                connections.acquireUninterruptibly();
                Thread thread = new Thread(() -> converse(client), "mail-connection");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    System.out.println("mail: " + e);
                }
            }
        }
    }

    private void converse(Socket client) {
        try (client) {
            client.setSoTimeout(60_000);
            new Conversation(new BufferedInputStream(client.getInputStream()), client.getOutputStream()).run();
        } catch (IOException e) {
            System.out.println("mail: a connection broke: " + e);
        } finally {
            connections.release();
        }
    }

    private final class Conversation {
        private final InputStream in;
        private final OutputStream out;
        private @Nullable String sender;
        private final List<String> recipients = new ArrayList<>();

        Conversation(InputStream in, OutputStream out) {
            this.in = in;
            this.out = out;
        }

        void run() throws IOException {
            say("220 weir keeps mail");
            while (true) {
                byte[] bytes = line();
                if (bytes == null) {
                    return;
                }
                String line = new String(bytes, StandardCharsets.UTF_8);
                String upper = line.toUpperCase(Locale.ROOT);
                if (upper.startsWith("EHLO")) {
                    clear();
                    say("250-weir\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE " + LARGEST_MESSAGE);
                } else if (upper.startsWith("HELO")) {
                    clear();
                    say("250 weir");
                } else if (upper.startsWith("MAIL FROM:")) {
                    clear();
                    sender = line.substring(10).strip();
                    say("250 OK");
                } else if (upper.startsWith("RCPT TO:")) {
                    if (sender == null) {
                        say("503 MAIL first");
                    } else {
                        recipients.add(line.substring(8).strip());
                        say("250 OK");
                    }
                } else if (upper.equals("DATA")) {
                    data();
                } else if (upper.equals("RSET")) {
                    clear();
                    say("250 OK");
                } else if (upper.startsWith("NOOP")) {
                    say("250 OK");
                } else if (upper.equals("QUIT")) {
                    say("221 Bye");
                    return;
                } else {
                    say("502 not known here");
                }
            }
        }

        private void data() throws IOException {
            if (recipients.isEmpty()) {
                say("503 RCPT first");
                return;
            }
            say("354 go on, end with a dot");
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            message.write(("Return-Path: " + sender + "\r\nX-Envelope-To: " + String.join(", ", recipients) + "\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            boolean tooLarge = false;
            while (true) {
                byte[] line = line();
                if (line == null) {
                    return;
                }
                if (line.length == 1 && line[0] == '.') {
                    break;
                }
                int from = line.length > 0 && line[0] == '.' ? 1 : 0;
                tooLarge |= message.size() + line.length > LARGEST_MESSAGE;
                if (!tooLarge) {
                    message.write(line, from, line.length - from);
                    message.write('\r');
                    message.write('\n');
                }
            }
            clear();
            if (tooLarge) {
                say("552 the message is larger than " + LARGEST_MESSAGE + " bytes");
                return;
            }
            String name =
                    NAME.format(Instant.now()) + "-" + ProcessHandle.current().pid() + "-" + number.incrementAndGet();
            try {
                Path fresh = folder.resolve("." + name);
                Files.write(fresh, message.toByteArray());
                Files.move(fresh, folder.resolve(name + ".eml"), StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                say("451 it cannot be kept: " + e.getClass().getSimpleName());
                return;
            }
            say("250 kept as " + name);
        }

        private void clear() {
            sender = null;
            recipients.clear();
        }

        /** Without its end; null at the end of the connection. */
        private byte @Nullable [] line() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            while (true) {
                int next = in.read();
                if (next < 0) {
                    return null;
                }
                if (next == '\n') {
                    byte[] bytes = line.toByteArray();
                    int length = bytes.length > 0 && bytes[bytes.length - 1] == '\r' ? bytes.length - 1 : bytes.length;
                    return java.util.Arrays.copyOf(bytes, length);
                }
                line.write(next);
                if (line.size() > LONGEST_LINE) {
                    throw new IOException("a line is longer than " + LONGEST_LINE + " bytes");
                }
            }
        }

        private void say(String answer) throws IOException {
            out.write((answer + "\r\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }
}

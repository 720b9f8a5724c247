package io.weir.bench.sink;

import io.weir.bench.platform.ProcessCpu;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Inserts ready-made Native blocks, each a file, with the least work that a client can do: the kernel moves the bytes from
 * the page cache to the connection. Prints {@code seconds cpuSeconds}.
 */
public final class BareInsert {

    private BareInsert() {}

    /** @param arguments address, user, password, statement, directory of the blocks, connections */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        URI address = URI.create(arguments[0]);
        String head = "POST /?query=" + URLEncoder.encode(arguments[3], StandardCharsets.UTF_8) + " HTTP/1.1\r\nHost: "
                + address.getHost() + "\r\nAuthorization: Basic "
                + Base64.getEncoder()
                        .encodeToString((arguments[1] + ':' + arguments[2]).getBytes(StandardCharsets.UTF_8))
                + "\r\nContent-Length: ";
        List<Path> blocks;
        try (Stream<Path> files = Files.list(Path.of(arguments[4]))) {
            blocks = files.sorted().toList();
        }
        AtomicInteger next = new AtomicInteger();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        double cpu = ProcessCpu.seconds(ProcessHandle.current().pid());
        long begin = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(arguments[5]); i++) {
            Thread thread = new Thread(() -> insert(address, head, blocks, next));
            thread.setUncaughtExceptionHandler((dead, why) -> failure.compareAndSet(null, why));
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        Throwable why = failure.get();
        if (why != null) {
            throw new IOException("an insert failed", why);
        }
        System.out.println(
                seconds + " " + (ProcessCpu.seconds(ProcessHandle.current().pid()) - cpu));
    }

    private static void insert(URI address, String head, List<Path> blocks, AtomicInteger next) {
        try (SocketChannel channel = SocketChannel.open(new InetSocketAddress(address.getHost(), address.getPort()))) {
            OutputStream out = Channels.newOutputStream(channel);
            InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
            for (int i = next.getAndIncrement(); i < blocks.size(); i = next.getAndIncrement()) {
                try (FileChannel file = FileChannel.open(blocks.get(i), StandardOpenOption.READ)) {
                    long size = file.size();
                    out.write((head + size + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                    long sent = 0;
                    while (sent < size) {
                        sent += file.transferTo(sent, size - sent, channel);
                    }
                }
                readAnswer(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void readAnswer(InputStream in) throws IOException {
        String status = line(in);
        boolean chunked = false;
        int length = 0;
        String header = line(in);
        while (!header.isEmpty()) {
            String lower = header.toLowerCase(java.util.Locale.ROOT);
            chunked |= lower.startsWith("transfer-encoding:") && lower.contains("chunked");
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring(15).strip());
            }
            header = line(in);
        }
        StringBuilder body = new StringBuilder();
        if (chunked) {
            int size = Integer.parseInt(line(in), 16);
            while (size > 0) {
                body.append(new String(in.readNBytes(size), StandardCharsets.UTF_8));
                line(in);
                size = Integer.parseInt(line(in), 16);
            }
            line(in);
        } else {
            body.append(new String(in.readNBytes(length), StandardCharsets.UTF_8));
        }
        if (!status.contains(" 200 ")) {
            throw new IOException(status + " " + body);
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int next = in.read();
        while (next != '\n') {
            if (next < 0) {
                throw new IOException("ClickHouse closed the connection");
            }
            if (next != '\r') {
                line.append((char) next);
            }
            next = in.read();
        }
        return line.toString();
    }
}

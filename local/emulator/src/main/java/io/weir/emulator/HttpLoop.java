package io.weir.emulator;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of HTTP/1.1 connections to one plain address, driven by the one thread that calls it. It costs a few
 * microseconds a request, so that a load generator does not take the CPU of what it measures. Connections are kept
 * alive and opened again when they break; requests are not pipelined; nothing is repeated here.
 *
 * <p>Not thread-safe: use one loop per thread.
 */
public final class HttpLoop implements AutoCloseable {

    private static final int READ_BUFFER = 64 * 1024;
    private static final int HEAD_LIMIT = 64 * 1024;
    private static final int ANSWER_LIMIT = 16 * 1024 * 1024;

    private final InetSocketAddress address;
    private final long timeoutNanos;
    private final Selector selector;
    private final ByteBuffer input = ByteBuffer.allocateDirect(READ_BUFFER);
    private final byte[] received = new byte[READ_BUFFER];
    private final ArrayDeque<Connection> idle = new ArrayDeque<>();
    private final List<Connection> all = new ArrayList<>();
    private long nextTimeoutCheck;

    /**
     * @param timeoutMillis how long a request may take, connecting included, before its connection is given up
     */
    public HttpLoop(InetSocketAddress address, int connections, long timeoutMillis) throws IOException {
        this.address = address;
        this.timeoutNanos = timeoutMillis * 1_000_000;
        this.selector = Selector.open();
        for (int i = 0; i < connections; i++) {
            Connection connection = new Connection();
            all.add(connection);
            idle.addLast(connection);
        }
        nextTimeoutCheck = System.nanoTime();
    }

    /** How many requests can be sent now. */
    public int idle() {
        return idle.size();
    }

    /** How many requests wait for their answer. */
    public int busy() {
        return all.size() - idle.size();
    }

    /**
     * Sends a request on an idle connection. The outcome is told from within {@link #run}, never from here.
     *
     * @throws IllegalStateException if no connection is idle
     */
    public void send(Exchange exchange, Exchange.Outcome outcome) {
        // Last in, first out: a light load stays on few warm connections.
        Connection connection = idle.pollLast();
        if (connection == null) {
            throw new IllegalStateException("No connection is idle");
        }
        connection.begin(exchange, outcome);
    }

    /** Moves bytes for at most this long, or until something has happened. */
    public void run(long millis) throws IOException {
        if (millis <= 0) {
            selector.selectNow();
        } else {
            selector.select(millis);
        }
        Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
        while (ready.hasNext()) {
            SelectionKey key = ready.next();
            ready.remove();
            ((Connection) key.attachment()).ready(key);
        }
        long now = System.nanoTime();
        if (now - nextTimeoutCheck >= 0) {
            nextTimeoutCheck = now + 100_000_000;
            for (Connection connection : all) {
                connection.checkTimeout(now);
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (Connection connection : all) {
            connection.disconnect();
        }
        selector.close();
    }

    private final class Connection {
        private @Nullable SocketChannel channel;
        private @Nullable SelectionKey key;
        private @Nullable Exchange exchange;
        private Exchange.@Nullable Outcome outcome;
        private @Nullable String failedAtStart;
        private ByteBuffer[] unsent = new ByteBuffer[0];
        private long startedAt;
        private final AnswerParser parser = new AnswerParser();

        void begin(Exchange next, Exchange.Outcome whom) {
            next.forgetAnswer();
            exchange = next;
            outcome = whom;
            unsent = next.unsent();
            startedAt = System.nanoTime();
            parser.start(next);
            try {
                if (channel == null) {
                    connect();
                } else {
                    write();
                }
            } catch (IOException e) {
                // Told from run(), so that a caller is never called back from within its own send().
                failedAtStart = text(e);
                nextTimeoutCheck = startedAt;
                selector.wakeup();
            }
        }

        private void connect() throws IOException {
            SocketChannel opened = SocketChannel.open();
            channel = opened;
            opened.configureBlocking(false);
            opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
            boolean connected = opened.connect(address);
            key = opened.register(selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, this);
            if (connected) {
                write();
            }
        }

        void ready(SelectionKey selected) {
            SocketChannel open = channel;
            if (open == null || !selected.isValid()) {
                return;
            }
            try {
                if (selected.isConnectable() && open.finishConnect()) {
                    selected.interestOps(SelectionKey.OP_READ);
                    write();
                }
                if (selected.isValid() && selected.isWritable()) {
                    write();
                }
                if (selected.isValid() && selected.isReadable()) {
                    read(open);
                }
            } catch (IOException e) {
                fail(text(e));
            }
        }

        private void write() throws IOException {
            SocketChannel open = channel;
            SelectionKey registered = key;
            if (open == null || registered == null) {
                return;
            }
            open.write(unsent);
            boolean all = !unsent[unsent.length - 1].hasRemaining();
            int wanted = all ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE;
            if (registered.interestOps() != wanted) {
                registered.interestOps(wanted);
            }
        }

        private void read(SocketChannel open) throws IOException {
            while (true) {
                input.clear();
                int count = open.read(input);
                if (count < 0) {
                    if (exchange != null && parser.endOfStream()) {
                        disconnect();
                        succeed();
                    } else {
                        fail("the server closed the connection");
                    }
                    return;
                }
                if (count == 0) {
                    return;
                }
                input.flip();
                input.get(received, 0, count);
                if (exchange == null) {
                    throw new IOException("the server sent an answer to nothing");
                }
                if (parser.feed(received, count)) {
                    boolean sentWhole = !unsent[unsent.length - 1].hasRemaining();
                    if (!sentWhole || parser.closes()) {
                        disconnect();
                    }
                    succeed();
                    return;
                }
                if (count < READ_BUFFER) {
                    return;
                }
            }
        }

        void checkTimeout(long now) {
            if (exchange == null) {
                return;
            }
            String failed = failedAtStart;
            if (failed != null) {
                fail(failed);
            } else if (now - startedAt > timeoutNanos) {
                fail("no answer within " + timeoutNanos / 1_000_000 + " ms");
            }
        }

        private void succeed() {
            Exchange done = exchange;
            Exchange.Outcome whom = outcome;
            release();
            if (done != null && whom != null) {
                whom.answered(done);
            }
        }

        private void fail(String why) {
            Exchange failed = exchange;
            Exchange.Outcome whom = outcome;
            disconnect();
            if (failed != null && whom != null) {
                release();
                failed.forgetAnswer();
                whom.unanswered(failed, why);
            }
        }

        private void release() {
            exchange = null;
            outcome = null;
            failedAtStart = null;
            idle.addLast(this);
        }

        void disconnect() {
            SocketChannel open = channel;
            channel = null;
            key = null;
            if (open != null) {
                try {
                    open.close();
                } catch (IOException alreadyBroken) {
                    // Nothing is left that could be done with it.
                    return;
                }
            }
        }

        private String text(IOException e) {
            String message = e.getMessage();
            return message == null ? e.getClass().getSimpleName() : message;
        }
    }

    /** Reads one answer: status line, headers, and a body by length, in chunks, or to the end of the stream. */
    private static final class AnswerParser {
        private static final long UNTIL_END = -1;

        private enum State {
            HEAD,
            BODY,
            CHUNK_SIZE,
            CHUNK,
            CHUNK_END,
            TRAILER,
            DONE
        }

        private @Nullable Exchange exchange;
        private State state = State.HEAD;
        private byte[] line = new byte[1024];
        private int lineLength;
        private boolean statusSeen;
        private long remaining;
        private boolean chunked;
        private boolean closes;
        private int headBytes;
        private long bodyBytes;

        void start(Exchange next) {
            exchange = next;
            startHead();
        }

        private void startHead() {
            state = State.HEAD;
            lineLength = 0;
            statusSeen = false;
            remaining = UNTIL_END;
            chunked = false;
            closes = false;
            headBytes = 0;
            bodyBytes = 0;
        }

        boolean closes() {
            return closes;
        }

        /** @return whether the answer is whole, now that the stream has ended */
        boolean endOfStream() {
            return state == State.BODY && remaining == UNTIL_END;
        }

        /** @return whether the answer is whole */
        boolean feed(byte[] bytes, int count) throws IOException {
            Exchange target = exchange;
            if (target == null) {
                throw new IOException("no request is open");
            }
            int at = 0;
            while (at < count && state != State.DONE) {
                switch (state) {
                    case BODY, CHUNK -> {
                        int part = remaining == UNTIL_END ? count - at : (int) Math.min(remaining, count - at);
                        bodyBytes += part;
                        if (bodyBytes > ANSWER_LIMIT) {
                            throw new IOException("the answer is larger than " + ANSWER_LIMIT + " bytes");
                        }
                        target.appendAnswer(bytes, at, part);
                        at += part;
                        if (remaining != UNTIL_END) {
                            remaining -= part;
                            if (remaining == 0) {
                                state = state == State.BODY ? State.DONE : State.CHUNK_END;
                            }
                        }
                    }
                    default -> {
                        byte next = bytes[at++];
                        if (next == '\n') {
                            endLine(target);
                            lineLength = 0;
                        } else if (next != '\r') {
                            if (lineLength == line.length) {
                                line = Arrays.copyOf(line, line.length * 2);
                            }
                            line[lineLength++] = next;
                        }
                        if (++headBytes > HEAD_LIMIT && state == State.HEAD) {
                            throw new IOException("the head of the answer is larger than " + HEAD_LIMIT + " bytes");
                        }
                    }
                }
            }
            return state == State.DONE;
        }

        private void endLine(Exchange target) throws IOException {
            switch (state) {
                case HEAD -> {
                    if (lineLength == 0 && statusSeen) {
                        endHead(target);
                    } else if (!statusSeen) {
                        target.status(statusOf());
                        statusSeen = true;
                    } else {
                        header(target);
                    }
                }
                case CHUNK_SIZE -> {
                    remaining = chunkSize();
                    state = remaining == 0 ? State.TRAILER : State.CHUNK;
                }
                case CHUNK_END -> state = State.CHUNK_SIZE;
                case TRAILER -> {
                    if (lineLength == 0) {
                        state = State.DONE;
                    }
                }
                default -> throw new IllegalStateException("no line ends in " + state);
            }
        }

        private void endHead(Exchange target) {
            if (target.status() >= 100 && target.status() < 200) {
                startHead();
            } else if (chunked) {
                state = State.CHUNK_SIZE;
            } else if (remaining == 0 || target.status() == 204 || target.status() == 304) {
                state = State.DONE;
            } else {
                state = State.BODY;
            }
        }

        private int statusOf() throws IOException {
            if (lineLength < 12 || line[0] != 'H' || line[8] != ' ') {
                throw new IOException("not an HTTP answer: " + lineText());
            }
            return (line[9] - '0') * 100 + (line[10] - '0') * 10 + line[11] - '0';
        }

        private void header(Exchange target) throws IOException {
            if (named("content-length")) {
                try {
                    remaining = Long.parseLong(value());
                } catch (NumberFormatException e) {
                    throw new IOException("unreadable header: " + lineText(), e);
                }
            } else if (named("transfer-encoding")) {
                chunked = value().toLowerCase(Locale.ROOT).contains("chunked");
            } else if (named("connection")) {
                closes = value().equalsIgnoreCase("close");
            } else if (named("retry-after")) {
                target.retryAfter(value());
            }
        }

        private boolean named(String name) {
            if (lineLength <= name.length() || line[name.length()] != ':') {
                return false;
            }
            for (int i = 0; i < name.length(); i++) {
                if ((line[i] | 0x20) != (name.charAt(i) | 0x20)) {
                    return false;
                }
            }
            return true;
        }

        private String value() {
            String text = lineText();
            return text.substring(text.indexOf(':') + 1).strip();
        }

        private String lineText() {
            return new String(line, 0, lineLength, StandardCharsets.ISO_8859_1);
        }

        private long chunkSize() throws IOException {
            String text = lineText();
            int end = text.indexOf(';');
            try {
                return Long.parseLong((end < 0 ? text : text.substring(0, end)).strip(), 16);
            } catch (NumberFormatException e) {
                throw new IOException("unreadable chunk size: " + text, e);
            }
        }
    }
}

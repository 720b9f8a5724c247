package io.weir.emulator;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request and, once it was answered, its answer. The request's bytes stay as they are, so the same exchange
 * can be sent again, byte for byte. Not thread-safe.
 */
public class Exchange {

    private byte[] head = new byte[0];
    private byte[] body = new byte[0];
    private int bodyLength;

    private int status;
    private long retryAfterMillis = -1;
    private byte[] answer = new byte[256];
    private int answerLength;

    /** Whoever wants to know the outcome; called on the loop's thread. */
    public interface Outcome {
        /** The answer has arrived whole. */
        void answered(Exchange exchange);

        /** No answer will come: the server may or may not have seen the request. */
        void unanswered(Exchange exchange, String why);
    }

    /**
     * Sets the request.
     *
     * @param head request line and headers with the closing empty line; must name the body's length
     * @param body its first {@code bodyLength} bytes are the body; kept, not copied
     */
    public final void request(byte[] head, byte[] body, int bodyLength) {
        this.head = head;
        this.body = body;
        this.bodyLength = bodyLength;
    }

    public final int bodyLength() {
        return bodyLength;
    }

    /** The status of the answer, 0 while there is none. */
    public final int status() {
        return status;
    }

    /** What {@code Retry-After} asked for in milliseconds, or -1. Only its form in seconds is understood. */
    public final long retryAfterMillis() {
        return retryAfterMillis;
    }

    /** The body of the answer as text. */
    public final String answerText() {
        return new String(answer, 0, answerLength, StandardCharsets.UTF_8);
    }

    /** The whole number that stands after {@code "name":} for the first time in the answer, or -1. */
    public final long answerNumber(String name) {
        byte[] wanted = ('"' + name + '"').getBytes(StandardCharsets.US_ASCII);
        int at = indexOf(wanted);
        if (at < 0) {
            return -1;
        }
        at += wanted.length;
        while (at < answerLength && (answer[at] == ':' || answer[at] == ' ' || answer[at] == '\n')) {
            at++;
        }
        long value = 0;
        int digits = 0;
        while (at < answerLength && answer[at] >= '0' && answer[at] <= '9') {
            value = value * 10 + answer[at] - '0';
            at++;
            digits++;
        }
        return digits == 0 ? -1 : value;
    }

    private int indexOf(byte[] wanted) {
        for (int at = 0; at + wanted.length <= answerLength; at++) {
            int matched = 0;
            while (matched < wanted.length && answer[at + matched] == wanted[matched]) {
                matched++;
            }
            if (matched == wanted.length) {
                return at;
            }
        }
        return -1;
    }

    final void forgetAnswer() {
        status = 0;
        retryAfterMillis = -1;
        answerLength = 0;
    }

    final void status(int status) {
        this.status = status;
    }

    final void retryAfter(String value) {
        try {
            retryAfterMillis = Math.max(0, Math.round(Double.parseDouble(value.strip()) * 1000));
        } catch (NumberFormatException aDate) {
            retryAfterMillis = -1;
        }
    }

    final void appendAnswer(byte[] bytes, int offset, int length) {
        if (answerLength + length > answer.length) {
            answer = java.util.Arrays.copyOf(answer, Math.max(answer.length * 2, answerLength + length));
        }
        System.arraycopy(bytes, offset, answer, answerLength, length);
        answerLength += length;
    }

    final ByteBuffer[] unsent() {
        return new ByteBuffer[] {ByteBuffer.wrap(head), ByteBuffer.wrap(body, 0, bodyLength)};
    }

    /** The start of a POST: everything but the headers that differ from request to request. */
    public static String postHead(
            String host, int port, String path, String contentType, @Nullable String key, boolean gzip) {
        StringBuilder head = new StringBuilder(256)
                .append(String.format(Locale.ROOT, "POST %s HTTP/1.1\r\nHost: %s:%d\r\n", path, host, port))
                .append("User-Agent: weir-emulator\r\nAccept: application/json\r\nContent-Type: ")
                .append(contentType)
                .append("\r\n");
        if (key != null) {
            head.append("Authorization: Bearer ").append(key).append("\r\n");
        }
        if (gzip) {
            head.append("Content-Encoding: gzip\r\n");
        }
        return head.toString();
    }
}

package io.weir.processor.enrich.log;

import io.weir.event.EventHandler;
import io.weir.event.Field;
import java.nio.charset.StandardCharsets;

/**
 * The first line of an HTTP request as servers log it: {@code GET /path HTTP/1.1}; the path may have spaces in it, the
 * protocol may be missing (HTTP/0.9). What is no request line becomes the attribute {@code request_line}.
 */
final class RequestLine {
    private static final byte[] PROTOCOL = "protocol".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REQUEST_LINE = "request_line".getBytes(StandardCharsets.US_ASCII);

    private final LineText text;

    RequestLine(LineText text) {
        this.text = text;
    }

    /**
     * @param escaped whether the server wrote quotes, controls and the like as escapes
     * @return whether method and endpoint were found
     */
    boolean parse(byte[] line, int from, int to, boolean escaped, EventHandler out) {
        byte[] b = line;
        int start = from;
        int end = to;
        if (escaped && LineText.hasBackslash(line, from, to)) {
            b = text.decode(line, from, to).toBytes();
            start = 0;
            end = b.length;
        }
        while (end > start && b[end - 1] == ' ') {
            end--;
        }
        int methodEnd = start;
        while (methodEnd < end && b[methodEnd] != ' ') {
            methodEnd++;
        }
        int target = methodEnd;
        while (target < end && b[target] == ' ') {
            target++;
        }
        int protocol = end;
        while (protocol > target && b[protocol - 1] != ' ') {
            protocol--;
        }
        boolean hasProtocol = protocol > target && isProtocol(b, protocol, end);
        int targetEnd = end;
        if (hasProtocol) {
            targetEnd = protocol;
            while (targetEnd > target && b[targetEnd - 1] == ' ') {
                targetEnd--;
            }
        }
        if (!isMethod(b, start, methodEnd) || target >= targetEnd || !isTarget(b, target, targetEnd, hasProtocol)) {
            text.attribute(out, REQUEST_LINE, b, start, end);
            return false;
        }
        text.text(out, Field.METHOD, b, start, methodEnd);
        text.text(out, Field.ENDPOINT, b, target, targetEnd);
        if (hasProtocol) {
            text.attribute(out, PROTOCOL, b, protocol, end);
        }
        return true;
    }

    private static boolean isMethod(byte[] b, int from, int to) {
        if (to - from < 2 || to - from > Field.METHOD.maxBytes()) {
            return false;
        }
        for (int i = from; i < to; i++) {
            boolean letter = (b[i] >= 'A' && b[i] <= 'Z') || (b[i] >= 'a' && b[i] <= 'z');
            if (!letter && b[i] != '-' && b[i] != '_') {
                return false;
            }
        }
        return true;
    }

    private static boolean isTarget(byte[] b, int from, int to, boolean hasProtocol) {
        return b[from] == '/' || hasProtocol || (b[from] == '*' && to - from == 1);
    }

    private static boolean isProtocol(byte[] b, int from, int to) {
        return to - from > 5
                && (b[from] | 0x20) == 'h'
                && (b[from + 1] | 0x20) == 't'
                && (b[from + 2] | 0x20) == 't'
                && (b[from + 3] | 0x20) == 'p'
                && b[from + 4] == '/';
    }
}

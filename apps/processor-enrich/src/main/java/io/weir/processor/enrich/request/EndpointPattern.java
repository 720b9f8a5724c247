package io.weir.processor.enrich.request;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A template that an operator gives: literal segments, {@code {name}} for any one segment, and {@code **} at the end for
 * any rest, also an empty one.
 */
final class EndpointPattern {
    private static final int MAXIMUM_BYTES = 256;

    /** Stands for any one segment; compared by identity. */
    private static final byte[] ANY = {};

    private final byte[] text;
    private final List<byte[]> segments;
    private final boolean openEnd;

    private EndpointPattern(byte[] text, List<byte[]> segments, boolean openEnd) {
        this.text = text;
        this.segments = segments;
        this.openEnd = openEnd;
    }

    /** @throws IllegalArgumentException if the text is no template; the message says why */
    static EndpointPattern parse(String text) {
        if (!text.startsWith("/")) {
            throw new IllegalArgumentException("'" + text + "' does not begin with '/'");
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAXIMUM_BYTES) {
            throw new IllegalArgumentException("'" + text + "' is longer than " + MAXIMUM_BYTES + " bytes");
        }
        String[] parts = text.substring(1).split("/", -1);
        boolean openEnd = parts[parts.length - 1].equals("**");
        int count = openEnd ? parts.length - 1 : parts.length;
        List<byte[]> segments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String part = parts[i];
            boolean variable = part.length() > 2 && part.startsWith("{") && part.endsWith("}");
            if (!variable && (part.contains("{") || part.contains("}") || part.contains("*"))) {
                throw new IllegalArgumentException("'" + text + "' has the segment '" + part
                        + "'; a segment is text, or {name}, or (the last one) **");
            }
            segments.add(variable ? ANY : part.getBytes(StandardCharsets.UTF_8));
        }
        return new EndpointPattern(bytes, segments, openEnd);
    }

    byte[] text() {
        return text;
    }

    boolean matches(byte[] path, int offset, int length) {
        int end = offset + length;
        int at = offset;
        for (byte[] segment : segments) {
            if (at >= end || path[at] != '/') {
                return false;
            }
            int from = at + 1;
            int to = from;
            while (to < end && path[to] != '/') {
                to++;
            }
            boolean same = segment == ANY ? to > from : Arrays.equals(segment, 0, segment.length, path, from, to);
            if (!same) {
                return false;
            }
            at = to;
        }
        return at == end || openEnd;
    }
}

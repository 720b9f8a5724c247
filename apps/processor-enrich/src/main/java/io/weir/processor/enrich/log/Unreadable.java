package io.weir.processor.enrich.log;

import io.weir.event.Reason;
import io.weir.event.Rejection;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Why a line cannot be read, with the part of it that stands in the way. */
final class Unreadable {
    private static final int SHOWN = 60;

    private Unreadable() {}

    /** @param offset where in the line, in bytes */
    static Rejection line(String detail, int offset) {
        return new Rejection(Reason.UNREADABLE_LINE, null, detail, offset);
    }

    static Rejection field(@Nullable String field, String detail, int offset) {
        return new Rejection(Reason.UNREADABLE_LINE, field, detail, offset);
    }

    /** The text in quotes, cut to what a person reads, with nothing in it that a terminal would obey. */
    static String shown(byte[] bytes, int offset, int length) {
        int size = Math.min(length, SHOWN);
        StringBuilder text = new StringBuilder(size + 5).append('\'');
        String decoded = new String(bytes, offset, size, StandardCharsets.UTF_8);
        for (int i = 0; i < decoded.length(); i++) {
            char c = decoded.charAt(i);
            text.append(Character.isISOControl(c) ? '\uFFFD' : c);
        }
        return text.append(length > SHOWN ? "...'" : "'").toString();
    }
}

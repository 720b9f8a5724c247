package io.weir.event;

import org.jspecify.annotations.Nullable;

/**
 * Why an event is not taken.
 *
 * @param reason a {@link Reason} code
 * @param field the field that is wrong, such as {@code status_code} or {@code attributes.user}; null if it is the event
 * @param detail one sentence for people; holds no value of the event
 * @param offset where in the event's bytes it was noticed, from 0; -1 if that is unknown
 */
public record Rejection(String reason, @Nullable String field, String detail, int offset) {

    public Rejection(Reason reason, @Nullable String field, String detail, int offset) {
        this(reason.code(), field, detail, offset);
    }

    static Rejection tooLarge(int maxEventBytes) {
        return new Rejection(Reason.TOO_LARGE, null, "longer than " + maxEventBytes + " bytes", maxEventBytes);
    }
}

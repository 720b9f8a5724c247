package io.weir.processor.enrich.log;

import io.weir.event.EventHandler;
import io.weir.event.Rejection;
import org.jspecify.annotations.Nullable;

/**
 * Reads one log line into the fields of an event.
 *
 * <p>A parser tells only what the line says: the same bytes, received at the same time, always give the same fields. It
 * may be used again for the next line, by one thread.
 */
public interface LineParser {
    /**
     * @param receivedAt epoch milliseconds; used for a line without a time of its own, or without a year
     * @return null if the line was read and handed to {@code out} whole; otherwise why not ({@code out} may have seen a
     *     part of it)
     */
    @Nullable
    Rejection parse(byte[] line, int offset, int length, long receivedAt, EventHandler out);
}

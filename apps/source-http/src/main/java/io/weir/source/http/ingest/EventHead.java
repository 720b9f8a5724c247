package io.weir.source.http.ingest;

import io.weir.event.EventHandler;
import io.weir.event.Field;
import java.util.Arrays;

/** What the source needs to know of an event: its id and its source, as the bytes they stand in. Reused from event to event. */
final class EventHead implements EventHandler {

    private byte[] id = new byte[256];
    private int idLength;
    private byte[] source = new byte[256];
    private int sourceLength;

    void clear() {
        idLength = 0;
        sourceLength = 0;
    }

    @Override
    public void text(Field field, byte[] buffer, int offset, int length) {
        if (field == Field.ID) {
            if (length > id.length) {
                id = new byte[length];
            }
            System.arraycopy(buffer, offset, id, 0, length);
            idLength = length;
        } else if (field == Field.SOURCE) {
            if (length > source.length) {
                source = new byte[length];
            }
            System.arraycopy(buffer, offset, source, 0, length);
            sourceLength = length;
        }
    }

    boolean hasId() {
        return idLength > 0;
    }

    byte[] id() {
        return Arrays.copyOf(id, idLength);
    }

    boolean hasSource() {
        return sourceLength > 0;
    }

    /** Whether the key ends in this event's source, after the given number of bytes. */
    boolean isSourceOf(byte[] key, int from) {
        return Arrays.equals(key, from, key.length, source, 0, sourceLength);
    }

    /** The bytes of the prefix, followed by the source. */
    byte[] appendSource(byte[] prefix) {
        byte[] key = Arrays.copyOf(prefix, prefix.length + sourceLength);
        System.arraycopy(source, 0, key, prefix.length, sourceLength);
        return key;
    }

    @Override
    public void number(Field field, long value) {}

    @Override
    public void number(Field field, double value) {}

    @Override
    public void flag(Field field, boolean value) {}

    @Override
    public void measurement(byte[] nameBuffer, int nameOffset, int nameLength, double value) {}

    @Override
    public void attribute(
            byte[] nameBuffer, int nameOffset, int nameLength, byte[] valueBuffer, int valueOffset, int valueLength) {}
}

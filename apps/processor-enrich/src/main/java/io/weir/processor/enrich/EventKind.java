package io.weir.processor.enrich;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The kinds of events that the platform itself knows; any other type is {@link #OTHER}. */
public enum EventKind {
    REQUEST("request"),
    LOG("log"),
    READING("reading"),
    OTHER("event");

    private static final EventKind[] ALL = values();

    private final byte[] type;
    private final String name;

    EventKind(String name) {
        this.name = name;
        type = name.getBytes(StandardCharsets.US_ASCII);
    }

    /** The type of an event that is of this kind and does not name its type. Shared: read only. */
    byte[] type() {
        return type;
    }

    /** The name in metrics. */
    public String label() {
        return this == OTHER ? "other" : name;
    }

    static EventKind of(byte[] buffer, int offset, int length) {
        for (EventKind kind : ALL) {
            if (Arrays.equals(kind.type, 0, kind.type.length, buffer, offset, offset + length)) {
                return kind;
            }
        }
        return OTHER;
    }
}

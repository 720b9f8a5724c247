package io.weir.event;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Finds a field by the bytes of its name: a small open-addressed table, filled once. */
final class FieldTable {

    private static final int SIZE = 256;

    private static final FieldTable INGEST = new FieldTable(Stage.INGEST);
    private static final FieldTable ENRICHED = new FieldTable(Stage.ENRICHED);

    private final @Nullable Field[] slots = new Field[SIZE];

    static FieldTable of(Stage stage) {
        return stage == Stage.INGEST ? INGEST : ENRICHED;
    }

    private FieldTable(Stage stage) {
        for (Field field : Field.values()) {
            if (stage == Stage.ENRICHED || !field.isEnrichment()) {
                byte[] name = field.utf8();
                int slot = slot(name, 0, name.length);
                while (slots[slot] != null) {
                    slot = slot + 1 & SIZE - 1;
                }
                slots[slot] = field;
            }
        }
    }

    @Nullable
    Field find(byte[] buffer, int offset, int length) {
        if (length == 0) {
            return null;
        }
        int slot = slot(buffer, offset, length);
        for (Field field = slots[slot]; field != null; field = slots[slot]) {
            byte[] name = field.utf8();
            if (name.length == length && Arrays.equals(name, 0, length, buffer, offset, offset + length)) {
                return field;
            }
            slot = slot + 1 & SIZE - 1;
        }
        return null;
    }

    private static int slot(byte[] buffer, int offset, int length) {
        int hash =
                buffer[offset] * 31 + buffer[offset + length - 1] * 7 + buffer[offset + length / 2] * 13 + length * 17;
        return hash & SIZE - 1;
    }
}

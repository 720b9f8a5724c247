package io.weir.sink.clickhouse.block;

import io.weir.event.ByteSink;

/** Objects as JSON text, which the server takes apart; the default is an empty one. */
final class JsonColumn extends Column {

    private static final byte[] EMPTY = {'{', '}'};

    private final TextColumn texts;
    private final ByteSink open = new ByteSink();

    JsonColumn(String name) {
        super(name, "String");
        this.texts = new TextColumn(name);
    }

    /** Adds a member to the object of the row that is being filled. */
    void append(
            byte[] nameBuffer, int nameOffset, int nameLength, byte[] valueBuffer, int valueOffset, int valueLength) {
        open.write(open.size() == 0 ? '{' : ',');
        name(nameBuffer, nameOffset, nameLength);
        open.write(':');
        open.write(valueBuffer, valueOffset, valueLength);
    }

    private void name(byte[] buffer, int offset, int length) {
        open.write('"');
        int from = offset;
        for (int i = offset; i < offset + length; i++) {
            byte b = buffer[i];
            if (b == '"' || b == '\\' || b >= 0 && b < 0x20) {
                open.write(buffer, from, i - from);
                open.write('\\');
                if (b == '"' || b == '\\') {
                    open.write(b);
                } else {
                    open.write('u');
                    open.write('0');
                    open.write('0');
                    open.write('0' + (b >> 4));
                    open.write(Character.forDigit(b & 0xf, 16));
                }
                from = i + 1;
            }
        }
        open.write(buffer, from, offset + length - from);
        open.write('"');
    }

    @Override
    void endRow(int newRows) {
        if (newRows > rows) {
            if (open.size() == 0) {
                texts.append(EMPTY, 0, EMPTY.length);
            } else {
                open.write('}');
                texts.append(open.array(), 0, open.size());
            }
        } else {
            texts.endRow(newRows);
        }
        open.reset();
        rows = newRows;
    }

    @Override
    void clear() {
        rows = 0;
        texts.clear();
        open.reset();
    }

    @Override
    void write(int[] order, BlockBuffer out) {
        texts.write(order, out);
    }
}

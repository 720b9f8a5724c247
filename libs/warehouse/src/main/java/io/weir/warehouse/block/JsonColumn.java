package io.weir.warehouse.block;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code JSON}: objects, split into their paths here, so that ClickHouse need not parse them.
 *
 * <p>Numbers become {@code Int64}, {@code UInt64} or {@code Float64}, whichever holds them; one that none holds is kept as the
 * text it was. Null is the same as absent, an empty object too. Of two values of one path in a row the first stands. A row
 * with an array, or with paths beyond {@link #MAX_PATHS} of the block, is sent as text, and ClickHouse parses it.
 *
 * <p>The format is that of {@code output_format_native_use_flattened_dynamic_and_json_serialization}: all paths, then for each
 * path which type each row has, then each type's values.
 */
public final class JsonColumn extends Column {

    /** Distinct paths in one block that are split. */
    public static final int MAX_PATHS = 128;

    private static final long FLATTENED = 3;
    private static final long TEXT = 1;

    private static final byte ABSENT = 0;
    private static final byte BOOL = 1;
    private static final byte FLOAT = 2;
    private static final byte INT = 3;
    private static final byte STRING = 4;
    private static final byte UNSIGNED = 5;
    private static final String[] TYPES = {"", "Bool", "Float64", "Int64", "String", "UInt64"};

    private static final double[] POWERS_OF_TEN = new double[23];

    static {
        double power = 1;
        for (int i = 0; i < POWERS_OF_TEN.length; i++) {
            POWERS_OF_TEN[i] = power;
            power *= 10;
        }
    }

    private static final class Path {
        final byte[] name;
        byte[] kinds = new byte[64];
        long[] values = new long[64];
        final int[] counts = new int[TYPES.length];

        Path(byte[] name) {
            this.name = name;
        }

        boolean isUsed() {
            for (int count : counts) {
                if (count > 0) {
                    return true;
                }
            }
            return false;
        }

        void reserve(int rows) {
            if (kinds.length < rows) {
                int length = larger(kinds.length, rows);
                kinds = Arrays.copyOf(kinds, length);
                values = Arrays.copyOf(values, length);
            }
        }
    }

    private final List<Path> paths = new ArrayList<>();
    private final int[] slots = new int[4 * MAX_PATHS];
    private final Bytes texts = new Bytes();
    private final Bytes name = new Bytes();
    private final Bytes raw = new Bytes();
    private int[] rawStarts = new int[64];
    private int[] rawLengths = new int[64];
    private final List<Path> rowPaths = new ArrayList<>();
    private int next;
    private int rowRawStart;
    private int rowTextStart;
    private boolean rowIsUnsplit;
    private int unsplits;
    private boolean text;

    /** @param type {@code JSON} with its parameters, as the table has it */
    public JsonColumn(String name, String type) {
        super(name, type);
    }

    /**
     * Adds a member of the row's object.
     *
     * @param nameBuffer the member's name, unescaped
     * @param value the value as it stands in valid JSON
     */
    public void add(
            int row,
            byte[] nameBuffer,
            int nameOffset,
            int nameLength,
            byte[] value,
            int valueOffset,
            int valueLength) {
        raw.append(raw.size == rowRawStart ? '{' : ',');
        quote(nameBuffer, nameOffset, nameLength);
        raw.append(':');
        raw.append(value, valueOffset, valueLength);
        if (!rowIsUnsplit) {
            name.size = 0;
            name.append(nameBuffer, nameOffset, nameLength);
            split(row, value, valueOffset, valueOffset + valueLength);
        }
    }

    private void quote(byte[] buffer, int offset, int length) {
        raw.append('"');
        for (int i = offset; i < offset + length; i++) {
            byte b = buffer[i];
            if (b == '"' || b == '\\') {
                raw.append('\\');
                raw.append(b);
            } else if (b >= 0 && b < 0x20) {
                raw.append('\\');
                raw.append('u');
                raw.append('0');
                raw.append('0');
                raw.append(b < 0x10 ? '0' : '1');
                raw.append(Character.forDigit(b & 0xf, 16));
            } else {
                raw.append(b);
            }
        }
        raw.append('"');
    }

    void endRow(int row) {
        if (rowIsUnsplit) {
            if (row >= rawStarts.length) {
                int length = larger(rawStarts.length, row + 1);
                rawStarts = Arrays.copyOf(rawStarts, length);
                rawLengths = Arrays.copyOf(rawLengths, length);
            }
            raw.append('}');
            rawStarts[row] = rowRawStart;
            rawLengths[row] = raw.size - rowRawStart;
            unsplits++;
        } else {
            raw.size = rowRawStart;
        }
        rowRawStart = raw.size;
        rowTextStart = texts.size;
        rowIsUnsplit = false;
        rowPaths.clear();
        next = 0;
    }

    boolean hasUnsplit() {
        return unsplits > 0;
    }

    boolean isUnsplit(int row) {
        return row < rawLengths.length && rawLengths[row] > 0;
    }

    /** Which of the two ways the next block is written in. */
    void asText(boolean yes) {
        text = yes;
    }

    /** Takes the value of the path that {@code name} holds apart; gives where the value ends. */
    private int split(int row, byte[] json, int from, int end) {
        byte first = json[from];
        switch (first) {
            case '"' -> {
                return string(row, json, from, end);
            }
            case '{' -> {
                return object(row, json, from, end);
            }
            case '[' -> {
                leaveToServer(row);
                return end;
            }
            case 't' -> {
                put(row, BOOL, 1);
                return from + 4;
            }
            case 'f' -> {
                put(row, BOOL, 0);
                return from + 5;
            }
            case 'n' -> {
                return from + 4;
            }
            default -> {
                return number(row, json, from, end);
            }
        }
    }

    private void leaveToServer(int row) {
        for (Path path : rowPaths) {
            path.counts[path.kinds[row]]--;
            path.kinds[row] = ABSENT;
        }
        rowPaths.clear();
        texts.size = rowTextStart;
        rowIsUnsplit = true;
    }

    private int object(int row, byte[] json, int from, int end) {
        int nameLength = name.size;
        int at = skipSpace(json, from + 1);
        while (json[at] != '}') {
            name.size = nameLength;
            name.append('.');
            at = unescape(json, at, name);
            at = skipSpace(json, at); // the colon
            at = skipSpace(json, at + 1);
            at = split(row, json, at, end);
            if (rowIsUnsplit) {
                return end;
            }
            at = skipSpace(json, at);
            if (json[at] == ',') {
                at = skipSpace(json, at + 1);
            }
        }
        name.size = nameLength;
        return at + 1;
    }

    private static int skipSpace(byte[] json, int from) {
        int at = from;
        while (json[at] == ' ' || json[at] == '\n' || json[at] == '\r' || json[at] == '\t') {
            at++;
        }
        return at;
    }

    private int string(int row, byte[] json, int from, int end) {
        int start = texts.size;
        int at = unescape(json, from, texts);
        put(row, STRING, (long) start << 32 | texts.size - start);
        return at;
    }

    /** Appends the string that begins at {@code from}; gives where it ends, after its quote. */
    private static int unescape(byte[] json, int from, Bytes out) {
        int at = from + 1;
        while (true) {
            int start = at;
            at = Bytes.quoteOrBackslash(json, at);
            out.append(json, start, at - start);
            if (json[at] == '"') {
                return at + 1;
            }
            byte escaped = json[at + 1];
            at += 2;
            switch (escaped) {
                case 'b' -> out.append('\b');
                case 'f' -> out.append('\f');
                case 'n' -> out.append('\n');
                case 'r' -> out.append('\r');
                case 't' -> out.append('\t');
                case 'u' -> {
                    int code = hex(json, at);
                    at += 4;
                    if (Character.isHighSurrogate((char) code) && json[at] == '\\' && json[at + 1] == 'u') {
                        int low = hex(json, at + 2);
                        if (Character.isLowSurrogate((char) low)) {
                            code = Character.toCodePoint((char) code, (char) low);
                            at += 6;
                        }
                    }
                    appendUtf8(Character.isSurrogate((char) code) && code < 0x10000 ? 0xfffd : code, out);
                }
                default -> out.append(escaped);
            }
        }
    }

    private static int hex(byte[] json, int from) {
        int code = 0;
        for (int i = from; i < from + 4; i++) {
            code = code << 4 | Character.digit(json[i], 16);
        }
        return code;
    }

    private static void appendUtf8(int code, Bytes out) {
        if (code < 0x80) {
            out.append(code);
        } else if (code < 0x800) {
            out.append(0xc0 | code >> 6);
            out.append(0x80 | code & 0x3f);
        } else if (code < 0x10000) {
            out.append(0xe0 | code >> 12);
            out.append(0x80 | code >> 6 & 0x3f);
            out.append(0x80 | code & 0x3f);
        } else {
            out.append(0xf0 | code >> 18);
            out.append(0x80 | code >> 12 & 0x3f);
            out.append(0x80 | code >> 6 & 0x3f);
            out.append(0x80 | code & 0x3f);
        }
    }

    private int number(int row, byte[] json, int from, int end) {
        boolean negative = json[from] == '-';
        int at = negative ? from + 1 : from;
        long mantissa = 0;
        int digits = 0;
        int scale = 0;
        boolean integral = true;
        scan:
        for (; at < end; at++) {
            byte b = json[at];
            if (b >= '0' && b <= '9') {
                mantissa = mantissa * 10 + (b - '0');
                if (digits > 0 || b != '0') {
                    digits++;
                }
                if (!integral) {
                    scale++;
                }
            } else if (b == '.') {
                integral = false;
            } else if (b == 'e' || b == 'E') {
                integral = false;
                digits = Integer.MAX_VALUE; // not by the short way
                while (at < end && isPartOfNumber(json[at])) {
                    at++;
                }
                break scan;
            } else {
                break scan;
            }
        }
        if (integral && digits <= 18) {
            put(row, INT, negative ? -mantissa : mantissa);
        } else if (digits <= 15 && scale < POWERS_OF_TEN.length) {
            // Both are exact as doubles, so their quotient is rounded once: the nearest double (Clinger 1990).
            double value = mantissa / POWERS_OF_TEN[scale];
            put(row, FLOAT, Double.doubleToRawLongBits(negative ? -value : value));
        } else {
            longNumber(row, json, from, at, integral);
        }
        return at;
    }

    private static boolean isPartOfNumber(byte b) {
        return b >= '0' && b <= '9' || b == 'e' || b == 'E' || b == '+' || b == '-' || b == '.';
    }

    @SuppressWarnings("deprecation") // ASCII
    private void longNumber(int row, byte[] json, int from, int end, boolean integral) {
        String number = new String(json, 0, from, end - from);
        if (integral) {
            try {
                put(row, INT, Long.parseLong(number));
                return;
            } catch (NumberFormatException e) {
                if (number.charAt(0) != '-' && number.length() <= 20) {
                    try {
                        put(row, UNSIGNED, Long.parseUnsignedLong(number));
                        return;
                    } catch (NumberFormatException tooLarge) {
                        // as a floating point number, then
                    }
                }
            }
        }
        double value = Double.parseDouble(number);
        if (Double.isInfinite(value)) {
            int start = texts.append(json, from, end - from);
            put(row, STRING, (long) start << 32 | end - from);
        } else {
            put(row, FLOAT, Double.doubleToRawLongBits(value));
        }
    }

    private void put(int row, byte kind, long value) {
        Path path = path();
        if (path == null) {
            leaveToServer(row);
            return;
        }
        if (row >= path.kinds.length) {
            path.reserve(row + 1);
        }
        if (path.kinds[row] == ABSENT) {
            path.kinds[row] = kind;
            path.values[row] = value;
            path.counts[kind]++;
            rowPaths.add(path);
        }
    }

    /** The path of the name; null if there are too many. Most rows have the paths of the row before, in their order. */
    private @Nullable Path path() {
        if (next < paths.size() && is(paths.get(next))) {
            return paths.get(next++);
        }
        int slot = Bytes.hash(name.array, 0, name.size) & (slots.length - 1);
        while (slots[slot] != 0) {
            Path path = paths.get(slots[slot] - 1);
            if (is(path)) {
                next = slots[slot];
                return path;
            }
            slot = (slot + 1) & (slots.length - 1);
        }
        if (paths.size() == MAX_PATHS) {
            return null;
        }
        Path path = new Path(Arrays.copyOf(name.array, name.size));
        paths.add(path);
        slots[slot] = paths.size();
        next = paths.size();
        return path;
    }

    private boolean is(Path path) {
        return Bytes.same(path.name, 0, path.name.length, name.array, 0, name.size);
    }

    @Override
    void writePrefix(BlockOutput out) throws IOException {
        if (text) {
            out.writeLong(TEXT);
            return;
        }
        out.writeLong(FLATTENED);
        List<Path> used = used();
        out.writeLength(used.size());
        for (Path path : used) {
            out.writeText(path.name, 0, path.name.length);
        }
        for (Path path : used) {
            out.writeLong(FLATTENED);
            int types = 0;
            for (int kind = 1; kind < TYPES.length; kind++) {
                types += path.counts[kind] > 0 ? 1 : 0;
            }
            out.writeLength(types);
            for (int kind = 1; kind < TYPES.length; kind++) {
                if (path.counts[kind] > 0) {
                    out.writeText(TYPES[kind]);
                }
            }
        }
    }

    private List<Path> used() {
        return paths.stream().filter(Path::isUsed).toList();
    }

    @Override
    void writeRows(BlockOutput out, int[] order, int from, int count) throws IOException {
        if (text) {
            for (int i = from; i < from + count; i++) {
                out.writeText(raw.array, rawStarts[order[i]], rawLengths[order[i]]);
            }
            return;
        }
        byte[] numbers = new byte[TYPES.length];
        for (Path path : used()) {
            int types = 0;
            for (int kind = 1; kind < TYPES.length; kind++) {
                if (path.counts[kind] > 0) {
                    numbers[kind] = (byte) types++;
                }
            }
            numbers[ABSENT] = (byte) types;
            for (int i = from; i < from + count; i++) {
                out.writeByte(numbers[path.kinds[order[i]]]);
            }
            for (byte kind = 1; kind < TYPES.length; kind++) {
                if (path.counts[kind] > 0) {
                    writeValues(out, path, kind, order, from, count);
                }
            }
        }
    }

    private void writeValues(BlockOutput out, Path path, byte kind, int[] order, int from, int count)
            throws IOException {
        for (int i = from; i < from + count; i++) {
            int row = order[i];
            if (path.kinds[row] == kind) {
                long value = path.values[row];
                switch (kind) {
                    case STRING -> out.writeText(texts.array, (int) (value >>> 32), (int) value);
                    case BOOL -> out.writeByte((int) value);
                    default -> out.writeLong(value);
                }
            }
        }
    }

    @Override
    void reserve(int rows) {
        for (Path path : paths) {
            path.reserve(rows);
        }
    }

    @Override
    void unset(int row) {
        leaveToServer(row);
        raw.size = rowRawStart;
        rowIsUnsplit = false;
        next = 0;
    }

    @Override
    void clear(int rows) {
        if (paths.size() > MAX_PATHS / 2) {
            // What comes and goes must not keep out what comes and stays.
            paths.clear();
            Arrays.fill(slots, 0);
        }
        for (Path path : paths) {
            Arrays.fill(path.kinds, 0, Math.min(rows, path.kinds.length), ABSENT);
            Arrays.fill(path.counts, 0);
        }
        Arrays.fill(rawLengths, 0, Math.min(rows, rawLengths.length), 0);
        texts.clear();
        raw.clear();
        rowRawStart = 0;
        rowTextStart = 0;
        rowIsUnsplit = false;
        rowPaths.clear();
        next = 0;
        unsplits = 0;
        text = false;
    }

    @Override
    long variableBytes() {
        return texts.size + raw.size;
    }
}

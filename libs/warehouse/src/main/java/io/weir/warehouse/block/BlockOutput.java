package io.weir.warehouse.block;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A buffer before a stream, with the primitives of the Native format: little-endian numbers, LEB128 lengths. */
final class BlockOutput {

    private static final int SIZE = 1 << 16;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private final OutputStream stream;
    private final byte[] buffer = new byte[SIZE];
    private int size;

    BlockOutput(OutputStream stream) {
        this.stream = stream;
    }

    void writeByte(int value) throws IOException {
        room(1);
        buffer[size++] = (byte) value;
    }

    void writeLong(long value) throws IOException {
        room(8);
        LONG.set(buffer, size, value);
        size += 8;
    }

    /** Writes the lowest bytes of the value. */
    void writeFixed(long value, int width) throws IOException {
        room(8);
        switch (width) {
            case 1 -> buffer[size] = (byte) value;
            case 2 -> SHORT.set(buffer, size, (short) value);
            case 4 -> INT.set(buffer, size, (int) value);
            case 8 -> LONG.set(buffer, size, value);
            default -> throw new IllegalArgumentException("no number of " + width + " bytes");
        }
        size += width;
    }

    void writeLength(int value) throws IOException {
        room(5);
        int rest = value;
        while (rest >= 0x80) {
            buffer[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        buffer[size++] = (byte) rest;
    }

    void writeText(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        writeText(bytes, 0, bytes.length);
    }

    /** Writes the length and the bytes. */
    void writeText(byte[] bytes, int offset, int length) throws IOException {
        writeLength(length);
        if (length <= SIZE - size) {
            System.arraycopy(bytes, offset, buffer, size, length);
            size += length;
        } else {
            flush();
            stream.write(bytes, offset, length);
        }
    }

    void flush() throws IOException {
        stream.write(buffer, 0, size);
        size = 0;
    }

    private void room(int bytes) throws IOException {
        if (SIZE - size < bytes) {
            flush();
        }
    }
}

package io.weir.source.http.body;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decodes gzip (RFC 1952), one or more members in a row, checking length and CRC-32 of each.
 *
 * <p>Java's own {@code GZIPInputStream} waits for input; a server that does not wait must be able to stop anywhere.
 */
final class GzipDecoder implements BodyDecoder {

    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;

    private enum State {
        HEADER,
        EXTRA_LENGTH,
        EXTRA_BYTES,
        NAME_BYTES,
        COMMENT_BYTES,
        HEADER_CRC_BYTES,
        DATA,
        TRAILER
    }

    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] decoded = new byte[32 * 1024];
    private State state = State.HEADER;
    private int flags;
    private int position;
    private int number;
    private long trailer;
    private boolean anyMember;

    @Override
    public void decode(ByteBuffer piece, Output output) throws CorruptBodyException {
        while (piece.hasRemaining()) {
            switch (state) {
                case HEADER -> header(piece.get() & 0xff);
                case EXTRA_LENGTH -> {
                    number |= (piece.get() & 0xff) << (8 * position++);
                    if (position == 2) {
                        position = 0;
                        next(number == 0 ? State.NAME_BYTES : State.EXTRA_BYTES);
                    }
                }
                case EXTRA_BYTES -> {
                    piece.get();
                    if (--number == 0) {
                        next(State.NAME_BYTES);
                    }
                }
                case NAME_BYTES -> {
                    if (piece.get() == 0) {
                        next(State.COMMENT_BYTES);
                    }
                }
                case COMMENT_BYTES -> {
                    if (piece.get() == 0) {
                        next(State.HEADER_CRC_BYTES);
                    }
                }
                case HEADER_CRC_BYTES -> {
                    piece.get();
                    if (++position == 2) {
                        next(State.DATA);
                    }
                }
                case DATA -> inflate(piece, output);
                case TRAILER -> trailer(piece.get() & 0xff);
            }
        }
    }

    private void header(int value) throws CorruptBodyException {
        boolean valid =
                switch (position) {
                    case 0 -> value == 0x1f;
                    case 1 -> value == 0x8b;
                    case 2 -> value == 8;
                    case 3 -> (value & 0xe0) == 0;
                    default -> true;
                };
        if (!valid) {
            throw new CorruptBodyException(anyMember ? "bytes after the end of the gzip data" : "not gzip data");
        }
        if (position == 3) {
            flags = value;
        }
        if (++position == 10) {
            number = 0;
            next(State.EXTRA_LENGTH);
        }
    }

    /** Goes to the given part of the header, or past it to the first that the flags announce. */
    private void next(State wanted) {
        State to = wanted;
        if (to == State.EXTRA_LENGTH && (flags & EXTRA) == 0) {
            to = State.NAME_BYTES;
        }
        if (to == State.NAME_BYTES && (flags & NAME) == 0) {
            to = State.COMMENT_BYTES;
        }
        if (to == State.COMMENT_BYTES && (flags & COMMENT) == 0) {
            to = State.HEADER_CRC_BYTES;
        }
        if (to == State.HEADER_CRC_BYTES && (flags & HEADER_CRC) == 0) {
            to = State.DATA;
        }
        state = to;
        position = 0;
    }

    private void inflate(ByteBuffer piece, Output output) throws CorruptBodyException {
        inflater.setInput(piece);
        try {
            while (true) {
                int length = inflater.inflate(decoded);
                if (length > 0) {
                    crc.update(decoded, 0, length);
                    output.decoded(decoded, 0, length);
                } else if (inflater.finished()) {
                    state = State.TRAILER;
                    position = 0;
                    trailer = 0;
                    return;
                } else if (inflater.needsDictionary()) {
                    throw new CorruptBodyException("gzip data asks for a dictionary");
                } else {
                    return;
                }
            }
        } catch (DataFormatException e) {
            throw new CorruptBodyException("gzip data is corrupt: " + e.getMessage());
        }
    }

    private void trailer(int value) throws CorruptBodyException {
        trailer |= (long) value << (8 * position);
        if (++position < 8) {
            return;
        }
        if ((trailer & 0xffffffffL) != crc.getValue() || trailer >>> 32 != (inflater.getBytesWritten() & 0xffffffffL)) {
            throw new CorruptBodyException("gzip data does not match its checksum");
        }
        inflater.reset();
        crc.reset();
        position = 0;
        state = State.HEADER;
        anyMember = true;
    }

    @Override
    public void end() throws CorruptBodyException {
        if (!(state == State.HEADER && position == 0)) {
            throw new CorruptBodyException("gzip data ends in the middle");
        }
    }

    @Override
    public void close() {
        inflater.end();
    }
}

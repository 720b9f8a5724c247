package io.weir.source.http.body;

import java.nio.ByteBuffer;

/** Hands on what it gets, as arrays. */
final class PlainDecoder implements BodyDecoder {

    private static final ThreadLocal<byte[]> COPY = ThreadLocal.withInitial(() -> new byte[64 * 1024]);

    @Override
    public void decode(ByteBuffer piece, Output output) {
        if (piece.hasArray()) {
            output.decoded(piece.array(), piece.arrayOffset() + piece.position(), piece.remaining());
            piece.position(piece.limit());
            return;
        }
        byte[] copy = COPY.get();
        while (piece.hasRemaining()) {
            int length = Math.min(copy.length, piece.remaining());
            piece.get(copy, 0, length);
            output.decoded(copy, 0, length);
        }
    }

    @Override
    public void end() {}

    @Override
    public void close() {}
}

package io.weir.source.http.body;

import java.nio.ByteBuffer;

/** Undoes the Content-Encoding of a request body, piece by piece, with a fixed amount of memory. One body each; not thread-safe. */
public interface BodyDecoder extends AutoCloseable {

    /** Takes a decoded piece; the bytes are valid during the call only. */
    @FunctionalInterface
    interface Output {
        void decoded(byte[] bytes, int offset, int length);
    }

    /**
     * Decodes the next piece of the body, all of it.
     *
     * @throws CorruptBodyException if the body is not what the encoding says; what came before has been handed on
     */
    void decode(ByteBuffer piece, Output output) throws CorruptBodyException;

    /** @throws CorruptBodyException if the body ends in the middle */
    void end() throws CorruptBodyException;

    @Override
    void close();
}

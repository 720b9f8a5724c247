package io.weir.source.http.body;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Decodes Zstandard frames (RFC 8878), one or more in a row.
 *
 * <p>A frame says how much memory its decoder needs. The library would grant 128 MiB; here it is the 8 MiB that the RFC
 * recommends every decoder to support, so each frame's header is looked at before the library sees it.
 */
final class ZstdDecoder implements BodyDecoder {

    private static final long LARGEST_WINDOW = 8L << 20;
    private static final int MAGIC = 0xfd2fb528;

    private final ZstdDecompressCtx context = new ZstdDecompressCtx();
    private final ByteBuffer encoded = ByteBuffer.allocateDirect(32 * 1024).limit(0);
    private final ByteBuffer decoded = ByteBuffer.allocateDirect(64 * 1024);
    private final byte[] copy = new byte[64 * 1024];
    private final byte[] header = new byte[18];
    private int headerLength;
    private boolean inFrame;

    @Override
    public void decode(ByteBuffer piece, Output output) throws CorruptBodyException {
        while (piece.hasRemaining()) {
            if (inFrame) {
                encoded.clear();
                int length = Math.min(encoded.remaining(), piece.remaining());
                encoded.put(piece.slice(piece.position(), length)).flip();
                frame(output);
                piece.position(piece.position() + length - encoded.remaining());
            } else {
                header[headerLength++] = piece.get();
                if (headerLength >= 6 && headerLength == headerSize()) {
                    checkHeader();
                    encoded.clear();
                    encoded.put(header, 0, headerLength).flip();
                    headerLength = 0;
                    inFrame = true;
                    frame(output);
                }
            }
        }
    }

    private void frame(Output output) throws CorruptBodyException {
        boolean full;
        do {
            decoded.clear();
            boolean ended;
            try {
                ended = context.decompressDirectByteBufferStream(decoded, encoded);
            } catch (ZstdException e) {
                throw new CorruptBodyException("zstd data is corrupt: " + e.getMessage());
            }
            full = !decoded.hasRemaining();
            decoded.flip();
            int length = decoded.remaining();
            if (length > 0) {
                decoded.get(copy, 0, length);
                output.decoded(copy, 0, length);
            }
            if (ended) {
                inFrame = false;
                return;
            }
        } while (encoded.hasRemaining() || full);
    }

    /** The length of the header whose first six bytes are known. */
    private int headerSize() {
        int descriptor = header[4] & 0xff;
        boolean single = (descriptor & 0x20) != 0;
        int[] dictionary = {0, 1, 2, 4};
        int[] size = {single ? 1 : 0, 2, 4, 8};
        return Math.max(6, 5 + (single ? 0 : 1) + dictionary[descriptor & 3] + size[descriptor >> 6]);
    }

    private void checkHeader() throws CorruptBodyException {
        ByteBuffer bytes = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.getInt(0) != MAGIC) {
            throw new CorruptBodyException("not zstd data");
        }
        int descriptor = header[4] & 0xff;
        long window;
        if ((descriptor & 0x20) == 0) {
            int exponent = 10 + ((header[5] & 0xff) >> 3);
            window = (1L << exponent) + (1L << exponent) / 8 * (header[5] & 7);
        } else {
            int[] dictionary = {0, 1, 2, 4};
            int at = 5 + dictionary[descriptor & 3];
            window = switch (descriptor >> 6) {
                case 0 -> header[at] & 0xff;
                case 1 -> (bytes.getShort(at) & 0xffff) + 256;
                case 2 -> bytes.getInt(at) & 0xffffffffL;
                default -> bytes.getLong(at);
            };
        }
        // A frame in one segment needs no more memory than it has content; where that is large, the client can choose a
        // window.
        if (window < 0 || window > LARGEST_WINDOW) {
            throw new CorruptBodyException("zstd data needs a window of more than 8 MiB");
        }
    }

    @Override
    public void end() throws CorruptBodyException {
        if (inFrame || headerLength > 0) {
            throw new CorruptBodyException("zstd data ends in the middle");
        }
    }

    @Override
    public void close() {
        context.close();
    }
}

package io.weir.source.http.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodyDecoderTest {

    private static final byte[] BODY = body();

    private static byte[] body() {
        Random random = new Random(7);
        StringBuilder body = new StringBuilder();
        while (body.length() < 300_000) {
            body.append("{\"id\":\"").append(random.nextLong()).append("\",\"message\":\"hello hello hello\"}\n");
        }
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] encode(ContentCoding coding, byte[] plain) throws IOException {
        return switch (coding) {
            case IDENTITY -> plain;
            case GZIP -> {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                    gzip.write(plain);
                }
                yield out.toByteArray();
            }
            case ZSTD -> Zstd.compress(plain);
        };
    }

    private static byte[] decode(ContentCoding coding, byte[] encoded, int pieceLength) throws CorruptBodyException {
        ByteArrayOutputStream decoded = new ByteArrayOutputStream();
        decodeInto(decoded, coding, encoded, pieceLength);
        return decoded.toByteArray();
    }

    private static void decodeInto(ByteArrayOutputStream decoded, ContentCoding coding, byte[] encoded, int pieceLength)
            throws CorruptBodyException {
        try (BodyDecoder decoder = coding.newDecoder()) {
            for (int from = 0; from < encoded.length; from += pieceLength) {
                ByteBuffer piece = ByteBuffer.allocateDirect(pieceLength);
                piece.put(encoded, from, Math.min(pieceLength, encoded.length - from))
                        .flip();
                decoder.decode(piece, decoded::write);
            }
            decoder.end();
        }
    }

    @ParameterizedTest
    @EnumSource(ContentCoding.class)
    void aBodyIsTheSameInPiecesOfAnyLength(ContentCoding coding) throws Exception {
        byte[] encoded = encode(coding, BODY);
        for (int pieceLength : new int[] {1, 2, 7, 1000, 65_536, encoded.length}) {
            assertThat(decode(coding, encoded, pieceLength)).isEqualTo(BODY);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ContentCoding.class,
            names = {"GZIP", "ZSTD"})
    void severalMembersInARowAreOneBody(ContentCoding coding) throws Exception {
        byte[] one = encode(coding, "one\n".getBytes(StandardCharsets.UTF_8));
        byte[] two = encode(coding, "two\n".getBytes(StandardCharsets.UTF_8));
        byte[] both = Arrays.copyOf(one, one.length + two.length);
        System.arraycopy(two, 0, both, one.length, two.length);

        for (int pieceLength : new int[] {1, 5, both.length}) {
            assertThat(new String(decode(coding, both, pieceLength), StandardCharsets.UTF_8))
                    .isEqualTo("one\ntwo\n");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ContentCoding.class,
            names = {"GZIP", "ZSTD"})
    void aBodyThatEndsInTheMiddleIsCorrupt(ContentCoding coding) throws Exception {
        byte[] encoded = encode(coding, BODY);
        for (int length : new int[] {1, 9, encoded.length / 2, encoded.length - 1}) {
            byte[] cut = Arrays.copyOf(encoded, length);
            assertThatExceptionOfType(CorruptBodyException.class)
                    .isThrownBy(() -> decode(coding, cut, 1000))
                    .withMessageContaining("ends in the middle");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ContentCoding.class,
            names = {"GZIP", "ZSTD"})
    void anyFlippedByteGivesTheSameBodyOrAnError(ContentCoding coding) throws Exception {
        byte[] encoded = encode(coding, Arrays.copyOf(BODY, 2000));
        byte[] plain = Arrays.copyOf(BODY, 2000);
        int corrupt = 0;
        for (int i = 0; i < encoded.length; i++) {
            byte[] damaged = encoded.clone();
            damaged[i] ^= 0x55;
            ByteArrayOutputStream decoded = new ByteArrayOutputStream();
            try {
                decodeInto(decoded, coding, damaged, 1000);
            } catch (CorruptBodyException e) {
                corrupt++;
                continue;
            }
            if (coding == ContentCoding.GZIP) {
                assertThat(decoded.toByteArray()).as("byte %d", i).isEqualTo(plain);
            }
        }
        assertThat(corrupt).isPositive();
    }

    @Test
    void whatCameBeforeTheDamageIsHandedOn() throws Exception {
        byte[] encoded = encode(ContentCoding.GZIP, BODY);
        Arrays.fill(encoded, encoded.length / 2, encoded.length / 2 + 50, (byte) 0xff);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream();

        assertThatExceptionOfType(CorruptBodyException.class)
                .isThrownBy(() -> decodeInto(decoded, ContentCoding.GZIP, encoded, 1000));

        int safe = BODY.length / 4;
        assertThat(decoded.size()).isGreaterThan(safe);
        assertThat(Arrays.copyOf(decoded.toByteArray(), safe)).isEqualTo(Arrays.copyOf(BODY, safe));
    }

    @Test
    void aGzipHeaderMayHaveANameACommentExtraBytesAndAChecksum() throws Exception {
        byte[] encoded = encode(ContentCoding.GZIP, "x".getBytes(StandardCharsets.UTF_8));
        ByteArrayOutputStream full = new ByteArrayOutputStream();
        full.write(new byte[] {0x1f, (byte) 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3});
        full.write(new byte[] {3, 0, 'a', 'b', 'c'});
        full.write("name\0comment\0".getBytes(StandardCharsets.US_ASCII));
        full.write(new byte[] {1, 2});
        full.write(encoded, 10, encoded.length - 10);

        for (int pieceLength : new int[] {1, 3, 100}) {
            assertThat(decode(ContentCoding.GZIP, full.toByteArray(), pieceLength))
                    .containsExactly('x');
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "deflate", "gzip, gzip"})
    void anotherCodingIsNotKnown(String header) {
        assertThat(ContentCoding.of(header)).isNull();
    }
}

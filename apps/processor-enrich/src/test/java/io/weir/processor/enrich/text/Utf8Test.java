package io.weir.processor.enrich.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {
    @Test
    void repairsRandomBytesAsTheJdkDecodesThem() {
        Random random = new Random(4711);
        int[] leads = {
            0x00, 0x41, 0x7F, 0x80, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF, 0x9F, 0xA0
        };
        for (int round = 0; round < 200_000; round++) {
            byte[] bytes = new byte[random.nextInt(12)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (random.nextBoolean() ? leads[random.nextInt(leads.length)] : random.nextInt(256));
            }
            if (hasSurrogate(bytes)) {
                continue; // the JDK makes one replacement of these three bytes, the Unicode standard one of each
            }
            String expected = new String(bytes, StandardCharsets.UTF_8);
            ByteBuilder repaired = new ByteBuilder(1);
            Utf8.repair(bytes, 0, bytes.length, repaired);
            assertThat(repaired.toString()).isEqualTo(expected);
            assertThat(repaired.toBytes()).isEqualTo(expected.getBytes(StandardCharsets.UTF_8));
            assertThat(Utf8.isWellFormed(bytes, 0, bytes.length))
                    .isEqualTo(!expected.contains("\uFFFD") || isWhole(bytes));
        }
    }

    /** The random bytes may spell U+FFFD itself. */
    private static boolean isWhole(byte[] bytes) {
        return java.util.Arrays.equals(
                bytes, new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8));
    }

    private static boolean hasSurrogate(byte[] bytes) {
        for (int i = 0; i + 1 < bytes.length; i++) {
            if (bytes[i] == (byte) 0xED && (bytes[i + 1] & 0xFF) >= 0xA0) {
                return true;
            }
        }
        return false;
    }

    @Test
    void replacesASurrogateByteByByte() {
        byte[] bytes = {'a', (byte) 0xED, (byte) 0xA0, (byte) 0x80, 'b'};
        ByteBuilder repaired = new ByteBuilder(1);
        Utf8.repair(bytes, 0, bytes.length, repaired);

        assertThat(repaired).hasToString("a\uFFFD\uFFFD\uFFFDb");
    }

    @Test
    void replacesControlsWherePrintableTextIsAskedFor() {
        byte[] bytes = "a\u0000b\u007Fc\u0085d\u00A0e\tf\u00E9".getBytes(StandardCharsets.UTF_8);
        ByteBuilder text = new ByteBuilder(1);
        Utf8.makePrintable(bytes, 0, bytes.length, text);

        assertThat(text).hasToString("a\uFFFDb\uFFFDc\uFFFDd\u00A0e\uFFFDf\u00E9");
        assertThat(Utf8.isPrintable(bytes, 0, bytes.length)).isFalse();
        assertThat(Utf8.isPrintable(text.array(), 0, text.size())).isTrue();
    }

    @Test
    void cutsBetweenCharacters() {
        byte[] bytes = "ab\u20ACcd".getBytes(StandardCharsets.UTF_8);

        assertThat(Utf8.cut(bytes, 0, bytes.length, 100)).isEqualTo(7);
        assertThat(Utf8.cut(bytes, 0, bytes.length, 5)).isEqualTo(5);
        assertThat(Utf8.cut(bytes, 0, bytes.length, 4)).isEqualTo(2);
        assertThat(Utf8.cut(bytes, 0, bytes.length, 3)).isEqualTo(2);
        assertThat(Utf8.cut(bytes, 0, bytes.length, 2)).isEqualTo(2);
    }

    @Test
    void quotesJsonStrings() {
        byte[] bytes = "\"\\\n\r\t\u0000\u001F/\u20AC".getBytes(StandardCharsets.UTF_8);
        ByteBuilder json = new ByteBuilder(1);
        Utf8.appendJsonString(bytes, 0, bytes.length, json);

        assertThat(json).hasToString("\"\\\"\\\\\\n\\r\\t\\u0000\\u001f/\u20AC\"");
    }
}

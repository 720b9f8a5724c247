package io.weir.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LineReaderTest {
    private static final EventLimits LIMITS =
            new EventLimits(16, 256, 64, 16, Duration.ofDays(400), Duration.ofDays(1));

    @Test
    void aLineEndsWithNewlineOrWithTheBody() {
        assertThat(read("a\nb\r\nc", 100)).containsExactly("0 a", "1 b", "2 c");
        assertThat(read("a\nb\r\nc\r", 100)).containsExactly("0 a", "1 b", "2 c");
    }

    @Test
    void emptyLinesAreNotCounted() {
        assertThat(read("\n\r\na\n\n\r\nb\n\n", 100)).containsExactly("0 a", "1 b");
        assertThat(read("", 100)).isEmpty();
    }

    @Test
    void aLineIsHandedOverAsItStands() {
        assertThat(read("  a\tb  \n \n\rc\r\r\n", 100)).containsExactly("0   a\tb  ", "1  ", "2 \rc\r");
    }

    @Test
    void aLineThatIsTooLargeIsRefusedWithItsFirstBytesAndTheNextOneIsRead() {
        for (int piece : new int[] {1, 5, 17, 100}) {
            assertThat(read("0123456789abcdef\r\n0123456789abcdefg\nnext\n0123456789abcdef--", piece))
                    .containsExactly(
                            "0 0123456789abcdef",
                            "1 too_large@16 0123456789abcdef",
                            "2 next",
                            "3 too_large@16 0123456789abcdef");
        }
    }

    @Test
    void aLineThatBreaksOffIsTruncated() {
        LineReader reader = new LineReader(LIMITS);
        Frames frames = new Frames();
        byte[] body = "whole\npart".getBytes(UTF_8);
        reader.feed(body, 0, body.length, frames);
        reader.cutOff("the connection was closed", frames);
        assertThat(frames.seen).containsExactly("0 whole", "1 truncated@4 part");
    }

    @Property(tries = 3_000, seed = "20260131")
    void theLinesDoNotDependOnThePieces(@ForAll("bodies") String body, @ForAll @IntRange(min = 1, max = 40) int piece) {
        assertThat(read(body, piece)).isEqualTo(read(body, Math.max(1, body.length())));
    }

    @Provide
    Arbitrary<String> bodies() {
        return Arbitraries.of("\n", "\r\n", "\r", " ", "a", "bc", "0123456789", "0123456789abcdef")
                .list()
                .ofMaxSize(30)
                .map(parts -> String.join("", parts));
    }

    private static List<String> read(String body, int piece) {
        LineReader reader = new LineReader(LIMITS);
        Frames frames = new Frames();
        byte[] bytes = body.getBytes(UTF_8);
        for (int at = 0; at < bytes.length; at += piece) {
            byte[] chunk = java.util.Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + piece));
            reader.feed(chunk, 0, chunk.length, frames);
            java.util.Arrays.fill(chunk, (byte) '!');
        }
        reader.end(frames);
        return frames.seen;
    }
}

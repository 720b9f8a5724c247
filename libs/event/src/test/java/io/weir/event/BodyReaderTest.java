package io.weir.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.event.BodyReader.Framing;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodyReaderTest {
    private static final EventLimits SMALL = new EventLimits(16, 256, 64, 16, Duration.ofDays(400), Duration.ofDays(1));

    @ParameterizedTest
    @EnumSource(Framing.class)
    void anObjectIsOneEvent(Framing framing) {
        assertThat(read(framing, " {\"a\":\"}\\\"\"} ")).containsExactly("0 {\"a\":\"}\\\"\"}");
        assertThat(read(framing, "{\"a\":{\"b\":[{}]}}\r\n")).containsExactly("0 {\"a\":{\"b\":[{}]}}");
    }

    @ParameterizedTest
    @EnumSource(Framing.class)
    void aBodyOfNothingHoldsNoEvents(Framing framing) {
        for (String body : List.of("", " ", "\r\n\t \n\n", "\uFEFF", "\uFEFF \n")) {
            assertThat(read(framing, body)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Framing.class)
    void aByteOrderMarkIsSkippedAtTheStartAndNowhereElse(Framing framing) {
        assertThat(read(framing, "\uFEFF{\"a\":1}")).containsExactly("0 {\"a\":1}");
        assertThat(read(framing, "\uFEFF\n{\"a\":1}")).containsExactly("0 {\"a\":1}");
        assertThat(read(framing, "{\"a\":1}\n\uFEFF{\"a\":2}").get(1)).contains("\uFEFF{\"a\":2}");
    }

    @Test
    void linesAreEventsEachOnItsOwn() {
        for (Framing framing : List.of(Framing.LINES, Framing.AUTO)) {
            assertThat(read(framing, "{\"a\":1}\n\n \t{\"a\":[}\r\nnot json\n{\"a\":4} \n[5]\n{\"a\":6"))
                    .containsExactly("0 {\"a\":1}", "1 {\"a\":[}", "2 not json", "3 {\"a\":4}", "4 [5]", "5 {\"a\":6");
        }
    }

    @Test
    void theFirstLineTellsLinesFromOneDocument() {
        assertThat(read(Framing.AUTO, "{\"a\":1}\n{\"b\":\n2}\n")).containsExactly("0 {\"a\":1}", "1 {\"b\":", "2 2}");
        assertThat(read(Framing.AUTO, "{\n\"a\":1}\n{\"b\":\n2}\n")).containsExactly("0 {\n\"a\":1}", "1 {\"b\":\n2}");
        assertThat(read(Framing.AUTO, "{\"a\":1}{\"b\":\n2}\n{\"c\":3}"))
                .containsExactly("0 {\"a\":1}", "1 {\"b\":\n2}", "2 {\"c\":3}");
        assertThat(read(Framing.AUTO, "hello\n{\"a\":1}\n")).containsExactly("0 hello", "1 {\"a\":1}");
    }

    @Test
    void aBrokenFirstLineDoesNotTakeTheOthersWithIt() {
        assertThat(read(Framing.AUTO, "{\"a\":1\n{\"a\":2}\n{\"a\":3\n{\"a\":4}"))
                .containsExactly("0 malformed_json@7 {\"a\":1\n", "1 {\"a\":2}", "2 {\"a\":3", "3 {\"a\":4}");
        assertThat(read(Framing.AUTO, "{\"a\":\"1\n{\"a\":2}\n"))
                .containsExactly("0 malformed_json@8 {\"a\":\"1\n", "1 {\"a\":2}");
        assertThat(read(Framing.AUTO, "{\"a\":1]}\n{\"a\":2}\n"))
                .containsExactly("0 malformed_json@6 {\"a\":1]}\n", "1 {\"a\":2}");
    }

    @Test
    void objectsMayFollowOneAnotherInAnyLayout() {
        assertThat(read(Framing.DOCUMENT, "{\"a\":1}{\"b\":2}\n\n  {\n\"c\":\n{\"d\":[\n{}]}}\t{}"))
                .containsExactly("0 {\"a\":1}", "1 {\"b\":2}", "2 {\n\"c\":\n{\"d\":[\n{}]}}", "3 {}");
    }

    @Test
    void aBrokenObjectCostsWhatIsThereUpToTheNextLineThatStartsWithABrace() {
        assertThat(read(Framing.DOCUMENT, "{\"a\":1}\n{\"b\":[}\n junk\n{\"c\":3}{\"d\":4}"))
                .containsExactly("0 {\"a\":1}", "1 malformed_json@6 {\"b\":[}\n junk\n", "2 {\"c\":3}", "3 {\"d\":4}");
        assertThat(read(Framing.DOCUMENT, "{\"a\":1},{\"b\":2}\n{\"c\":3}"))
                .containsExactly("0 {\"a\":1}", "1 malformed_json@0 ,{\"b\":2}\n", "2 {\"c\":3}");
        assertThat(read(Framing.DOCUMENT, "{\"a\":1\n{\"b\":2}"))
                .containsExactly("0 malformed_json@7 {\"a\":1\n", "1 {\"b\":2}");
        assertThat(read(Framing.DOCUMENT, "junk")).containsExactly("0 malformed_json@0 junk");
    }

    @Test
    void anArrayIsCutIntoItsElements() {
        for (Framing framing : List.of(Framing.DOCUMENT, Framing.AUTO)) {
            assertThat(read(framing, " [ ] ")).isEmpty();
            assertThat(read(framing, "[{\"a\":1} ,\n{\"b\":[2]}\n]\n")).containsExactly("0 {\"a\":1}", "1 {\"b\":[2]}");
        }
    }

    @Test
    void anElementThatIsNoObjectIsHandedOverToBeRefusedByItself() {
        assertThat(read(Framing.AUTO, "[1, \"a]\",[2,{}],null ,-1.5e3]"))
                .containsExactly("0 1", "1 \"a]\"", "2 [2,{}]", "3 null", "4 -1.5e3");
    }

    @Test
    void aNewlineThatSomebodyForgotToEscapeCostsOneElement() {
        assertThat(read(Framing.AUTO, "[{\"a\":\"1\n{2\"},{\"b\":3}]"))
                .containsExactly("0 {\"a\":\"1\n{2\"}", "1 {\"b\":3}");
    }

    @Test
    void aBrokenArrayIsRefusedOnceWithThePlaceAndItsRestIsKept() {
        assertThat(read(Framing.AUTO, "[{\"a\":1},{\"b\":2]},{\"c\":3}]"))
                .containsExactly("0 {\"a\":1}", "1 malformed_json@6 {\"b\":2]},{\"c\":3}]");
        assertThat(read(Framing.AUTO, "[{\"a\":1},]")).containsExactly("0 {\"a\":1}", "1 malformed_json@0 ]");
        assertThat(read(Framing.AUTO, "[,{\"a\":1}]")).containsExactly("0 malformed_json@0 ,{\"a\":1}]");
        assertThat(read(Framing.AUTO, "[{\"a\":1} {\"b\":2}]"))
                .containsExactly("0 {\"a\":1}", "1 malformed_json@0 {\"b\":2}]");
        assertThat(read(Framing.AUTO, "[}]")).containsExactly("0 malformed_json@0 }]");
        Frames frames = new Frames();
        BodyReader reader = new BodyReader(EventLimits.DEFAULT, Framing.AUTO);
        frames.feed(reader, "[{\"a\":1},".getBytes(UTF_8));
        frames.feed(reader, "{\"b\":2]}]".getBytes(UTF_8));
        reader.end(frames);
        assertThat(frames.details).containsExactly("a bracket does not match at byte 15 of the body");
    }

    @Test
    void bytesBehindAnArrayAreRefused() {
        assertThat(read(Framing.AUTO, "[{\"a\":1}]\n{\"b\":2}\n"))
                .containsExactly("0 {\"a\":1}", "1 malformed_json@0 {\"b\":2}\n");
    }

    @Test
    void aBodyThatEndsTooEarlyIsTruncated() {
        assertThat(read(Framing.DOCUMENT, "{\"a\":1}{\"b\"")).containsExactly("0 {\"a\":1}", "1 truncated@4 {\"b\"");
        assertThat(read(Framing.AUTO, "[{\"a\":1},{\"b\"")).containsExactly("0 {\"a\":1}", "1 truncated@4 {\"b\"");
        assertThat(read(Framing.AUTO, "[{\"a\":1}")).containsExactly("0 {\"a\":1}", "1 truncated@0 ");
        assertThat(read(Framing.AUTO, "[")).containsExactly("0 truncated@0 ");
        assertThat(read(Framing.AUTO, "{\"a\":\"\\")).containsExactly("0 truncated@7 {\"a\":\"\\");
    }

    @Test
    void aBodyThatBreaksOffKeepsWhatCameWhole() {
        Frames frames = new Frames();
        BodyReader reader = new BodyReader(EventLimits.DEFAULT, Framing.LINES);
        frames.feed(reader, "{\"a\":1}\n{\"b\":2}".getBytes(UTF_8));
        reader.cutOff("the gzip stream cannot be read on", frames);
        assertThat(frames.seen).containsExactly("0 {\"a\":1}", "1 truncated@7 {\"b\":2}");
        assertThat(frames.details).containsExactly("the gzip stream cannot be read on");

        frames = new Frames();
        reader = new BodyReader(EventLimits.DEFAULT, Framing.AUTO);
        frames.feed(reader, "[{\"a\":1},{\"b\":2}".getBytes(UTF_8));
        reader.cutOff("the connection was closed", frames);
        assertThat(frames.seen).containsExactly("0 {\"a\":1}", "1 {\"b\":2}", "2 truncated@0 ");
    }

    @Test
    void anEventThatIsTooLargeIsSkippedAndTheNextOneIsRead() {
        String large = "{\"a\":\"" + "x".repeat(20) + "\"}";
        String first = large.substring(0, 16);
        assertThat(read(SMALL, Framing.LINES, large + "\n{\"b\":2}"))
                .containsExactly("0 too_large@16 " + first, "1 {\"b\":2}");
        assertThat(read(SMALL, Framing.AUTO, large + "\n{\"b\":2}"))
                .containsExactly("0 too_large@16 " + first, "1 {\"b\":2}");
        assertThat(read(SMALL, Framing.DOCUMENT, large + "{\"b\":2}"))
                .containsExactly("0 too_large@16 " + first, "1 {\"b\":2}");
        assertThat(read(SMALL, Framing.AUTO, "[" + large + ",{\"b\":2}]"))
                .containsExactly("0 too_large@16 " + first, "1 {\"b\":2}");
        assertThat(read(SMALL, Framing.AUTO, "[" + large.replace("\"}", "\"]") + ",{\"b\":2}]"))
                .containsExactly("0 too_large@16 " + first, "1 malformed_json@0 ],{\"b\":2}]");
        assertThat(read(SMALL, Framing.AUTO, "[" + large.substring(0, 22))).containsExactly("0 too_large@16 " + first);
    }

    @Test
    void nestingOf100000LevelsIsFramedLikeAnyOther() {
        String deep = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
        assertThat(read(Framing.DOCUMENT, deep + "{\"b\":2}")).containsExactly("0 " + deep, "1 {\"b\":2}");
    }

    @Test
    void anEventWithinOneChunkIsHandedOverUncopied() {
        byte[] chunk = "[{\"a\":1},{\"b\":2}".getBytes(UTF_8);
        BodyReader reader = new BodyReader(EventLimits.DEFAULT, Framing.AUTO);
        int[] count = new int[1];
        reader.feed(chunk, 0, chunk.length, new BodyReader.Sink() {
            @Override
            public void event(long position, byte[] bytes, int offset, int length) {
                assertThat(bytes).isSameAs(chunk);
                assertThat(offset).isEqualTo(position == 0 ? 1 : 9);
                count[0]++;
            }

            @Override
            public void rejected(long position, Rejection why, byte[] bytes, int offset, int length) {
                throw new AssertionError(why.toString());
            }
        });
        assertThat(count[0]).isEqualTo(2);
        assertThat(reader.position()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[{\"a\":1}]", "{\"a\":1}\n{\"a\":2}\n", "{\n}{\n}", "[{]", "{\"a\"", ""})
    void aReaderThatIsResetIsAsNew(String body) {
        BodyReader reader = new BodyReader(EventLimits.DEFAULT, Framing.AUTO);
        byte[] before = "[{\"x\":1},{\"y\"".getBytes(StandardCharsets.UTF_8);
        reader.feed(before, 0, before.length, new Frames());
        reader.reset();
        Frames frames = new Frames();
        frames.feed(reader, body.getBytes(UTF_8));
        reader.end(frames);
        assertThat(frames.seen).isEqualTo(read(Framing.AUTO, body));
    }

    private static List<String> read(Framing framing, String body) {
        return read(EventLimits.DEFAULT, framing, body);
    }

    /** Reads the body in one piece, and byte by byte, which must not make a difference. */
    private static List<String> read(EventLimits limits, Framing framing, String body) {
        byte[] bytes = body.getBytes(UTF_8);
        List<String> whole = Frames.of(limits, framing, bytes, bytes.length);
        assertThat(Frames.of(limits, framing, bytes, 1)).isEqualTo(whole);
        return whole;
    }
}

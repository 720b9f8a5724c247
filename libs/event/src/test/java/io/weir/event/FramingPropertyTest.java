package io.weir.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.event.BodyReader.Framing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class FramingPropertyTest {
    private static final EventLimits SMALL = new EventLimits(24, 256, 64, 16, Duration.ofDays(400), Duration.ofDays(1));

    @Property(tries = 60_000, seed = "20260131")
    void whatABodyIsCutIntoDoesNotDependOnItsPieces(
            @ForAll Framing framing, @ForAll("anything") byte[] body, @ForAll("cuts") List<Integer> cuts) {
        List<String> whole = Frames.of(SMALL, framing, body, Math.max(1, body.length));
        Frames frames = new Frames();
        BodyReader reader = new BodyReader(SMALL, framing);
        int from = 0;
        for (int i = 0; from < body.length; i++) {
            int to = Math.min(body.length, from + cuts.get(i % cuts.size()));
            frames.feed(reader, Arrays.copyOfRange(body, from, to));
            from = to;
        }
        reader.end(frames);
        assertThat(frames.seen).isEqualTo(whole);
        assertThat(frames.longest).isLessThanOrEqualTo(SMALL.maxEventBytes());
    }

    @Property(tries = 2_000, seed = "20260131")
    void linesAreWhatStandsBetweenNewlines(
            @ForAll("lines") List<String> lines, @ForAll @IntRange(min = 1, max = 9) int piece) {
        List<String> expected = new ArrayList<>();
        for (String line : lines) {
            if (!line.isBlank()) {
                expected.add(expected.size() + " " + line.strip());
            }
        }
        byte[] body = String.join("\n", lines).getBytes(UTF_8);
        assertThat(Frames.of(EventLimits.DEFAULT, Framing.LINES, body, piece)).isEqualTo(expected);
    }

    @Property(tries = 2_000, seed = "20260131")
    void anArrayHoldsTheEventsThatWerePutIntoIt(
            @ForAll("events") List<String> events,
            @ForAll("space") String space,
            @ForAll @IntRange(min = 1, max = 9) int piece) {
        String body = space + "[" + space + String.join(space + "," + space, events) + space + "]" + space;
        for (Framing framing : List.of(Framing.AUTO, Framing.DOCUMENT)) {
            assertThat(Frames.of(EventLimits.DEFAULT, framing, body.getBytes(UTF_8), piece))
                    .isEqualTo(numbered(events));
        }
    }

    @Property(tries = 2_000, seed = "20260131")
    void objectsOneAfterTheOtherAreTheEventsThatWerePutThere(
            @ForAll("events") List<String> events,
            @ForAll("space") String space,
            @ForAll @IntRange(min = 1, max = 9) int piece) {
        byte[] body = (space + String.join(space, events) + space).getBytes(UTF_8);
        assertThat(Frames.of(EventLimits.DEFAULT, Framing.DOCUMENT, body, piece))
                .isEqualTo(numbered(events));
    }

    @Property(tries = 2_000, seed = "20260131")
    void eventsOnLinesOfTheirOwnAreFoundWithoutBeingAnnounced(
            @ForAll("events") List<String> events, @ForAll @IntRange(min = 1, max = 9) int piece) {
        List<String> lines = events.stream()
                .map(event -> event.replace("\n", " ").replace("\r", " ").strip())
                .toList();
        byte[] body = String.join("\r\n", lines).getBytes(UTF_8);
        assertThat(Frames.of(EventLimits.DEFAULT, Framing.AUTO, body, piece)).isEqualTo(numbered(lines));
    }

    private static List<String> numbered(List<String> events) {
        List<String> numbered = new ArrayList<>();
        for (String event : events) {
            numbered.add(numbered.size() + " " + event);
        }
        return numbered;
    }

    /** Bodies of pieces that mean something to the reader, put together without sense. */
    @Provide
    Arbitrary<byte[]> anything() {
        return Arbitraries.of(
                        "{",
                        "}",
                        "[",
                        "]",
                        ",",
                        ":",
                        "\"",
                        "\\",
                        "\n",
                        "\r\n",
                        " ",
                        "1",
                        "null",
                        "{\"a\":1}",
                        "{\"a\":[1,2]}",
                        "{\"a\":\"b\"}\n",
                        "\n{\"c\":2}",
                        "\"x\\\"y\"",
                        "[{},{}]",
                        "\uFEFF",
                        "é",
                        "\0",
                        "{\"long\":\"aaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
                        "aaaaaaaaaaaaaaaaaaaaaaaaa",
                        "[[[[[[[",
                        "}}}}")
                .list()
                .ofMaxSize(14)
                .map(parts -> String.join("", parts).getBytes(UTF_8));
    }

    @Provide
    Arbitrary<List<Integer>> cuts() {
        return Arbitraries.integers().between(1, 12).list().ofMinSize(1).ofMaxSize(6);
    }

    @Provide
    Arbitrary<List<String>> lines() {
        return Arbitraries.of("", " ", "\t", "{}", " {\"a\":1} ", "{\"a\":\"b", "[1]", "text", "}{", "é")
                .list()
                .ofMaxSize(12);
    }

    @Provide
    Arbitrary<List<String>> events() {
        Arbitrary<String> text = Arbitraries.of("", "{", "}", "]", "[", ",", "\\\"", "\\\\", "\\n", "é", "x y")
                .list()
                .ofMaxSize(4)
                .map(parts -> "\"" + String.join("", parts) + "\"");
        Arbitrary<String> value = Arbitraries.lazyOf(
                () -> text,
                () -> Arbitraries.of("1", "-2.5e3", "true", "null", "{}", "[]"),
                () -> text.map(inner -> "[ " + inner + ",\n{" + inner + ":[]}]"));
        return text.tuple2()
                .flatMap(names -> value.tuple2()
                        .map(values -> "{" + names.get1() + ":" + values.get1() + " ,\n " + names.get2() + ": "
                                + values.get2() + "}"))
                .list()
                .ofMaxSize(6);
    }

    @Provide
    Arbitrary<String> space() {
        return Arbitraries.of("", " ", "\n", "\r\n\t ");
    }
}

package io.weir.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.event.BodyReader.Framing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BodyReaderTest {

    @Test
    void anObjectIsOneEvent() {
        assertThat(read(Framing.AUTO, " {\"a\":\"}\\\"\"} ")).containsExactly("0 {\"a\":\"}\\\"\"}");
    }

    @Test
    void anArrayIsCutIntoItsElements() {
        assertThat(read(Framing.AUTO, "[{\"a\":1} , {\"b\":[2]}]\n")).containsExactly("0 {\"a\":1}", "1 {\"b\":[2]}");
    }

    @Test
    void aBrokenLineHarmsNoOther() {
        assertThat(read(Framing.AUTO, "{\"a\":1}\n{\"a\":[}\n\n{\"a\":3}"))
                .containsExactly("0 {\"a\":1}", "1 {\"a\":[}", "2 {\"a\":3}");
        assertThat(read(Framing.LINES, "{\"a\":1\n{\"a\":2}")).containsExactly("0 {\"a\":1", "1 {\"a\":2}");
        assertThat(read(Framing.AUTO, "{\"a\":1\n{\"a\":2}\n"))
                .containsExactly("0 malformed_json@7 {\"a\":1\n", "1 {\"a\":2}");
        assertThat(read(Framing.AUTO, "{\"a\":\"1\n{\"a\":2}\n"))
                .containsExactly("0 malformed_json@8 {\"a\":\"1\n", "1 {\"a\":2}");
    }

    @Test
    void aBrokenArrayIsRefusedOnceAndItsRestIsKept() {
        assertThat(read(Framing.AUTO, "[{\"a\":1},{\"b\":2]},{\"c\":3}]"))
                .containsExactly("0 {\"a\":1}", "1 malformed_json@6 {\"b\":2]},{\"c\":3}]");
        assertThat(read(Framing.AUTO, "[{\"a\":1},]")).containsExactly("0 {\"a\":1}", "1 malformed_json@0 ]");
        assertThat(read(Framing.AUTO, "[{\"a\":1}")).containsExactly("0 {\"a\":1}", "1 truncated@0 ");
    }

    private static List<String> read(Framing framing, String body) {
        List<String> seen = new ArrayList<>();
        BodyReader.Sink sink = new BodyReader.Sink() {
            @Override
            public void event(long position, byte[] bytes, int offset, int length) {
                seen.add(position + " " + new String(bytes, offset, length, StandardCharsets.UTF_8));
            }

            @Override
            public void rejected(long position, Rejection why, byte[] bytes, int offset, int length) {
                seen.add(position + " " + why.reason() + "@" + why.offset() + " "
                        + new String(bytes, offset, length, StandardCharsets.UTF_8));
            }
        };
        BodyReader reader = new BodyReader(EventLimits.DEFAULT, framing);
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        reader.feed(bytes, 0, bytes.length, sink);
        reader.end(sink);
        return seen;
    }
}

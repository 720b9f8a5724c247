package io.weir.event;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.event.BodyReader.Framing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a body was cut into: for each event its position and its bytes, a refused one with reason and offset. */
final class Frames implements BodyReader.Sink {
    final List<String> seen = new ArrayList<>();
    final List<String> details = new ArrayList<>();
    private long next;
    int longest;

    /** Cuts the body, fed in pieces of that size. */
    static List<String> of(EventLimits limits, Framing framing, byte[] body, int piece) {
        Frames frames = new Frames();
        BodyReader reader = new BodyReader(limits, framing);
        for (int at = 0; at < body.length; at += piece) {
            frames.feed(reader, Arrays.copyOfRange(body, at, Math.min(body.length, at + piece)));
        }
        reader.end(frames);
        assertThat(reader.position()).isEqualTo(frames.next);
        return frames.seen;
    }

    /** Feeds a piece that stands amid others, and wipes it then, so that what is kept of it shows. */
    void feed(BodyReader reader, byte[] piece) {
        byte[] amid = new byte[piece.length + 6];
        Arrays.fill(amid, (byte) '}');
        System.arraycopy(piece, 0, amid, 3, piece.length);
        reader.feed(amid, 3, piece.length, this);
        Arrays.fill(amid, (byte) '!');
    }

    @Override
    public void event(long position, byte[] bytes, int offset, int length) {
        add(position, "", bytes, offset, length);
    }

    @Override
    public void rejected(long position, Rejection why, byte[] bytes, int offset, int length) {
        details.add(why.detail());
        add(position, why.reason() + "@" + why.offset() + " ", bytes, offset, length);
    }

    private void add(long position, String why, byte[] bytes, int offset, int length) {
        assertThat(position).isEqualTo(next++);
        longest = Math.max(longest, length);
        String text = new String(bytes, offset, length, UTF_8);
        // What is no UTF-8 is told apart byte by byte.
        seen.add(position + " " + why
                + (text.indexOf('\uFFFD') < 0 ? text : new String(bytes, offset, length, ISO_8859_1)));
    }
}

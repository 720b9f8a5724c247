package io.weir.processor.enrich.log;

import io.weir.event.EventHandler;
import io.weir.event.Field;
import io.weir.event.Rejection;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Any line: it is the message, and it happened when it was received. */
final class RawLineParser implements LineParser {
    private static final byte[] TYPE = "log".getBytes(StandardCharsets.US_ASCII);

    private final LineText text = new LineText();

    @Override
    public @Nullable Rejection parse(byte[] line, int offset, int length, long receivedAt, EventHandler out) {
        out.text(Field.TYPE, TYPE, 0, TYPE.length);
        text.text(out, Field.MESSAGE, line, offset, offset + length);
        return null;
    }
}

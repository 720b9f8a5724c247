package io.weir.processor.enrich.request;

import io.weir.processor.enrich.text.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The request methods that are worth a group of their own: RFC 9110, PATCH, WebDAV's, and what caches add. */
public final class Methods {
    private static final byte[] OTHER = "OTHER".getBytes(StandardCharsets.US_ASCII);

    private static final Vocabulary<byte[]> KNOWN = new Vocabulary<>(Stream.of(
                    "GET",
                    "HEAD",
                    "POST",
                    "PUT",
                    "DELETE",
                    "CONNECT",
                    "OPTIONS",
                    "TRACE",
                    "PATCH",
                    "QUERY",
                    "PROPFIND",
                    "PROPPATCH",
                    "MKCOL",
                    "COPY",
                    "MOVE",
                    "LOCK",
                    "UNLOCK",
                    "REPORT",
                    "SEARCH",
                    "PURGE")
            .collect(Collectors.toMap(Function.identity(), name -> name.getBytes(StandardCharsets.US_ASCII))));

    private Methods() {}

    /** The method in upper case; {@code OTHER} where it is not a known one. The array is shared: read only. */
    public static byte[] normalise(byte[] bytes, int offset, int length) {
        byte @Nullable [] known = KNOWN.find(bytes, offset, length);
        return known == null ? OTHER : known;
    }

    /** Whether {@link #normalise} gave up on this method. */
    public static boolean isOther(byte[] normalised) {
        return normalised == OTHER;
    }
}

package io.weir.source.http.body;

import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The content codings that a request body may have. */
public enum ContentCoding {
    IDENTITY(PlainDecoder::new),
    GZIP(GzipDecoder::new),
    ZSTD(ZstdDecoder::new);

    /** What Accept-Encoding of an answer to another coding says. */
    public static final String ACCEPTED = "gzip, zstd, identity";

    private final Supplier<BodyDecoder> decoder;

    ContentCoding(Supplier<BodyDecoder> decoder) {
        this.decoder = decoder;
    }

    /** The coding that a Content-Encoding header names, or null if it is none of these. */
    public static @Nullable ContentCoding of(@Nullable String header) {
        if (header == null) {
            return IDENTITY;
        }
        return switch (header.strip().toLowerCase(Locale.ROOT)) {
            case "", "identity" -> IDENTITY;
            case "gzip", "x-gzip" -> GZIP;
            case "zstd" -> ZSTD;
            default -> null;
        };
    }

    public BodyDecoder newDecoder() {
        return decoder.get();
    }
}

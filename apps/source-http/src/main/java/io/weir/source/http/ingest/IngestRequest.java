package io.weir.source.http.ingest;

import io.weir.event.BodyReader;
import io.weir.source.http.body.ContentCoding;
import io.weir.source.http.problem.Problem;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * What a request says about its body, checked.
 *
 * @param logFormat the format of the log lines, or null for events
 * @param framing how events stand in the body; null for lines of text
 * @param source the source of events that name none, or null for the API key's name
 * @param idempotencyKey what a retry of the same request carries too, or null
 */
record IngestRequest(
        String id,
        @Nullable String logFormat,
        BodyReader.@Nullable Framing framing,
        ContentCoding coding,
        @Nullable String source,
        @Nullable String idempotencyKey) {

    static final String REQUEST_ID = "X-Request-Id";

    private static final Set<String> LINE_TYPES = Set.of(
            "application/x-ndjson",
            "application/ndjson",
            "application/jsonl",
            "application/x-jsonl",
            "application/jsonlines",
            "application/x-jsonlines",
            "application/json-lines",
            "application/stream+json");
    private static final Set<String> LOG_FORMATS = Set.of("combined", "common", "json", "syslog", "raw");
    private static final Pattern IDEMPOTENCY_KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");
    private static final Pattern SOURCE = Pattern.compile("[^\\p{Cntrl}]{1,128}");
    private static final Pattern REQUEST_ID_VALUE = Pattern.compile("[A-Za-z0-9._:/+=-]{1,64}");

    /**
     * @param logs whether the body holds log lines
     * @param largest the largest body in bytes
     * @throws Problem if something about the request is wrong; it names what
     */
    static IngestRequest of(ServerHttpRequest request, String id, boolean logs, long largest) {
        if (request.getMethod() != HttpMethod.POST) {
            throw new Problem(HttpStatus.METHOD_NOT_ALLOWED, "method_not_allowed", "Send events with POST.");
        }
        HttpHeaders headers = request.getHeaders();
        String encoding = headers.getFirst(HttpHeaders.CONTENT_ENCODING);
        ContentCoding coding = ContentCoding.of(encoding);
        if (coding == null) {
            throw new Problem(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                    "unsupported_encoding",
                    "Content-Encoding '" + encoding + "' is not supported; send one of: " + ContentCoding.ACCEPTED
                            + ".");
        }
        if (headers.getContentLength() > largest) {
            throw tooLarge(largest);
        }
        String key = headers.getFirst("Idempotency-Key");
        if (key != null && !IDEMPOTENCY_KEY.matcher(key).matches()) {
            throw Problem.badRequest(
                    "invalid_idempotency_key",
                    "Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.");
        }
        String source = request.getQueryParams().getFirst("source");
        if (source != null && !SOURCE.matcher(source).matches()) {
            throw Problem.badRequest(
                    "invalid_source", "source must be 1 to 128 characters without control characters.");
        }
        String format = logs ? logFormat(request.getQueryParams().getFirst("format")) : null;
        BodyReader.Framing framing = format == null || format.equals("json") ? framing(headers) : null;
        return new IngestRequest(id, format, framing, coding, source, key);
    }

    private static String logFormat(@Nullable String format) {
        String name = format == null ? "raw" : format;
        if (!LOG_FORMATS.contains(name)) {
            throw Problem.badRequest(
                    "unknown_format",
                    "format '" + name + "' is not known; it is one of: combined, common, json, syslog, raw.");
        }
        return name;
    }

    private static BodyReader.Framing framing(HttpHeaders headers) {
        String type = headers.getFirst(HttpHeaders.CONTENT_TYPE);
        if (type == null) {
            return BodyReader.Framing.AUTO;
        }
        int end = type.indexOf(';');
        String name = (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        if (LINE_TYPES.contains(name)) {
            return BodyReader.Framing.LINES;
        }
        return BodyReader.Framing.AUTO;
    }

    /** The client's own request id if it is one that can be logged, otherwise null. */
    static @Nullable String givenId(HttpHeaders headers) {
        String given = headers.getFirst(REQUEST_ID);
        return given != null && REQUEST_ID_VALUE.matcher(given).matches() ? given : null;
    }

    static Problem tooLarge(long largest) {
        return new Problem(
                HttpStatus.CONTENT_TOO_LARGE,
                "request_too_large",
                "The body is larger than " + largest + " bytes; send it in parts.");
    }
}

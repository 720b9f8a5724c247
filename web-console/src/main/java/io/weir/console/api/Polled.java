package io.weir.console.api;

import java.util.UUID;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.web.context.request.WebRequest;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/** Answers to GET that are asked for again and again: with an ETag of what they say, and 304 where that has not changed. */
public final class Polled {

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                    .build())
            .build();

    private Polled() {}

    /** @param content what the ETag is of: the body without what changes at each call, such as the time it took */
    public static <T> ResponseEntity<T> answer(WebRequest request, Object content, T body) {
        String etag = "W/\"" + UUID.nameUUIDFromBytes(MAPPER.writeValueAsBytes(content)) + "\"";
        if (request.checkNotModified(etag)) {
            return ResponseEntity.status(304).eTag(etag).build();
        }
        return ResponseEntity.ok()
                .eTag(etag)
                .cacheControl(CacheControl.noCache().cachePrivate())
                .body(body);
    }
}

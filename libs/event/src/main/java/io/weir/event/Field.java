package io.weir.event;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The fields of the event contract, in the order in which they are written. */
public enum Field {
    ID(Kind.IDENTIFIER, 64),
    TENANT(Kind.IDENTIFIER, 63),
    TIMESTAMP(Kind.TIMESTAMP, 0),
    RECEIVED_AT(Kind.TIMESTAMP, 0),
    TYPE(Kind.SLUG, 64),
    SOURCE(Kind.IDENTIFIER, 256),
    USER_ID(Kind.IDENTIFIER, 256),
    DEVICE_ID(Kind.IDENTIFIER, 256),
    SESSION_ID(Kind.IDENTIFIER, 256),
    TRACE_ID(Kind.IDENTIFIER, 256),
    METHOD(Kind.IDENTIFIER, 32),
    ENDPOINT(Kind.TEXT, 8192),
    /** Wider than the endpoint: a placeholder is longer than what it stands for. */
    ENDPOINT_TEMPLATE(Kind.TEXT, 32768),
    STATUS_CODE(Kind.STATUS_CODE, 0),
    STATUS_CLASS(Kind.IDENTIFIER, 3),
    LATENCY_MS(Kind.DURATION, 0),
    BYTES(Kind.SIZE, 0),
    REFERRER(Kind.TEXT, 8192),
    USER_AGENT(Kind.TEXT, 8192),
    CLIENT_IP(Kind.IDENTIFIER, 64),
    BROWSER(Kind.TEXT, 256),
    OS(Kind.TEXT, 256),
    DEVICE_CLASS(Kind.TEXT, 256),
    IS_BOT(Kind.FLAG, 0),
    COUNTRY(Kind.TEXT, 256),
    NETWORK(Kind.TEXT, 256),
    DEVICE_GROUP(Kind.TEXT, 256),
    SEVERITY(Kind.TEXT, 32),
    MESSAGE(Kind.TEXT, Integer.MAX_VALUE),
    /** Its cap is that of a member's name. */
    MEASUREMENTS(Kind.MEASUREMENTS, 256),
    ATTRIBUTES(Kind.ATTRIBUTES, 0);

    enum Kind {
        /** Text without control characters, because it names something. */
        IDENTIFIER,
        SLUG,
        TEXT,
        TIMESTAMP,
        STATUS_CODE,
        DURATION,
        SIZE,
        FLAG,
        MEASUREMENTS,
        ATTRIBUTES
    }

    final Kind kind;
    private final String json = name().toLowerCase(Locale.ROOT);
    private final byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
    private final int maxBytes;

    Field(Kind kind, int maxBytes) {
        this.kind = kind;
        this.maxBytes = maxBytes;
    }

    /** The field's name in JSON. */
    public String json() {
        return json;
    }

    /** The longest value in bytes of UTF-8, for measurements the longest name; 0 for a field that is no text. */
    public int maxBytes() {
        return maxBytes;
    }

    byte[] utf8() {
        return utf8;
    }

    /** Whether only Weir itself sets it. */
    public boolean isEnrichment() {
        return switch (this) {
            case TENANT,
                    RECEIVED_AT,
                    ENDPOINT_TEMPLATE,
                    STATUS_CLASS,
                    BROWSER,
                    OS,
                    DEVICE_CLASS,
                    IS_BOT,
                    COUNTRY,
                    NETWORK,
                    DEVICE_GROUP -> true;
            default -> false;
        };
    }
}

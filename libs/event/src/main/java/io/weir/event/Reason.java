package io.weir.event;

import java.util.Locale;

/** Why an event is refused. The codes are the names in lower case; they stay the same between releases. */
public enum Reason {
    MALFORMED_JSON,
    INVALID_UTF8,
    NOT_AN_OBJECT,
    TOO_LARGE,
    TOO_DEEP,
    TOO_MANY,
    WRONG_TYPE,
    OUT_OF_RANGE,
    MISSING_FIELD,
    DUPLICATE_FIELD,
    CONTROL_CHARACTER,
    TIMESTAMP_TOO_OLD,
    TIMESTAMP_AHEAD,
    UNREADABLE_LINE,
    TRUNCATED,
    UNSTORABLE;

    private final String code = name().toLowerCase(Locale.ROOT);

    /** The code, such as {@code malformed_json}. */
    public String code() {
        return code;
    }
}

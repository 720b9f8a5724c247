package io.weir.local.clickhouse;

import org.jspecify.annotations.Nullable;

/** There is no ClickHouse to be had here; the message says why and what to do, in one line. */
public final class ClickHouseUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1;

    ClickHouseUnavailableException(String message) {
        this(message, null);
    }

    ClickHouseUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

package io.weir.warehouse;

import java.util.Set;

/** ClickHouse refused a statement, or could not be reached. Nothing is known about what an insert that failed has stored. */
public final class WarehouseException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** The code of a failure that did not come from ClickHouse: no connection, a connection that broke, no answer in time. */
    public static final int UNREACHABLE = -1;

    // ClickHouse's error codes (ErrorCodes.cpp) that say: these very rows will never be taken.
    private static final Set<Integer> OF_THE_ROWS = Set.of(
            6, // CANNOT_PARSE_TEXT
            26, // CANNOT_PARSE_QUOTED_STRING
            27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
            36, // BAD_ARGUMENTS
            38, // CANNOT_PARSE_DATE
            41, // CANNOT_PARSE_DATETIME
            43, // ILLEGAL_TYPE_OF_ARGUMENT
            44, // ILLEGAL_COLUMN
            53, // TYPE_MISMATCH
            69, // ARGUMENT_OUT_OF_BOUND
            70, // CANNOT_CONVERT_TYPE
            72, // CANNOT_PARSE_NUMBER
            117, // INCORRECT_DATA
            128, // TOO_LARGE_ARRAY_SIZE
            131, // TOO_LARGE_STRING_SIZE
            306, // TOO_DEEP_RECURSION
            321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
            349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
            407, // DECIMAL_OVERFLOW
            467, // CANNOT_PARSE_BOOL
            469 // VIOLATED_CONSTRAINT
            );

    private final int code;

    WarehouseException(int code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    WarehouseException(int code, String message) {
        super(message);
        this.code = code;
    }

    /** ClickHouse's error code, or {@link #UNREACHABLE}. */
    public int code() {
        return code;
    }

    /** Whether the same rows would be refused by a server in good health too; if not, waiting may help. */
    public boolean isAboutTheData() {
        return OF_THE_ROWS.contains(code);
    }
}

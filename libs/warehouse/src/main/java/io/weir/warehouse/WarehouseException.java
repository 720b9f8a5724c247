package io.weir.warehouse;

import java.util.Set;

/** ClickHouse said no, or could not be asked. */
public final class WarehouseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The code where the server has said nothing: whether a statement was carried out is then not known. */
    public static final int UNKNOWN = -1;

    /** FUNCTION_THROW_IF_VALUE_IS_NON_ZERO: a condition of the statement did not hold. */
    public static final int CONDITION_FAILED = 395;

    /**
     * Codes that say that the server cannot work now, whatever it is given: memory, disk, too many queries or parts,
     * read-only, shutting down, cancelled, network, accounts, missing tables. All others are about the data.
     */
    private static final Set<Integer> ABOUT_THE_SERVER = Set.of(
            3, 23, 60, 74, 75, 76, 81, 82, 95, 96, 97, 99, 107, 159, 160, 164, 165, 192, 193, 194, 198, 199, 201, 202,
            203, 209, 210, 218, 225, 236, 241, 242, 243, 244, 252, 254, 285, 286, 289, 291, 295, 298, 305, 308, 319,
            344, 373, 384, 394, 395, 396, 399, 410, 415, 416, 417, 418, 425, 426, 439, 473, 497, 516, 517, 518, 519,
            521, 577, 620, 722, 733, 734, 735, 736, 740, 744, 749, 999, 1000, 1001, 1002);

    private final int code;

    WarehouseException(String message, int code, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** The server's error code, or {@link #UNKNOWN}. */
    public int code() {
        return code;
    }

    /** Whether the same statement would fail again on a server in good health. */
    public boolean isAboutTheData() {
        return code > 0 && !ABOUT_THE_SERVER.contains(code);
    }
}

package io.weir.rollup;

/** A rollup is not what it is made of. */
final class RollupDifferenceException extends RuntimeException {

    private static final long serialVersionUID = 1;

    RollupDifferenceException(String message) {
        super(message);
    }

    /**
     * @param what the rollup and the time
     * @param source what it is made of
     * @param expected count of the rows and checksum of the source
     * @param got those of the rollup
     * @throws RollupDifferenceException if they differ
     */
    static void check(String what, String source, String[] expected, String[] got) {
        if (!expected[0].equals(got[0]) || !expected[1].equals(got[1])) {
            throw new RollupDifferenceException(what + " is not what " + source + " give: " + got[0]
                    + " keys with checksum " + got[1] + ", where " + expected[0] + " with checksum " + expected[1]
                    + " were expected");
        }
    }
}

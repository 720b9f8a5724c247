package io.weir.rollup;

/** A rollup is not what it is made of. */
final class RollupDifferenceException extends RuntimeException {

    private static final long serialVersionUID = 1;

    RollupDifferenceException(String message) {
        super(message);
    }
}

package io.weir.warehouse;

/** An applied migration is not the one that this release has; the message says which. Waiting does not help. */
public final class SchemaMismatchException extends RuntimeException {

    private static final long serialVersionUID = 1;

    SchemaMismatchException(String message) {
        super(message);
    }
}

package io.weir.console.query;

/** A query that cannot be read. Says where, as a JSON pointer into it, and what is wrong there. */
public final class InvalidQueryException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String pointer;

    public InvalidQueryException(String pointer, String message) {
        super(message, null, false, false);
        this.pointer = pointer;
    }

    /** Of RFC 6901; empty for the whole. */
    public String pointer() {
        return pointer;
    }
}

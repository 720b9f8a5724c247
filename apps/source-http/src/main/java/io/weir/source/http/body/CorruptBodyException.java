package io.weir.source.http.body;

/** A body that cannot be decoded by its Content-Encoding. */
public final class CorruptBodyException extends Exception {

    private static final long serialVersionUID = 1L;

    CorruptBodyException(String message) {
        super(message, null, false, false);
    }
}

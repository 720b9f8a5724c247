package io.weir.console.admin;

/** There is no such thing, or it is not the caller's to see. */
final class NotFoundException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NotFoundException(String what) {
        super(what);
    }
}

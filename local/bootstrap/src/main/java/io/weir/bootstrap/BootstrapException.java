package io.weir.bootstrap;

/** A script was read but cannot be carried out. The message says which command, if one, and what to do. */
public class BootstrapException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BootstrapException(String message) {
        super(message);
    }

    BootstrapException(String message, Throwable cause) {
        super(message, cause);
    }
}

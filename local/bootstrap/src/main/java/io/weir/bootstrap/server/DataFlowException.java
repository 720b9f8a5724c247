package io.weir.bootstrap.server;

/** The Data Flow server could not be reached, refused a request, or did not get a stream to run. */
public class DataFlowException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** With the problem as a person can act on it. */
    public DataFlowException(String message) {
        super(message);
    }

    /** With the problem as a person can act on it, and what caused it. */
    public DataFlowException(String message, Throwable cause) {
        super(message, cause);
    }
}

package io.weir.console.api;

/**
 * The connection that a request came by, as an argument of a controller's method. To be asked only by the thread that serves the
 * request, before it has begun to answer.
 */
@FunctionalInterface
public interface ClientConnection {

    /** Whether the client has closed it, so that nobody waits for the answer. False if that cannot be known. */
    boolean isClosed();
}

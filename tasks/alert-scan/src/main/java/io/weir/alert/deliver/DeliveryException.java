package io.weir.alert.deliver;

import java.time.Duration;

/** A notice was not taken, as far as is known. The message goes to the delivery log: it holds no secrets. */
public final class DeliveryException extends Exception {

    private static final long serialVersionUID = 1;

    private final boolean refused;
    private final Duration wait;

    private DeliveryException(String message, boolean refused, Duration wait) {
        super(message);
        this.refused = refused;
        this.wait = wait;
    }

    /** It may work later. */
    public static DeliveryException failed(String message) {
        return new DeliveryException(message, false, Duration.ZERO);
    }

    /** It may work later; the other side asks to be left alone for that long. */
    public static DeliveryException failed(String message, Duration wait) {
        return new DeliveryException(message, false, wait);
    }

    /** The same notice will never be taken. */
    public static DeliveryException refused(String message) {
        return new DeliveryException(message, true, Duration.ZERO);
    }

    /** The same in other words. */
    DeliveryException saying(String message) {
        return new DeliveryException(message, refused, wait);
    }

    boolean isRefused() {
        return refused;
    }

    Duration askedWait() {
        return wait;
    }
}

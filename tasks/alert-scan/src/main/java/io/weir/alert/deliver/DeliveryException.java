package io.weir.alert.deliver;

import java.time.Duration;

/** A notice was not taken, as far as is known. The message goes to the delivery log: it holds no secrets. */
public final class DeliveryException extends Exception {

    private static final long serialVersionUID = 1;

    private enum Reason {
        FAILED,
        UNANSWERED,
        REFUSED
    }

    private final Reason reason;
    private final Duration wait;

    private DeliveryException(String message, Reason reason, Duration wait) {
        super(message);
        this.reason = reason;
        this.wait = wait;
    }

    /** It may work later. */
    public static DeliveryException failed(String message) {
        return new DeliveryException(message, Reason.FAILED, Duration.ZERO);
    }

    /** It may work later; the other side asks to be left alone for that long. */
    public static DeliveryException failed(String message, Duration wait) {
        return new DeliveryException(message, Reason.FAILED, wait);
    }

    /** It may work later; nobody was there, or answered in time, so another notice for the same channel would wait as long. */
    public static DeliveryException unanswered(String message) {
        return new DeliveryException(message, Reason.UNANSWERED, Duration.ZERO);
    }

    /** The same notice will never be taken. */
    public static DeliveryException refused(String message) {
        return new DeliveryException(message, Reason.REFUSED, Duration.ZERO);
    }

    /** The same in other words. */
    DeliveryException saying(String message) {
        return new DeliveryException(message, reason, wait);
    }

    boolean isRefused() {
        return reason == Reason.REFUSED;
    }

    boolean isUnanswered() {
        return reason == Reason.UNANSWERED;
    }

    Duration askedWait() {
        return wait;
    }
}

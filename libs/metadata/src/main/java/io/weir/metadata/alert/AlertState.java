package io.weir.metadata.alert;

/** Where an alert stands. */
public enum AlertState {
    /** The condition does not hold, and nothing has been resolved. */
    INACTIVE,
    /** The condition holds, but not yet for as long as the rule asks. */
    PENDING,
    FIRING,
    /** It fired, and no longer does. */
    RESOLVED
}

package io.weir.metadata.alert;

import java.time.Instant;

/** An alert's way from one state to another, at the end of the window that caused it. */
public record Transition(Alert alert, AlertState from, AlertState to, Instant at) {}

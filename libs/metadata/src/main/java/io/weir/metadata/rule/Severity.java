package io.weir.metadata.rule;

/** How much an alert matters, mildest first. */
public enum Severity {
    INFO,
    WARNING,
    CRITICAL
}

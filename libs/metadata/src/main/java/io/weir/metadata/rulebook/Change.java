package io.weir.metadata.rulebook;

/**
 * What applying a rule book did to one thing.
 *
 * @param kind such as {@code rule} or {@code channel}
 */
public record Change(Action action, String tenant, String kind, String name) {

    public enum Action {
        CREATED,
        CHANGED,
        UNCHANGED,
        DELETED,
        SWITCHED_OFF
    }
}

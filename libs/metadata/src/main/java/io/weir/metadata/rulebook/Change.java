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

    /** For the record, such as {@code rule.create}. */
    String verb() {
        return kind.replace(' ', '-') + "."
                + switch (action) {
                    case CREATED -> "create";
                    case CHANGED -> "change";
                    case UNCHANGED -> "keep";
                    case DELETED -> "delete";
                    case SWITCHED_OFF -> "switch-off";
                };
    }

    /** For the record, such as {@code rule:errors}. */
    String subject() {
        return kind.replace(' ', '-') + ":" + name;
    }
}

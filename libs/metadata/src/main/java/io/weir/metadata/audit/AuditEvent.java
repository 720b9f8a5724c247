package io.weir.metadata.audit;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Something that is to be on record.
 *
 * @param actor who did it: a user, an API key's name, or a task such as {@code retention-purge}
 * @param action what was done, such as {@code retention.purge}
 * @param tenant whom it concerns; empty for none or all
 * @param subject what it was done to, such as {@code events:20261001}
 * @param detail whatever else is to be known, by name
 */
public record AuditEvent(String actor, String action, String tenant, String subject, Map<String, String> detail) {

    public AuditEvent {
        if (actor.isBlank() || action.isBlank()) {
            throw new IllegalArgumentException("an audit event needs an actor and an action");
        }
        detail = Collections.unmodifiableMap(new TreeMap<>(detail));
    }

    /** As a JSON object, its names in order: the same detail is the same text. */
    String detailAsJson() {
        StringBuilder json = new StringBuilder("{");
        detail.forEach((name, value) -> {
            if (json.length() > 1) {
                json.append(',');
            }
            quote(name, json);
            json.append(':');
            quote(value, json);
        });
        return json.append('}').toString();
    }

    static void quote(String text, StringBuilder json) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append("\\u%04x".formatted((int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}

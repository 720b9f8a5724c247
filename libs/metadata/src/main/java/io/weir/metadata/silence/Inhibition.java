package io.weir.metadata.silence;

import io.weir.metadata.label.Labels;
import io.weir.metadata.label.Matcher;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

/**
 * While one alert fires, others that follow from it are not told about.
 *
 * @param causes matchers of the alert that explains; not empty
 * @param effects matchers of the alerts that are held back; not empty. An alert that matches both is never held back by itself
 *     or its like.
 * @param equal comma-separated names of labels that must be the same on both; empty for none
 */
@Table("alert_inhibition")
public record Inhibition(@Id UUID id, String tenant, String causes, String effects, String equal) {

    public Inhibition {
        if (Matcher.parseList(causes).isEmpty() || Matcher.parseList(effects).isEmpty()) {
            throw new IllegalArgumentException("causes and effects: each needs a matcher");
        }
    }

    /** The same, as the inhibition of that id. */
    public Inhibition withId(UUID other) {
        return new Inhibition(other, tenant, causes, effects, equal);
    }

    public boolean holdsBack(Labels effect, Collection<Labels> firing) {
        if (!matches(effects, effect) || matches(causes, effect)) {
            return false;
        }
        List<String> names = Arrays.stream(equal.split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
        return firing.stream()
                .anyMatch(cause -> matches(causes, cause)
                        && names.stream().allMatch(name -> cause.get(name).equals(effect.get(name))));
    }

    private static boolean matches(String matchers, Labels labels) {
        return Matcher.allMatch(Matcher.parseList(matchers), labels);
    }
}

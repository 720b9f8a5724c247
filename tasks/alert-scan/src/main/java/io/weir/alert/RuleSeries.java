package io.weir.alert;

import io.weir.alert.channel.Series;
import io.weir.alert.evaluate.WindowQuery;
import io.weir.metadata.alert.Alert;
import io.weir.metadata.label.Labels;
import io.weir.metadata.notify.Notice;
import io.weir.metadata.rule.Query;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Rules;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last 60 values of a rule and group: one window after the other, or one every five minutes if windows are longer. None of a rule
 * about a subscription.
 */
final class RuleSeries implements Series {

    private static final Logger log = LoggerFactory.getLogger(RuleSeries.class);
    private static final int WINDOWS = 60;
    private static final Duration LONGEST_STEP = Duration.ofMinutes(5);

    private final WindowQuery windows;
    private final Rules rules;

    RuleSeries(WindowQuery windows, Rules rules) {
        this.windows = windows;
        this.rules = rules;
    }

    @Override
    public SortedMap<Instant, Double> before(Notice.Item alert, Instant end) {
        try {
            return rules.find(alert.rule())
                    .filter(rule -> rule.query().results() == null && hasGroup(rule, alert.labels()))
                    .map(rule -> before(rule, alert.labels(), end))
                    .orElseGet(Collections::emptySortedMap);
        } catch (RuntimeException e) {
            log.warn("a mail about rule '{}' goes without its picture", alert.ruleName(), e);
            return Collections.emptySortedMap();
        }
    }

    /** The error of a rule, and an alert from before the rule was grouped otherwise, have no series. */
    private static boolean hasGroup(Rule rule, Labels labels) {
        return !labels.values().keySet().containsAll(Alert.ERROR.values().keySet())
                && labels.values().keySet().containsAll(rule.query().groupBy());
    }

    private SortedMap<Instant, Double> before(Rule rule, Labels labels, Instant end) {
        Query query = rule.query().of(labels);
        Duration step = query.window().compareTo(LONGEST_STEP) > 0 ? LONGEST_STEP : query.window();
        Instant last = end.truncatedTo(ChronoUnit.MINUTES);
        double without = query.measure().isZeroWithoutEvents() ? 0 : Double.NaN;
        SortedMap<Instant, Double> values = new TreeMap<>();
        for (int i = 0; i < WINDOWS; i++) {
            values.put(last.minus(step.multipliedBy(i)), without);
        }
        WindowQuery.Values asked = windows.values(rule.tenant(), query, query.window(), values.keySet(), false);
        values.replaceAll((at, none) -> asked.at(at).getOrDefault(Labels.NONE, none));
        return values;
    }
}

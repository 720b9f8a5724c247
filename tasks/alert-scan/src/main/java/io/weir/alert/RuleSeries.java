package io.weir.alert;

import io.weir.alert.channel.Series;
import io.weir.alert.evaluate.WindowQuery;
import io.weir.metadata.label.Labels;
import io.weir.metadata.notify.Notice;
import io.weir.metadata.rule.Query;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Rules;
import io.weir.warehouse.WarehouseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last 60 windows of a rule and group, one after the other. */
final class RuleSeries implements Series {

    private static final Logger log = LoggerFactory.getLogger(RuleSeries.class);
    private static final int WINDOWS = 60;

    private final WindowQuery windows;
    private final Rules rules;

    RuleSeries(WindowQuery windows, Rules rules) {
        this.windows = windows;
        this.rules = rules;
    }

    @Override
    public SortedMap<Instant, Double> before(Notice.Item alert, Instant end) {
        Optional<Rule> found = rules.find(alert.rule());
        if (found.isEmpty()) {
            return Collections.emptySortedMap();
        }
        Query query = found.get().query();
        Duration step = query.window().compareTo(Duration.ofMinutes(5)) > 0 ? Duration.ofMinutes(5) : query.window();
        SortedMap<Instant, Double> values = new TreeMap<>();
        Instant last = Instant.ofEpochSecond(Math.floorDiv(end.getEpochSecond(), 60) * 60);
        for (int i = 0; i < WINDOWS; i++) {
            values.put(last.minus(step.multipliedBy(i)), query.measure().isZeroWithoutEvents() ? 0 : Double.NaN);
        }
        Labels group = alert.labels().only(query.groupBy());
        try {
            WindowQuery.Values asked =
                    windows.values(found.get().tenant(), query, query.window(), values.keySet(), false);
            values.replaceAll((at, none) -> asked.at(at).getOrDefault(group, none));
            return values;
        } catch (WarehouseException e) {
            log.warn("a mail goes without its picture: {}", e.getMessage());
            return Collections.emptySortedMap();
        }
    }
}

package io.weir.metadata.rulebook;

import io.weir.metadata.label.Matcher;
import io.weir.metadata.rule.Comparison;
import io.weir.metadata.rule.Condition;
import io.weir.metadata.rule.Query;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rulebook.RuleBook.ChannelEntry;
import io.weir.metadata.rulebook.RuleBook.EscalationEntry;
import io.weir.metadata.rulebook.RuleBook.RouteEntry;
import io.weir.metadata.silence.Inhibition;
import io.weir.metadata.silence.MuteWindow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** Writes what {@link RuleBookReader} reads. The secrets of channels are masked. */
public final class RuleBookWriter {

    private RuleBookWriter() {}

    public static String write(RuleBook book) {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setSplitLines(false);
        Entry document = new Entry().put("tenant", book.tenant());
        document.putAll("channels", book.channels(), RuleBookWriter::channel);
        document.putAll("escalations", book.escalations(), RuleBookWriter::escalation);
        document.putAll("routes", book.routes(), RuleBookWriter::route);
        document.putAll("muteWindows", book.muteWindows(), RuleBookWriter::muteWindow);
        document.putAll("inhibitions", book.inhibitions(), RuleBookWriter::inhibition);
        document.putAll("rules", book.rules(), RuleBookWriter::rule);
        return new Yaml(options).dump(document.values);
    }

    private static Entry channel(ChannelEntry channel) {
        Map<String, Object> settings = new LinkedHashMap<>();
        channel.settings()
                .shown()
                .forEach((name, value) -> settings.put(name, value.size() == 1 ? value.get(0) : value));
        return new Entry()
                .put("name", channel.name())
                .put("kind", lower(channel.settings().kind()))
                .put("settings", settings)
                .put("fallback", channel.fallback())
                .put("enabled", channel.enabled());
    }

    private static Entry escalation(EscalationEntry escalation) {
        Entry entry = new Entry().put("name", escalation.name());
        entry.putAll("levels", escalation.levels(), level -> new Entry()
                .put("after", level.afterMinutes() + "m")
                .put("channels", level.channels()));
        return entry;
    }

    private static Entry route(RouteEntry route) {
        return new Entry()
                .put("matchers", matchers(route.matchers()))
                .put("channels", route.channels())
                .putList("groupBy", route.groupBy())
                .put("groupWait", Durations.write(route.groupWait()))
                .put("groupInterval", Durations.write(route.groupInterval()))
                .put("repeatInterval", Durations.write(route.repeatInterval()))
                .put("escalation", route.escalation())
                .put("continues", route.continues());
    }

    private static Entry muteWindow(MuteWindow window) {
        return new Entry()
                .put("name", window.name())
                .put("matchers", matchers(window.matchers()))
                .put("days", names(window.days().toLowerCase(Locale.ROOT)))
                .put("fromTime", window.fromTime())
                .put("toTime", window.toTime())
                .put("zone", window.zone());
    }

    private static Entry inhibition(Inhibition inhibition) {
        return new Entry()
                .put("causes", matchers(inhibition.causes()))
                .put("effects", matchers(inhibition.effects()))
                .put("equal", names(inhibition.equal()));
    }

    private static Entry rule(Rule rule) {
        return new Entry()
                .put("name", rule.name())
                .put("enabled", rule.enabled())
                .put("severity", lower(rule.severity()))
                .put("query", query(rule.query()).values)
                .put("condition", condition(rule.condition()).values)
                .put("every", Durations.write(rule.every()))
                .put("holdFor", Durations.write(rule.holdFor()))
                .put("keepFiringFor", Durations.write(rule.keepFiringFor()))
                .put("labels", rule.labels().isEmpty() ? null : rule.labels().values())
                .put("message", rule.message().isEmpty() ? null : rule.message())
                .put("runbook", rule.runbook())
                .put("onMissing", lower(rule.onMissing()))
                .put("onError", lower(rule.onError()));
    }

    private static Entry query(Query query) {
        Query.Results results = query.results();
        if (results != null) {
            return new Entry()
                    .put("measure", lower(query.measure()))
                    .put("subscription", results.subscription())
                    .put("column", results.column())
                    .put("groupBy", query.groupBy());
        }
        return new Entry()
                .put("measure", lower(query.measure()))
                .put("measurement", query.measurement())
                .put("quantile", query.quantile())
                .put("where", query.where().stream().map(Matcher::toString).toList())
                .put("groupBy", query.groupBy())
                .put("window", Durations.write(query.window()));
    }

    private static Entry condition(Condition condition) {
        if (condition instanceof Condition.Threshold threshold) {
            return new Entry()
                    .put("kind", "threshold")
                    .put(side(threshold.comparison()), threshold.limit())
                    .put("clear", threshold.clear());
        }
        if (condition instanceof Condition.Change change) {
            return new Entry()
                    .put("kind", "change")
                    .put("before", Durations.write(change.before()))
                    .put(side(change.comparison()), change.limit())
                    .put("clear", change.clear())
                    .put("minimum", change.minimum());
        }
        if (condition instanceof Condition.Anomaly anomaly) {
            Comparison direction = anomaly.direction();
            return new Entry()
                    .put("kind", "anomaly")
                    .put("sensitivity", anomaly.sensitivity())
                    .put("relativeFloor", anomaly.relativeFloor())
                    .put("floor", anomaly.floor())
                    .put("weeks", anomaly.weeks())
                    .put("samples", anomaly.samples())
                    .put("direction", direction == null ? null : side(direction));
        }
        Condition.Absence absence = (Condition.Absence) condition;
        return new Entry().put("kind", "absence").put("lookback", Durations.write(absence.lookback()));
    }

    private static String side(Comparison comparison) {
        return lower(comparison);
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static List<String> matchers(String list) {
        return Matcher.parseList(list).stream().map(Matcher::toString).toList();
    }

    private static List<String> names(String list) {
        return Arrays.stream(list.split(",")).filter(name -> !name.isBlank()).toList();
    }

    /**
     * A mapping; what is null, and a list that is empty, is left out. Lists are copied: of two that are one object, as empty ones
     * are, YAML writes the second as a reference.
     */
    private static final class Entry {
        private final Map<String, Object> values = new LinkedHashMap<>();

        Entry put(String name, @Nullable Object value) {
            if (value instanceof List<?> list) {
                if (!list.isEmpty()) {
                    values.put(name, new ArrayList<>(list));
                }
            } else if (value != null) {
                values.put(name, value);
            }
            return this;
        }

        /** One that may be empty. */
        Entry putList(String name, List<?> list) {
            values.put(name, new ArrayList<>(list));
            return this;
        }

        <T> void putAll(String name, @Nullable List<T> entries, Function<T, Entry> writer) {
            if (entries != null) {
                putList(
                        name,
                        entries.stream().map(one -> writer.apply(one).values).toList());
            }
        }
    }
}

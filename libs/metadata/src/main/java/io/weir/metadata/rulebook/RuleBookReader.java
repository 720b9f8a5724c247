package io.weir.metadata.rulebook;

import io.weir.metadata.label.Labels;
import io.weir.metadata.label.Matcher;
import io.weir.metadata.notify.Channel;
import io.weir.metadata.notify.ChannelSettings;
import io.weir.metadata.rule.Comparison;
import io.weir.metadata.rule.Condition;
import io.weir.metadata.rule.Query;
import io.weir.metadata.rule.Query.Measure;
import io.weir.metadata.rule.Rule;
import io.weir.metadata.rule.Severity;
import io.weir.metadata.rulebook.RuleBook.ChannelEntry;
import io.weir.metadata.rulebook.RuleBook.EscalationEntry;
import io.weir.metadata.rulebook.RuleBook.LevelEntry;
import io.weir.metadata.rulebook.RuleBook.RouteEntry;
import io.weir.metadata.silence.Inhibition;
import io.weir.metadata.silence.MuteWindow;
import java.io.StringReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/** Reads rule books as people write them: YAML, a document for each tenant. What is left out has the default of the README. */
public final class RuleBookReader {

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");

    private final Function<String, @Nullable String> variables;

    /** @param variables the values for {@code ${NAME}} in the settings of channels; null for a name without one */
    public RuleBookReader(Function<String, @Nullable String> variables) {
        this.variables = variables;
    }

    /** @throws IllegalArgumentException if it is not one, naming the field and the line */
    public List<RuleBook> read(String yaml) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        List<RuleBook> books = new ArrayList<>();
        try {
            for (Node document : new Yaml(new SafeConstructor(options)).composeAll(new StringReader(yaml))) {
                books.add(book(new Fields("", document)));
            }
        } catch (YAMLException e) {
            throw new IllegalArgumentException("this is not YAML: " + e.getMessage(), e);
        }
        Set<String> tenants = new HashSet<>();
        for (RuleBook book : books) {
            if (!tenants.add(book.tenant())) {
                throw new IllegalArgumentException("tenant " + book.tenant() + " has two documents: make them one");
            }
        }
        return books;
    }

    private RuleBook book(Fields fields) {
        String tenant = fields.text("tenant");
        List<ChannelEntry> channels = each(fields, "channels", this::channel);
        List<EscalationEntry> escalations = each(fields, "escalations", RuleBookReader::escalation);
        List<RouteEntry> routes = each(fields, "routes", RuleBookReader::route);
        List<MuteWindow> muteWindows = each(fields, "muteWindows", one -> muteWindow(tenant, one));
        List<Inhibition> inhibitions = each(fields, "inhibitions", one -> inhibition(tenant, one));
        List<Rule> rules = each(fields, "rules", one -> rule(tenant, one));
        return fields.made(() -> {
            distinct("channels", channels, ChannelEntry::name);
            distinct("escalations", escalations, EscalationEntry::name);
            distinct("muteWindows", muteWindows, MuteWindow::name);
            distinct("rules", rules, Rule::name);
            return new RuleBook(tenant, channels, escalations, routes, muteWindows, inhibitions, rules);
        });
    }

    private static <T> @Nullable List<T> each(Fields fields, String name, Function<Fields, T> reader) {
        List<Fields> children = fields.children(name);
        return children == null ? null : children.stream().map(reader).toList();
    }

    private static <T> void distinct(String field, @Nullable List<T> entries, Function<T, String> name) {
        Set<String> names = new HashSet<>();
        for (T entry : entries == null ? List.<T>of() : entries) {
            if (!names.add(name.apply(entry))) {
                throw new IllegalArgumentException(field + ": the name '" + name.apply(entry) + "' is there twice");
            }
        }
    }

    private ChannelEntry channel(Fields fields) {
        String name = fields.text("name");
        Channel.Kind kind = fields.choice("kind", Channel.Kind.class);
        Fields settings = fields.child("settings");
        Map<String, List<String>> values = new TreeMap<>();
        for (String setting : settings.names()) {
            values.put(
                    setting,
                    settings.texts(setting).stream()
                            .map(text -> filledIn(settings, setting, text))
                            .toList());
        }
        String fallback = fields.textOrNull("fallback");
        boolean enabled = fields.flag("enabled", true);
        return fields.made(() -> new ChannelEntry(name, ChannelSettings.of(kind, values), fallback, enabled));
    }

    private String filledIn(Fields settings, String setting, String text) {
        return VARIABLE.matcher(text).replaceAll(place -> {
            String value = variables.apply(place.group(1));
            if (value == null) {
                throw settings.wrong(setting, "names the variable " + place.group(1) + ", which is not set");
            }
            return java.util.regex.Matcher.quoteReplacement(value);
        });
    }

    private static EscalationEntry escalation(Fields fields) {
        String name = fields.text("name");
        List<LevelEntry> levels = each(fields, "levels", RuleBookReader::level);
        if (levels == null || levels.isEmpty()) {
            throw fields.wrong("levels", "is missing");
        }
        return fields.made(() -> new EscalationEntry(name, levels));
    }

    private static LevelEntry level(Fields fields) {
        long seconds = fields.duration("after").toSeconds();
        if (seconds % 60 != 0) {
            throw fields.wrong("after", "must be whole minutes");
        }
        List<String> channels = fields.texts("channels");
        return fields.made(() -> new LevelEntry(Math.toIntExact(seconds / 60), channels));
    }

    private static RouteEntry route(Fields fields) {
        String matchers = String.join(", ", fields.texts("matchers"));
        List<String> channels = fields.texts("channels");
        List<String> groupBy = fields.has("groupBy") ? fields.texts("groupBy") : List.of("rule");
        Duration groupWait = fields.duration("groupWait", Duration.ZERO);
        Duration groupInterval = fields.duration("groupInterval", Duration.ofMinutes(5));
        Duration repeatInterval = fields.duration("repeatInterval", Duration.ofHours(4));
        String escalation = fields.textOrNull("escalation");
        boolean continues = fields.flag("continues", false);
        if (channels.isEmpty()) {
            throw fields.wrong("channels", "is missing");
        }
        return fields.made(() -> new RouteEntry(
                Matcher.write(Matcher.parseList(matchers)),
                channels,
                groupBy,
                groupWait,
                groupInterval,
                repeatInterval,
                escalation,
                continues));
    }

    private static MuteWindow muteWindow(String tenant, Fields fields) {
        String name = fields.text("name");
        String matchers = String.join(", ", fields.texts("matchers"));
        String days = String.join(",", fields.texts("days")).toUpperCase(Locale.ROOT);
        String from = fields.text("fromTime");
        String to = fields.text("toTime");
        String zone = fields.text("zone", "UTC");
        return fields.made(() -> new MuteWindow(
                UUID.randomUUID(), tenant, name, Matcher.write(Matcher.parseList(matchers)), days, from, to, zone));
    }

    private static Inhibition inhibition(String tenant, Fields fields) {
        String causes = String.join(", ", fields.texts("causes"));
        String effects = String.join(", ", fields.texts("effects"));
        String equal = String.join(",", fields.texts("equal"));
        return fields.made(() -> new Inhibition(
                UUID.randomUUID(),
                tenant,
                Matcher.write(Matcher.parseList(causes)),
                Matcher.write(Matcher.parseList(effects)),
                equal));
    }

    private static Rule rule(String tenant, Fields fields) {
        String name = fields.text("name");
        Severity severity = fields.choice("severity", Severity.class);
        Query query = query(fields.child("query"));
        Condition condition = condition(fields.child("condition"));
        Rule.Missing onMissing = fields.choice("onMissing", Rule.Missing.class, Rule.Missing.CLEAR);
        Rule.Missing onError = fields.choice("onError", Rule.Missing.class, Rule.Missing.KEEP);
        boolean enabled = fields.flag("enabled", true);
        Duration every = fields.durationOrNull("every");
        Duration holdFor = fields.durationOrNull("holdFor");
        Duration keepFiringFor = fields.durationOrNull("keepFiringFor");
        Map<String, String> labels = new LinkedHashMap<>();
        Fields added = fields.childOrNull("labels");
        if (added != null) {
            added.names().forEach(label -> labels.put(label, added.text(label)));
        }
        String message = fields.text("message", "");
        String runbook = fields.textOrNull("runbook");
        return fields.made(() -> {
            if (query.measure() == Measure.ERROR_RATE
                    && condition instanceof Condition.Threshold threshold
                    && threshold.limit() > 1) {
                throw new IllegalArgumentException("condition is about an error_rate of " + threshold.limit()
                        + ", which there is not: it is a share from 0 to 1, such as 0.05 for 5 %");
            }
            Rule usual = Rule.of(tenant, name, severity, query, condition);
            return usual.switched(enabled)
                    .evaluatedEvery(every == null ? usual.every() : every)
                    .holding(holdFor == null ? usual.holdFor() : holdFor)
                    .keepFiring(keepFiringFor == null ? usual.keepFiringFor() : keepFiringFor)
                    .labelled(Labels.of(labels))
                    .saying(message, runbook)
                    .missing(onMissing, onError);
        });
    }

    private static Query query(Fields fields) {
        Measure measure = fields.choice("measure", Measure.class);
        if (measure == Measure.SUBSCRIPTION) {
            return queryOfResults(fields);
        }
        for (String name : List.of("subscription", "column")) {
            if (fields.has(name)) {
                throw fields.wrong(name, "goes with measure subscription only");
            }
        }
        String measurement = fields.textOrNull("measurement");
        Double quantile = fields.numberOrNull("quantile");
        String where = String.join(", ", fields.texts("where"));
        List<String> groupBy = fields.texts("groupBy");
        Duration window = fields.duration("window");
        return fields.made(() -> new Query(measure, measurement, quantile, Matcher.parseList(where), groupBy, window));
    }

    private static Query queryOfResults(Fields fields) {
        for (String name : List.of("window", "where", "measurement", "quantile")) {
            if (fields.has(name)) {
                throw fields.wrong(
                        name, "does not go with measure subscription: the query of the subscription says what is read");
            }
        }
        String subscription = fields.text("subscription");
        String column = fields.text("column");
        List<String> groupBy = fields.texts("groupBy");
        return fields.made(
                () -> Query.of(new Query.Results(subscription, null, column), groupBy.toArray(String[]::new)));
    }

    private enum ConditionKind {
        THRESHOLD,
        CHANGE,
        ANOMALY,
        ABSENCE
    }

    private static Condition condition(Fields fields) {
        return switch (fields.choice("kind", ConditionKind.class)) {
            case THRESHOLD -> {
                Limit limit = limit(fields);
                Double clear = fields.numberOrNull("clear");
                yield fields.made(() -> new Condition.Threshold(limit.comparison(), limit.value(), clear));
            }
            case CHANGE -> {
                Limit limit = limit(fields);
                Double clear = fields.numberOrNull("clear");
                Duration before = fields.duration("before");
                double minimum = fields.number("minimum", 0);
                yield fields.made(
                        () -> new Condition.Change(before, limit.comparison(), limit.value(), clear, minimum));
            }
            case ANOMALY -> {
                Condition.Anomaly usual = Condition.Anomaly.DEFAULT;
                double sensitivity = fields.number("sensitivity", usual.sensitivity());
                double relativeFloor = fields.number("relativeFloor", usual.relativeFloor());
                double floor = fields.number("floor", usual.floor());
                int weeks = fields.whole("weeks", usual.weeks());
                int samples = fields.whole("samples", usual.samples());
                Comparison direction = fields.has("direction") ? fields.choice("direction", Comparison.class) : null;
                yield fields.made(
                        () -> new Condition.Anomaly(sensitivity, relativeFloor, floor, weeks, samples, direction));
            }
            case ABSENCE -> {
                Duration lookback = fields.duration("lookback", Duration.ofHours(1));
                yield fields.made(() -> new Condition.Absence(lookback));
            }
        };
    }

    private record Limit(Comparison comparison, double value) {}

    /** The field {@code above} or {@code below}. */
    private static Limit limit(Fields fields) {
        boolean above = fields.has("above");
        if (above == fields.has("below")) {
            throw fields.wrong(above ? "below" : "above", above ? "cannot go with above" : "or below is missing");
        }
        return above
                ? new Limit(Comparison.ABOVE, fields.number("above"))
                : new Limit(Comparison.BELOW, fields.number("below"));
    }
}

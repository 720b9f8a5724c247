package io.weir.metadata.notify;

import io.weir.metadata.alert.Alert;
import io.weir.metadata.rule.Query;
import io.weir.metadata.rule.Query.Measure;
import io.weir.metadata.rule.Rule;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is said about an alert, in words. */
public final class Message {

    private static final Pattern PLACE =
            Pattern.compile("\\{\\{\\s*(value|usual|rule|reason|label\\s+([A-Za-z_][A-Za-z0-9_]*))\\s*}}");

    private Message() {}

    static String of(Rule rule, Alert alert) {
        if (alert.isError()) {
            return alert.reason();
        }
        if (rule.message().isEmpty()) {
            String what = name(rule);
            if (Double.isNaN(alert.value())) {
                return what + ": " + alert.reason();
            }
            return what + " is " + number(rule, alert.value()) + ": "
                    + rule.condition().describe();
        }
        Matcher place = PLACE.matcher(rule.message());
        StringBuilder text = new StringBuilder();
        while (place.find()) {
            String label = place.group(2);
            String value = label != null
                    ? rule.labels().and(alert.group()).get(label)
                    : switch (place.group(1)) {
                        case "value" -> number(rule, alert.value());
                        case "usual" -> number(rule, alert.usual());
                        case "rule" -> rule.name();
                        default -> alert.reason();
                    };
            place.appendReplacement(text, Matcher.quoteReplacement(value));
        }
        return place.appendTail(text).toString();
    }

    private static String name(Rule rule) {
        Query.Results results = rule.query().results();
        if (results != null) {
            return results.column() + " of '" + results.subscription() + "'";
        }
        String measurement = rule.query().measurement();
        String measure = rule.query().measure().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return measurement == null ? measure : measurement + " (" + measure.substring("measurement ".length()) + ")";
    }

    private static String number(Rule rule, double value) {
        if (Double.isNaN(value)) {
            return "no value";
        }
        return rule.query().measure() == Measure.ERROR_RATE ? number(value * 100) + "%" : number(value);
    }

    /** With at most four digits that matter after the point, none of them a trailing zero. */
    public static String number(double value) {
        if (!Double.isFinite(value)) {
            return "no value";
        }
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        return new BigDecimal(value)
                .round(new MathContext(4))
                .stripTrailingZeros()
                .toPlainString();
    }
}

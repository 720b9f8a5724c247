package io.weir.metadata.label;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A condition on one label, written {@code name="value"}, {@code name!="value"}, {@code name=~"pattern"} or
 * {@code name!~"pattern"}. A label that is absent counts as empty; a pattern must match the whole value.
 */
public record Matcher(String name, Operator operator, String value) {

    /** How a label's value is compared. */
    public enum Operator {
        IS("="),
        IS_NOT("!="),
        LIKE("=~"),
        NOT_LIKE("!~");

        private final String sign;

        Operator(String sign) {
            this.sign = sign;
        }

        public String sign() {
            return sign;
        }
    }

    private static final Pattern TEXT = Pattern.compile(
            "\\s*([A-Za-z_][A-Za-z0-9_]*)\\s*(!=|=~|!~|=)\\s*\"((?:[^\"\\\\]++|\\\\.)*+)\"\\s*", Pattern.DOTALL);

    private static final int LONGEST_PATTERN = 256;

    public Matcher {
        if (operator == Operator.LIKE || operator == Operator.NOT_LIKE) {
            if (value.length() > LONGEST_PATTERN) {
                throw new IllegalArgumentException(
                        "matcher of " + name + ": its pattern is longer than " + LONGEST_PATTERN);
            }
            try {
                Pattern.compile(value);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "matcher of " + name + ": '" + value + "' is not a pattern: " + e.getDescription());
            }
        }
    }

    /** @throws IllegalArgumentException if the text is not a matcher */
    @JsonCreator
    public static Matcher parse(String text) {
        List<Matcher> parsed = parseList(text);
        if (parsed.size() != 1) {
            throw notAMatcher(text);
        }
        return parsed.get(0);
    }

    /** The matchers of a comma-separated list; none for an empty one. */
    public static List<Matcher> parseList(String list) {
        List<Matcher> matchers = new ArrayList<>();
        java.util.regex.Matcher found = TEXT.matcher(list);
        int position = 0;
        while (position < list.length() && !list.substring(position).isBlank()) {
            if (!found.region(position, list.length()).lookingAt()) {
                throw notAMatcher(list);
            }
            String sign = found.group(2);
            Operator operator = List.of(Operator.values()).stream()
                    .filter(one -> one.sign.equals(sign))
                    .findFirst()
                    .orElseThrow();
            matchers.add(new Matcher(found.group(1), operator, found.group(3).replaceAll("\\\\(.)", "$1")));
            position = found.end();
            if (position < list.length()) {
                if (list.charAt(position) != ',') {
                    throw notAMatcher(list);
                }
                position++;
            }
        }
        return List.copyOf(matchers);
    }

    /** What {@link #parseList} reads. */
    public static String write(List<Matcher> matchers) {
        return String.join(", ", matchers.stream().map(Matcher::toString).toList());
    }

    public boolean matches(Labels labels) {
        return matchesValue(labels.get(name));
    }

    private boolean matchesValue(String actual) {
        return switch (operator) {
            case IS -> actual.equals(value);
            case IS_NOT -> !actual.equals(value);
            case LIKE -> Pattern.matches(value, actual);
            case NOT_LIKE -> !Pattern.matches(value, actual);
        };
    }

    /** Whether all of them match; true for none. */
    public static boolean allMatch(List<Matcher> matchers, Labels labels) {
        return matchers.stream().allMatch(matcher -> matcher.matches(labels));
    }

    /** Names with their values, as equality matchers. */
    public static List<Matcher> exactly(Map<String, String> values) {
        return values.entrySet().stream()
                .map(label -> new Matcher(label.getKey(), Operator.IS, label.getValue()))
                .toList();
    }

    @JsonValue
    @Override
    public String toString() {
        return name + operator.sign + '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static IllegalArgumentException notAMatcher(String text) {
        return new IllegalArgumentException("'" + text
                + "' is not a matcher: write name=\"value\", name!=\"value\", name=~\"pattern\" or name!~\"pattern\"");
    }
}

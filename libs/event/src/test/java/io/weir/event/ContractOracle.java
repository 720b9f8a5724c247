package io.weir.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * The event contract once more, written without regard to speed and on Jackson's parser, for {@link EventReader} to be held
 * against. Says what an event at {@link Stage#INGEST} holds, or null if it is none.
 */
final class ContractOracle {
    /** A number as it stands in the JSON. */
    record Numeral(String text) {}

    /** What an event holds: values as {@link Event} gives them, attributes as JSON trees. */
    record Content(
            Map<Field, Object> fields, Map<String, Double> measurements, Map<String, @Nullable Object> attributes) {}

    private static final class Unfit extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private static final JsonFactory JACKSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final Set<String> ENRICHMENT = Set.of(
            "tenant",
            "received_at",
            "endpoint_template",
            "status_class",
            "browser",
            "os",
            "device_class",
            "is_bot",
            "country",
            "network",
            "device_group");
    private static final Map<String, Integer> TEXTS = Map.ofEntries(
            Map.entry("id", 64),
            Map.entry("type", 64),
            Map.entry("source", 256),
            Map.entry("user_id", 256),
            Map.entry("device_id", 256),
            Map.entry("session_id", 256),
            Map.entry("trace_id", 256),
            Map.entry("method", 32),
            Map.entry("client_ip", 64),
            Map.entry("endpoint", 8192),
            Map.entry("referrer", 8192),
            Map.entry("user_agent", 8192),
            Map.entry("severity", 32),
            Map.entry("message", Integer.MAX_VALUE));
    private static final Set<String> FREE = Set.of("endpoint", "referrer", "user_agent", "severity", "message");
    private static final Pattern DATE_TIME = Pattern.compile(
            "(\\d{4})-(\\d\\d)-(\\d\\d)[Tt ](\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d+))?(?:[Zz]|([+-])(\\d\\d):(\\d\\d))");
    private static final Pattern QUANTITY = Pattern.compile("(\\d+(?:\\.\\d+)?) *([^ 0-9.].*)?", Pattern.DOTALL);
    private static final Map<String, String> MILLIS = Map.of(
            "",
            "1",
            "ms",
            "1",
            "ns",
            "0.000001",
            "us",
            "0.001",
            "µs",
            "0.001",
            "μs",
            "0.001",
            "s",
            "1000",
            "m",
            "60000",
            "min",
            "60000",
            "h",
            "3600000");

    private final EventLimits limits;

    ContractOracle(EventLimits limits) {
        this.limits = limits;
    }

    @Nullable
    Content read(byte[] event, long receivedAt) {
        if (event.length > limits.maxEventBytes()) {
            return null;
        }
        try {
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(event)).toString();
            Object tree;
            try (JsonParser parser = JACKSON.createParser(ObjectReadContext.empty(), text)) {
                parser.nextToken();
                tree = tree(parser, 1);
                if (parser.nextToken() != null) {
                    return null;
                }
            }
            return content(tree, receivedAt);
        } catch (CharacterCodingException | JacksonException | Unfit e) {
            return null;
        }
    }

    private @Nullable Object tree(JsonParser parser, int depth) throws Unfit {
        JsonToken token = parser.currentToken();
        if (token == null) {
            throw new Unfit();
        }
        if (token.isStructStart() && depth > limits.maxDepth()) {
            throw new Unfit();
        }
        return switch (token) {
            case START_OBJECT -> {
                Map<String, @Nullable Object> members = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = paired(parser.currentName());
                    if (name.chars().anyMatch(c -> c < 0x20)) {
                        throw new Unfit();
                    }
                    parser.nextToken();
                    // A field that the contract does not know is stored in attributes, and counts as if it stood there.
                    boolean moves = depth == 1 && !name.equals("attributes");
                    members.put(name, tree(parser, moves ? depth + 2 : depth + 1));
                }
                yield members;
            }
            case START_ARRAY -> {
                List<@Nullable Object> elements = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    elements.add(tree(parser, depth + 1));
                }
                yield elements;
            }
            case VALUE_STRING -> paired(parser.getString());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                String numeral = parser.getString();
                if (Double.isInfinite(Double.parseDouble(numeral))) {
                    throw new Unfit();
                }
                yield new Numeral(numeral);
            }
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw new Unfit();
        };
    }

    /** The text, if its surrogates come in pairs. */
    private static String paired(String text) throws Unfit {
        if (!UTF_8.newEncoder().canEncode(text)) {
            throw new Unfit();
        }
        return text;
    }

    private static boolean holdsControl(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    private Content content(@Nullable Object tree, long receivedAt) throws Unfit {
        Map<String, @Nullable Object> event = members(tree);
        Map<Field, Object> fields = new TreeMap<>();
        Map<String, Double> measurements = new LinkedHashMap<>();
        Map<String, @Nullable Object> attributes = new LinkedHashMap<>();
        for (Map.Entry<String, @Nullable Object> member : event.entrySet()) {
            String name = member.getKey();
            Field field = field(name);
            Object value = member.getValue();
            if (field == null) {
                attribute(attributes, name, value);
            } else if (value == null) {
                continue;
            } else if (field == Field.ATTRIBUTES) {
                for (Map.Entry<String, @Nullable Object> attribute :
                        members(value).entrySet()) {
                    attribute(attributes, attribute.getKey(), attribute.getValue());
                }
            } else if (field == Field.MEASUREMENTS) {
                measurements(members(value), measurements);
            } else {
                Object read = value(field, value, receivedAt);
                if (read != null) {
                    fields.put(field, read);
                }
            }
        }
        require(attributes.size() <= limits.maxAttributes() && measurements.size() <= limits.maxMeasurements());
        require(!fields.containsKey(Field.ID) || fields.containsKey(Field.TIMESTAMP));
        return new Content(fields, measurements, attributes);
    }

    private static @Nullable Field field(String name) {
        for (Field field : Field.values()) {
            if (field.json().equals(name) && !ENRICHMENT.contains(name)) {
                return field;
            }
        }
        return null;
    }

    private static void attribute(Map<String, @Nullable Object> attributes, String name, @Nullable Object value)
            throws Unfit {
        require(!attributes.containsKey(name));
        attributes.put(name, value);
    }

    private static void measurements(Map<String, @Nullable Object> members, Map<String, Double> measurements)
            throws Unfit {
        for (Map.Entry<String, @Nullable Object> member : members.entrySet()) {
            int bytes = member.getKey().getBytes(UTF_8).length;
            require(bytes >= 1 && bytes <= 256);
            if (member.getValue() != null) {
                require(member.getValue() instanceof Numeral);
                measurements.put(member.getKey(), Double.parseDouble(((Numeral) member.getValue()).text()));
            }
        }
    }

    private @Nullable Object value(Field field, Object value, long receivedAt) throws Unfit {
        Integer cap = TEXTS.get(field.json());
        if (cap != null) {
            require(value instanceof String);
            return text(field.json(), (String) value, cap);
        }
        return switch (field) {
            case TIMESTAMP -> {
                long millis = value instanceof String text ? dateTime(text) : whole(value);
                require(millis >= receivedAt - limits.maxAge().toMillis());
                require(millis <= receivedAt + limits.maxAhead().toMillis());
                yield millis;
            }
            case STATUS_CODE -> {
                if (value instanceof String text) {
                    require(text.matches("[0-9]{3}"));
                    value = new Numeral(text);
                }
                long code = whole(value);
                require(code >= 100 && code <= 599);
                yield code;
            }
            case LATENCY_MS -> {
                double millis;
                if (value instanceof String text) {
                    Matcher matcher = QUANTITY.matcher(text);
                    require(matcher.matches());
                    String factor = MILLIS.get(Objects.requireNonNullElse(matcher.group(2), ""));
                    require(factor != null);
                    millis = new BigDecimal(matcher.group(1))
                            .multiply(new BigDecimal(factor))
                            .doubleValue();
                } else {
                    require(value instanceof Numeral);
                    millis = Double.parseDouble(((Numeral) value).text());
                }
                require(millis >= 0 && Double.isFinite(millis));
                yield millis + 0.0;
            }
            case BYTES -> {
                long bytes = value instanceof String text ? size(text) : whole(value);
                require(bytes >= 0);
                yield bytes;
            }
            default -> throw new Unfit();
        };
    }

    private static @Nullable Object text(String name, String value, int cap) throws Unfit {
        require(value.getBytes(UTF_8).length <= cap);
        if (FREE.contains(name)) {
            return value;
        }
        require(!holdsControl(value));
        if (name.equals("type")) {
            require(value.matches("[a-z][a-z0-9_.-]{0,63}"));
        }
        if (value.isEmpty()) {
            require(!name.equals("id"));
            return null;
        }
        return value;
    }

    private static long whole(Object value) throws Unfit {
        require(value instanceof Numeral);
        String numeral = ((Numeral) value).text();
        if (numeral.matches("-?[0-9]{1,19}")) {
            try {
                return Long.parseLong(numeral);
            } catch (NumberFormatException beyond) {
                throw new Unfit();
            }
        }
        double number = Double.parseDouble(numeral);
        require(number == Math.rint(number) && Math.abs(number) < 0x1p63);
        return (long) number;
    }

    private static long dateTime(String text) throws Unfit {
        Matcher m = DATE_TIME.matcher(text);
        require(m.matches());
        int second = Integer.parseInt(m.group(6));
        String fraction = second == 60 ? "999" : (Objects.requireNonNullElse(m.group(7), "") + "000").substring(0, 3);
        try {
            LocalDateTime local = LocalDateTime.of(
                    Integer.parseInt(m.group(1)),
                    Integer.parseInt(m.group(2)),
                    Integer.parseInt(m.group(3)),
                    Integer.parseInt(m.group(4)),
                    Integer.parseInt(m.group(5)),
                    Math.min(second, second == 60 ? 59 : 60),
                    Integer.parseInt(fraction) * 1_000_000);
            if (m.group(8) != null) {
                int hours = Integer.parseInt(m.group(9));
                int minutes = Integer.parseInt(m.group(10));
                require(hours <= 23 && minutes <= 59);
                local = local.minusMinutes((hours * 60L + minutes) * (m.group(8).equals("+") ? 1 : -1));
            }
            require(second < 60 || (local.getHour() == 23 && local.getMinute() == 59));
            return local.toInstant(ZoneOffset.UTC).toEpochMilli();
        } catch (DateTimeException e) {
            throw new Unfit();
        }
    }

    private static long size(String text) throws Unfit {
        Matcher matcher = QUANTITY.matcher(text);
        require(matcher.matches());
        String unit = Objects.requireNonNullElse(matcher.group(2), "");
        require(unit.matches("(?i:[kmgtp]i?)?[Bb]?"));
        BigDecimal factor = BigDecimal.ONE;
        if (!unit.isEmpty() && !unit.equalsIgnoreCase("b")) {
            int power = "kmgtp".indexOf(Character.toLowerCase(unit.charAt(0))) + 1;
            boolean binary = unit.length() > 1 && (unit.charAt(1) == 'i' || unit.charAt(1) == 'I');
            factor = new BigDecimal(binary ? 1024 : 1000).pow(power);
        }
        BigDecimal bytes = new BigDecimal(matcher.group(1)).multiply(factor);
        require(!factor.equals(BigDecimal.ONE) || !matcher.group(1).contains("."));
        require(bytes.compareTo(new BigDecimal(Long.MAX_VALUE)) <= 0);
        return bytes.setScale(0, RoundingMode.HALF_UP).longValue();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> members(@Nullable Object tree) throws Unfit {
        require(tree instanceof Map);
        return (Map<String, @Nullable Object>) Objects.requireNonNull(tree);
    }

    private static void require(boolean holds) throws Unfit {
        if (!holds) {
            throw new Unfit();
        }
    }

    /** The tree of a JSON text that is known to be valid. */
    @Nullable
    Object tree(byte[] json) {
        try (JsonParser parser = JACKSON.createParser(ObjectReadContext.empty(), new String(json, UTF_8))) {
            parser.nextToken();
            return tree(parser, 1);
        } catch (Unfit e) {
            throw new IllegalStateException(e);
        }
    }
}

package io.weir.metadata.notify;

import io.weir.metadata.rule.RuleJson;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a kind of channel must be told to reach somebody. Holds secrets: {@link #shown} is what people may see, and
 * {@link #toString} says nothing.
 *
 * <p>A secret may be a reference, {@code file:NAME}, to a file that whoever delivers has for the tenant.
 */
public final class ChannelSettings {

    /** How a secret is shown. */
    public static final String MASK = "********";

    /** A value that begins with this names a file. */
    public static final String FILE = "file:";

    private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    private record Field(String name, boolean list, boolean required, boolean secret) {}

    private final Channel.Kind kind;
    private final Map<String, List<String>> values;

    private ChannelSettings(Channel.Kind kind, Map<String, List<String>> values) {
        this.kind = kind;
        this.values = values;
    }

    private static List<Field> fields(Channel.Kind kind) {
        Field to = new Field("to", true, true, false);
        Field url = new Field("url", false, true, true);
        return switch (kind) {
            case EMAIL -> List.of(to);
            case SLACK -> List.of(url);
            case PAGERDUTY ->
                List.of(new Field("routingKey", false, true, true), new Field("url", false, false, false));
            case WEBHOOK -> List.of(url, new Field("secret", false, true, true));
            case SMS -> List.of(url, to, new Field("token", false, false, true));
        };
    }

    /** @throws IllegalArgumentException if a setting is missing, unknown, or has several values where one is wanted */
    public static ChannelSettings of(Channel.Kind kind, Map<String, List<String>> values) {
        List<Field> fields = fields(kind);
        List<String> names = fields.stream().map(Field::name).toList();
        values.forEach((name, value) -> {
            if (!names.contains(name)) {
                throw new IllegalArgumentException("settings." + name + " is not known for "
                        + kind.name().toLowerCase(Locale.ROOT) + "; there are: " + String.join(", ", names));
            }
        });
        Map<String, List<String>> kept = new LinkedHashMap<>();
        for (Field field : fields) {
            List<String> value = values.getOrDefault(field.name(), List.of());
            if (value.stream().anyMatch(String::isBlank) || (value.isEmpty() && field.required())) {
                throw new IllegalArgumentException("settings." + field.name() + " is missing");
            }
            if (value.size() > 1 && !field.list()) {
                throw new IllegalArgumentException("settings." + field.name() + " must be one value");
            }
            value.forEach(one -> requireUsable(field, one));
            if (!value.isEmpty()) {
                kept.put(field.name(), List.copyOf(value));
            }
        }
        return new ChannelSettings(kind, kept);
    }

    /** The messages quote nothing that may be secret. */
    private static void requireUsable(Field field, String value) {
        if (field.secret() && value.startsWith(FILE)) {
            if (!isFileName(value.substring(FILE.length()))) {
                throw new IllegalArgumentException(
                        "settings." + field.name() + " must be file: and the name of a file, without a folder");
            }
        } else if (field.name().equals("url") && !isAddress(value)) {
            throw new IllegalArgumentException("settings.url must be an address such as https://host/path"
                    + (field.secret() ? ", or file:NAME" : ""));
        }
    }

    /** Whether secrets may be kept in a file of that name. */
    public static boolean isFileName(String name) {
        return FILE_NAME.matcher(name).matches();
    }

    private static boolean isAddress(String value) {
        try {
            URI address = new URI(value);
            return ("https".equals(address.getScheme()) || "http".equals(address.getScheme()))
                    && address.getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** The settings of a channel that is stored, whatever it holds. */
    public static ChannelSettings of(Channel channel) {
        Map<String, List<String>> values = new TreeMap<>();
        JsonNode json = tree(channel);
        json.properties().forEach(property -> {
            List<String> texts = new ArrayList<>();
            JsonNode value = property.getValue();
            if (value.isArray()) {
                value.forEach(one -> texts.add(one.asString()));
            } else {
                texts.add(value.asString());
            }
            values.put(property.getKey(), texts);
        });
        return new ChannelSettings(channel.kind(), values);
    }

    private static JsonNode tree(Channel channel) {
        try {
            JsonNode json = RuleJson.MAPPER.readTree(channel.settings());
            if (json.isObject()) {
                return json;
            }
        } catch (JacksonException e) {
            // not said in its words, which quote what may be secret
        }
        throw new IllegalArgumentException("settings of channel " + channel.name() + " are not a JSON object");
    }

    public Channel.Kind kind() {
        return kind;
    }

    /** The values of a setting; none if it is not there. */
    public List<String> get(String name) {
        return values.getOrDefault(name, List.of());
    }

    /** For the database; the same settings are the same text. */
    public String json() {
        ObjectNode json = RuleJson.MAPPER.createObjectNode();
        for (Field field : fields(kind)) {
            List<String> value = get(field.name());
            if (field.list()) {
                value.forEach(json.withArray(field.name())::add);
            } else if (!value.isEmpty()) {
                json.put(field.name(), value.get(0));
            }
        }
        return RuleJson.MAPPER.writeValueAsString(json);
    }

    /** With each secret masked, but for references and for the host of an address. */
    public Map<String, List<String>> shown() {
        Map<String, List<String>> shown = new LinkedHashMap<>();
        for (Field field : fields(kind)) {
            List<String> value = get(field.name());
            if (!value.isEmpty()) {
                shown.put(
                        field.name(),
                        field.secret()
                                ? value.stream().map(ChannelSettings::masked).toList()
                                : value);
            }
        }
        return shown;
    }

    /**
     * These, with the stored value where one is masked.
     *
     * @throws IllegalArgumentException if what is stored is not what the mask stands for, or would go to another address
     */
    public ChannelSettings completed(ChannelSettings stored) {
        Map<String, List<String>> shown = stored.shown();
        boolean newAddress = !get("url").equals(shown.getOrDefault("url", List.of()))
                && !get("url").equals(stored.get("url"));
        Map<String, List<String>> completed = new LinkedHashMap<>(values);
        completed.replaceAll((name, value) -> {
            if (!isMasked(value)) {
                return value;
            }
            if (kind != stored.kind || !value.equals(shown.get(name))) {
                throw masked(name, "what is stored is something else");
            }
            if (newAddress) {
                throw masked(name, "the address is new");
            }
            return stored.get(name);
        });
        return new ChannelSettings(kind, completed);
    }

    /** These, with what a file holds where one is named. */
    public ChannelSettings withFiles(UnaryOperator<String> content) {
        Map<String, List<String>> filled = new LinkedHashMap<>();
        values.forEach((name, value) -> filled.put(
                name,
                value.stream()
                        .map(one -> one.startsWith(FILE) ? content.apply(one.substring(FILE.length())) : one)
                        .toList()));
        return new ChannelSettings(kind, filled);
    }

    /** @throws IllegalArgumentException if a value is masked: there is nothing stored that it could stand for */
    public void requireComplete() {
        values.forEach((name, value) -> {
            if (isMasked(value)) {
                throw masked(name, "nothing is stored");
            }
        });
    }

    /** The text with every secret in it masked: what the other side answers may quote what it was sent. */
    public String hideIn(String text) {
        String hidden = text;
        for (Field field : fields(kind)) {
            if (field.secret()) {
                for (String secret : get(field.name())) {
                    hidden = secret.isEmpty() ? hidden : hidden.replace(secret, MASK);
                }
            }
        }
        return hidden;
    }

    private static boolean isMasked(List<String> value) {
        return value.stream().anyMatch(one -> one.contains(MASK));
    }

    private static IllegalArgumentException masked(String name, String why) {
        return new IllegalArgumentException("settings." + name + " is masked, and " + why + ": write it in full");
    }

    private static String masked(String secret) {
        if (secret.startsWith(FILE)) {
            return secret;
        }
        try {
            URI address = URI.create(secret);
            if (address.getHost() != null) {
                String port = address.getPort() < 0 ? "" : ":" + address.getPort();
                return address.getScheme() + "://" + address.getHost() + port + "/" + MASK;
            }
        } catch (IllegalArgumentException e) {
            // not an address
        }
        return MASK;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ChannelSettings settings && settings.kind == kind && settings.values.equals(values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return "ChannelSettings[" + kind + "]";
    }
}

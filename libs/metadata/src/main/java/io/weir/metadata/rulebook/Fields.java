package io.weir.metadata.rulebook;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** One mapping of a YAML document, read with errors that name the field and its line. */
final class Fields {

    private final String path;
    private final Node node;
    private final Map<String, Node> values = new LinkedHashMap<>();
    private final Set<String> known = new LinkedHashSet<>();

    /** @param path of the mapping in its document; empty for the document itself */
    Fields(String path, Node node) {
        this.path = path;
        this.node = node;
        if (!(node instanceof MappingNode mapping)) {
            throw wrong(path.isEmpty() ? "the document" : path, node, "must be a mapping, such as name: value");
        }
        for (NodeTuple tuple : mapping.getValue()) {
            String name = scalar(path(""), tuple.getKeyNode());
            if (values.put(name, tuple.getValueNode()) != null) {
                throw wrong(path(name), tuple.getKeyNode(), "is there twice");
            }
        }
    }

    boolean has(String name) {
        return found(name) != null;
    }

    String text(String name) {
        return scalar(path(name), required(name));
    }

    @Nullable
    String textOrNull(String name) {
        Node value = found(name);
        return value == null ? null : scalar(path(name), value);
    }

    String text(String name, String otherwise) {
        Node value = found(name);
        return value == null ? otherwise : scalar(path(name), value);
    }

    boolean flag(String name, boolean otherwise) {
        Node value = found(name);
        if (value == null) {
            return otherwise;
        }
        String text = scalar(path(name), value);
        if (!text.equals("true") && !text.equals("false")) {
            throw wrong(path(name), value, "is '" + text + "': it must be true or false");
        }
        return text.equals("true");
    }

    double number(String name) {
        return number(name, required(name));
    }

    double number(String name, double otherwise) {
        Node value = found(name);
        return value == null ? otherwise : number(name, value);
    }

    @Nullable
    Double numberOrNull(String name) {
        Node value = found(name);
        return value == null ? null : (Double) number(name, value);
    }

    private double number(String name, Node value) {
        String text = scalar(path(name), value);
        try {
            double number = Double.parseDouble(text);
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw wrong(path(name), value, "is '" + text + "': it must be a number");
    }

    int whole(String name, int otherwise) {
        Node value = found(name);
        if (value == null) {
            return otherwise;
        }
        String text = scalar(path(name), value);
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw wrong(path(name), value, "is '" + text + "': it must be a whole number");
        }
    }

    Duration duration(String name) {
        return duration(name, required(name));
    }

    Duration duration(String name, Duration otherwise) {
        Node value = found(name);
        return value == null ? otherwise : duration(name, value);
    }

    @Nullable
    Duration durationOrNull(String name) {
        Node value = found(name);
        return value == null ? null : duration(name, value);
    }

    private Duration duration(String name, Node value) {
        String text = scalar(path(name), value);
        try {
            return Durations.parse(text);
        } catch (IllegalArgumentException e) {
            throw wrong(path(name), value, "is '" + text + "': it must be a time such as 90s, 5m, 4h or 1d");
        }
    }

    <E extends Enum<E>> E choice(String name, Class<E> type) {
        return choice(name, type, required(name));
    }

    <E extends Enum<E>> E choice(String name, Class<E> type, E otherwise) {
        Node value = found(name);
        return value == null ? otherwise : choice(name, type, value);
    }

    private <E extends Enum<E>> E choice(String name, Class<E> type, Node value) {
        String text = scalar(path(name), value);
        for (E one : type.getEnumConstants()) {
            if (one.name().equalsIgnoreCase(text)) {
                return one;
            }
        }
        throw wrong(
                path(name),
                value,
                "is '" + text + "': it must be one of "
                        + Arrays.stream(type.getEnumConstants())
                                .map(one -> one.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", ")));
    }

    /** A list of texts, or one text; none without the field. */
    List<String> texts(String name) {
        Node value = found(name);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof SequenceNode sequence)) {
            return List.of(scalar(path(name), value));
        }
        List<String> texts = new ArrayList<>();
        for (Node one : sequence.getValue()) {
            texts.add(scalar(path(name) + "[" + texts.size() + "]", one));
        }
        return texts;
    }

    Fields child(String name) {
        return new Fields(path(name), required(name));
    }

    @Nullable
    Fields childOrNull(String name) {
        Node value = found(name);
        return value == null ? null : new Fields(path(name), value);
    }

    /** A list of mappings; null without the field. */
    @Nullable
    List<Fields> children(String name) {
        Node value = found(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof SequenceNode sequence)) {
            throw wrong(path(name), value, "must be a list");
        }
        List<Fields> children = new ArrayList<>();
        for (Node one : sequence.getValue()) {
            children.add(new Fields(path(name) + "[" + children.size() + "]", one));
        }
        return children;
    }

    /** The names of all fields, whatever they are. */
    Set<String> names() {
        return values.keySet();
    }

    /** Makes something of the fields; what it says against them is said with their place. */
    <T> T made(Supplier<T> maker) {
        rejectUnknown();
        try {
            return maker.get();
        } catch (PlacedException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw wrong(path.isEmpty() ? "the document" : path, node, ": " + e.getMessage());
        }
    }

    /** Fails if there is a field that nobody has asked for. */
    void rejectUnknown() {
        for (Map.Entry<String, Node> value : values.entrySet()) {
            if (!known.contains(value.getKey())) {
                throw wrong(
                        path(value.getKey()), value.getValue(), "is not known; there are: " + String.join(", ", known));
            }
        }
    }

    /** The error of a field, or of the whole if it is not there. */
    IllegalArgumentException wrong(String name, String what) {
        return wrong(path(name), values.getOrDefault(name, node), what);
    }

    private Node required(String name) {
        Node value = found(name);
        if (value == null) {
            throw wrong(path(name), node, "is missing");
        }
        return value;
    }

    private @Nullable Node found(String name) {
        known.add(name);
        Node value = values.get(name);
        return value == null || Tag.NULL.equals(value.getTag()) ? null : value;
    }

    private String path(String name) {
        return path.isEmpty() || name.isEmpty() ? path + name : path + "." + name;
    }

    private static String scalar(String path, Node node) {
        if (node instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        throw wrong(path, node, "must be one value");
    }

    private static IllegalArgumentException wrong(String path, Node node, String what) {
        String place = path + " (line " + (node.getStartMark().getLine() + 1) + ")";
        return new PlacedException(what.startsWith(":") ? place + what : place + " " + what);
    }

    /** Says already where. */
    private static final class PlacedException extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        PlacedException(String message) {
            super(message);
        }
    }
}

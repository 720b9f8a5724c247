package io.weir.event;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** The same JSON in another layout: members in another order, characters escaped that need not be, whitespace. */
final class Shuffled {
    private static final ObjectMapper JACKSON = JsonMapper.builder().build();
    private static final String[] SPACES = {"", "", " ", "\n", "\r\n\t  "};

    private Shuffled() {}

    static String json(String json, long seed) {
        StringBuilder out = new StringBuilder();
        append(JACKSON.readTree(json), json, new Random(seed), out);
        return out.toString();
    }

    private static void append(JsonNode node, String json, Random random, StringBuilder out) {
        space(random, out);
        if (node.isObject()) {
            List<String> names = new ArrayList<>(node.propertyNames());
            Collections.shuffle(names, random);
            String separator = "{";
            for (String name : names) {
                out.append(separator);
                space(random, out);
                string(name, random, out);
                space(random, out);
                out.append(':');
                append(node.get(name), json, random, out);
                separator = ",";
            }
            out.append(names.isEmpty() ? "{" : "");
            space(random, out);
            out.append('}');
        } else if (node.isArray()) {
            String separator = "[";
            for (JsonNode element : node) {
                out.append(separator);
                append(element, json, random, out);
                separator = ",";
            }
            out.append(node.isEmpty() ? "[" : "").append(']');
        } else if (node.isString()) {
            string(node.stringValue(), random, out);
        } else {
            out.append(node);
        }
        space(random, out);
    }

    private static void string(String text, Random random, StringBuilder out) {
        out.append('"');
        for (char c : text.toCharArray()) {
            boolean must = c == '"' || c == '\\' || c < ' ';
            // A pair is escaped as a whole or not at all.
            if (must || (!Character.isSurrogate(c) && random.nextInt(6) == 0)) {
                out.append(
                        random.nextBoolean() ? String.format("\\u%04x", (int) c) : String.format("\\u%04X", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    private static void space(Random random, StringBuilder out) {
        out.append(SPACES[random.nextInt(SPACES.length)]);
    }
}

package io.weir.bootstrap;

import java.util.ArrayList;
import java.util.List;

/** The apps that a stream definition names, with their labels and types, by the rules of Data Flow's stream language. */
record StreamApps(List<App> apps) {

    /**
     * One app of a stream.
     *
     * @param label what it is called within the stream; its name if it has no label
     */
    record App(String type, String name, String label) {}

    static StreamApps of(String definition) {
        String text = definition.strip();
        boolean parallel = indexOutsideQuotes(text, "||", 0) >= 0;
        boolean readsDestination = text.startsWith(":");
        if (readsDestination) {
            int arrow = indexOutsideQuotes(text, ">", 0);
            text = arrow < 0 ? "" : text.substring(arrow + 1);
        }
        boolean writesDestination = false;
        int arrow = lastArrow(text);
        if (arrow >= 0) {
            writesDestination = true;
            text = text.substring(0, arrow);
        }
        List<String> parts = split(text, parallel ? "||" : "|");
        List<App> apps = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            String part = parts.get(i).strip();
            if (part.isEmpty()) {
                continue;
            }
            String head = part.split("\\s+", 2)[0];
            int colon = head.indexOf(':');
            String name;
            String label;
            if (colon >= 0) {
                label = head.substring(0, colon);
                name = colon + 1 < head.length()
                        ? head.substring(colon + 1)
                        : part.substring(colon + 1).strip().split("\\s+", 2)[0];
            } else {
                label = head;
                name = head;
            }
            boolean first = i == 0 && !readsDestination;
            boolean last = i == parts.size() - 1 && !writesDestination;
            apps.add(new App(type(parallel, first, last), name, label));
        }
        return new StreamApps(List.copyOf(apps));
    }

    private static String type(boolean parallel, boolean first, boolean last) {
        if (parallel || (first && last)) {
            return "app";
        }
        return first ? "source" : last ? "sink" : "processor";
    }

    /** The last {@code > :destination}; an option's value may hold a {@code >} as well. */
    private static int lastArrow(String text) {
        int found = -1;
        for (int at = indexOutsideQuotes(text, ">", 0); at >= 0; at = indexOutsideQuotes(text, ">", at + 1)) {
            if (text.substring(at + 1).strip().startsWith(":")) {
                found = at;
            }
        }
        return found;
    }

    private static List<String> split(String text, String separator) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int at = indexOutsideQuotes(text, separator, 0); at >= 0; at = indexOutsideQuotes(text, separator, from)) {
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    private static int indexOutsideQuotes(String text, String what, int from) {
        char quote = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (text.startsWith(what, i)) {
                return i;
            }
        }
        return -1;
    }
}

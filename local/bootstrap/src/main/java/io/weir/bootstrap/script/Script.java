package io.weir.bootstrap.script;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The commands of a script, in order. */
public record Script(List<Command> commands) {

    private static final Set<String> FLAGS = Set.of("deploy", "force");
    private static final Pattern PROPERTY_START =
            Pattern.compile("\\s*(app|deployer|version|scheduler|spring\\.cloud\\.dataflow)\\..*=.*", Pattern.DOTALL);

    /**
     * Reads a script in the Data Flow shell's language.
     *
     * @throws ScriptException if it is not one; nothing has been done then
     */
    public static Script parse(String text) {
        List<Command> commands = new ArrayList<>();
        for (List<Word> words : Words.of(text)) {
            commands.add(command(words));
        }
        return new Script(List.copyOf(commands));
    }

    private static Command command(List<Word> words) {
        Position position = words.get(0).position();
        int verbs = 0;
        while (verbs < words.size() && !words.get(verbs).isOption()) {
            verbs++;
        }
        String verb = String.join(
                " ", words.subList(0, verbs).stream().map(Word::text).toList());
        return switch (verb) {
            case "app import" -> {
                Options options = new Options(words, verbs, "uri", "force");
                yield new Command.AppImport(position, options.required("uri"));
            }
            case "app register" -> {
                Options options =
                        new Options(words, verbs, "name", "type", "uri", "metadata-uri", "bootVersion", "force");
                yield new Command.AppRegister(
                        position,
                        options.oneOf("type", "source", "processor", "sink", "app", "task"),
                        options.required("name"),
                        options.required("uri"),
                        options.optional("metadata-uri"),
                        options.optional("bootVersion") == null ? "3" : options.required("bootVersion"));
            }
            case "stream create" -> {
                Options options = new Options(words, verbs, "name", "definition", "description", "deploy");
                yield new Command.StreamCreate(
                        position,
                        options.required("name"),
                        options.required("definition"),
                        options.optional("description"),
                        options.flag("deploy"));
            }
            case "stream deploy" -> {
                Options options = new Options(words, verbs, "name", "properties");
                yield new Command.StreamDeploy(position, options.required("name"), options.properties());
            }
            case "stream undeploy" ->
                new Command.StreamUndeploy(position, new Options(words, verbs, "name").required("name"));
            case "stream destroy" ->
                new Command.StreamDestroy(position, new Options(words, verbs, "name").required("name"));
            case "task create" -> {
                Options options = new Options(words, verbs, "name", "definition", "description");
                yield new Command.TaskCreate(
                        position,
                        options.required("name"),
                        options.required("definition"),
                        options.optional("description"));
            }
            case "task destroy" ->
                new Command.TaskDestroy(position, new Options(words, verbs, "name").required("name"));
            case "task schedule create" -> {
                Options options =
                        new Options(words, verbs, "name", "definitionName", "expression", "properties", "arguments");
                yield new Command.TaskScheduleCreate(
                        position,
                        options.required("name"),
                        options.required("definitionName"),
                        options.required("expression"),
                        options.properties(),
                        options.optional("arguments"));
            }
            default ->
                throw new ScriptException(
                        position,
                        "'" + verb
                                + "' is not a command that is known here. Known: app import, app register, stream create,"
                                + " stream deploy, stream undeploy, stream destroy, task create, task destroy,"
                                + " task schedule create");
        };
    }

    /**
     * Reads {@code key=value,key=value} as the shell does: a comma parts two properties only if what follows begins
     * like a deployment property, so values may hold commas.
     */
    static Map<String, String> properties(Position position, String text) {
        List<StringBuilder> pairs = new ArrayList<>();
        for (String piece : text.split(",", -1)) {
            if (PROPERTY_START.matcher(piece).matches() || pairs.isEmpty()) {
                pairs.add(new StringBuilder(piece));
            } else {
                pairs.get(pairs.size() - 1).append(',').append(piece);
            }
        }
        Map<String, String> properties = new LinkedHashMap<>();
        for (StringBuilder pair : pairs) {
            int equals = pair.indexOf("=");
            if (equals < 1) {
                throw new ScriptException(position, "'" + pair + "' is not key=value");
            }
            properties.put(
                    pair.substring(0, equals).strip(),
                    pair.substring(equals + 1).strip());
        }
        return properties;
    }

    private static final class Options {
        private final Map<String, Word> values = new LinkedHashMap<>();
        private final Position start;
        private final String verb;

        Options(List<Word> words, int from, String... known) {
            start = words.get(0).position();
            verb = String.join(
                    " ", words.subList(0, from).stream().map(Word::text).toList());
            int at = from;
            while (at < words.size()) {
                Word option = words.get(at++);
                if (!option.isOption()) {
                    throw new ScriptException(
                            option.position(),
                            "'" + option.text() + "' stands alone; a value with blanks must be in quotes");
                }
                String name = option.text().substring(2);
                Word value;
                int equals = name.indexOf('=');
                if (equals > 0) {
                    value = new Word(name.substring(equals + 1), true, option.position());
                    name = name.substring(0, equals);
                } else if (at < words.size() && !words.get(at).isOption()) {
                    value = words.get(at++);
                } else if (FLAGS.contains(name)) {
                    value = new Word("true", true, option.position());
                } else {
                    throw new ScriptException(option.position(), "--" + name + " has no value");
                }
                if (!Set.of(known).contains(name)) {
                    throw new ScriptException(
                            option.position(),
                            verb + " has no option --" + name + ". It has --"
                                    + String.join(", --", new TreeSet<>(Set.of(known))));
                }
                if (values.put(name, value) != null) {
                    throw new ScriptException(option.position(), "--" + name + " is given twice");
                }
            }
        }

        @Nullable
        String optional(String name) {
            Word value = values.get(name);
            return value == null ? null : value.text();
        }

        String required(String name) {
            String value = optional(name);
            if (value == null || value.isBlank()) {
                throw new ScriptException(start, verb + " needs --" + name);
            }
            return value;
        }

        String oneOf(String name, String... allowed) {
            String value = required(name);
            if (!List.of(allowed).contains(value)) {
                throw new ScriptException(
                        positionOf(name),
                        "--" + name + " is '" + value + "', not one of " + String.join(", ", allowed));
            }
            return value;
        }

        boolean flag(String name) {
            String value = optional(name);
            if (value == null || value.equals("false")) {
                return false;
            }
            if (!value.equals("true")) {
                throw new ScriptException(
                        positionOf(name), "--" + name + " is '" + value + "', neither true nor false");
            }
            return true;
        }

        Map<String, String> properties() {
            String text = optional("properties");
            return text == null || text.isBlank() ? Map.of() : Script.properties(positionOf("properties"), text);
        }

        private Position positionOf(String name) {
            Word word = values.get(name);
            return word == null ? start : word.position();
        }
    }
}

package io.weir.bootstrap;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Deployment properties that one platform needs and a script should not know: ports, memory, addresses.
 *
 * <p>A line is {@code <stream>.<property>=<value>}, the property as in {@code stream deploy --properties}, the stream a
 * name or {@code *}: {@code events.app.source-http.server.port=8090}, {@code *.deployer.*.local.javaOpts=-Xmx256m}. A
 * line for a name is stronger than one for {@code *}; what the script gives is stronger than both.
 */
public record PlatformProperties(Map<String, String> entries) {

    /** None. */
    public static final PlatformProperties NONE = new PlatformProperties(Map.of());

    /** Reads a properties file. */
    public static PlatformProperties read(Path file) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        Map<String, String> entries = new TreeMap<>();
        properties.forEach((key, value) -> entries.put((String) key, (String) value));
        return new PlatformProperties(entries);
    }

    /** What a deployment of that stream takes, under what the script gives for it. */
    Map<String, String> forStream(String stream, Map<String, String> given) {
        Map<String, String> all = new TreeMap<>();
        addStripped("*.", all);
        addStripped(stream + ".", all);
        all.putAll(given);
        return all;
    }

    private void addStripped(String prefix, Map<String, String> into) {
        entries.forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                into.put(key.substring(prefix.length()), value);
            }
        });
    }
}

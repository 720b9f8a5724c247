package io.weir.bootstrap;

import io.weir.bootstrap.server.RegisteredApp;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The apps of one platform, in Data Flow's own format: {@code <type>.<name>=<uri>}, with {@code <type>.<name>.metadata=<uri>}
 * and {@code <type>.<name>.bootVersion=3} if need be.
 */
final class AppsFile {

    private static final Set<String> TYPES = Set.of("source", "processor", "sink", "app", "task");

    private AppsFile() {}

    /**
     * Reads the file at a {@code file:}, {@code http:} or {@code https:} address, or a plain path.
     *
     * @throws BootstrapException if it cannot be read or has a line that is not understood
     */
    static List<RegisteredApp> read(String location) {
        Properties properties = new Properties();
        try {
            URI uri = location.matches("[a-z]+:.*")
                    ? URI.create(location)
                    : java.nio.file.Path.of(location).toUri();
            try (Reader reader = new InputStreamReader(uri.toURL().openStream(), StandardCharsets.UTF_8)) {
                properties.load(reader);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new BootstrapException("the apps file " + location + " cannot be read: " + e.getMessage());
        }
        List<RegisteredApp> apps = new ArrayList<>();
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            String[] parts = key.split("\\.");
            if (parts.length < 2 || parts.length > 3 || !TYPES.contains(parts[0])) {
                throw new BootstrapException("the apps file " + location + " has the line '" + key
                        + "', which is not <type>.<name>, <type>.<name>.metadata or <type>.<name>.bootVersion");
            }
            if (parts.length == 2) {
                apps.add(app(
                        parts[0],
                        parts[1],
                        properties.getProperty(key).strip(),
                        properties.getProperty(key + ".metadata", "").strip(),
                        properties.getProperty(key + ".bootVersion", "2").strip()));
            }
        }
        return apps;
    }

    static RegisteredApp app(String type, String name, String uri, String metadataUri, String bootVersion) {
        return new RegisteredApp(type, name, version(uri), uri, metadataUri, bootVersion);
    }

    private static final Pattern FILE_VERSION = Pattern.compile(".*-(\\d.*?)\\.[^.]+");

    /** The version as Data Flow itself reads it from an address. */
    static String version(String uri) {
        if (uri.startsWith("docker:")) {
            String image = uri.substring(uri.lastIndexOf('/') + 1).replaceFirst("@.*", "");
            int colon = image.lastIndexOf(':');
            return colon < 0 || !uri.contains("/") && colon == "docker".length()
                    ? "latest"
                    : image.substring(colon + 1);
        }
        if (uri.startsWith("maven:")) {
            return uri.substring(uri.lastIndexOf(':') + 1);
        }
        Matcher file = FILE_VERSION.matcher(uri.substring(uri.lastIndexOf('/') + 1));
        if (!file.matches()) {
            throw new BootstrapException("the address " + uri + " names no version: it must end in -<version>.jar");
        }
        return file.group(1);
    }
}

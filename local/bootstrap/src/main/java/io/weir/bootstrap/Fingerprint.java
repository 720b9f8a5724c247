package io.weir.bootstrap;

import io.weir.bootstrap.server.RegisteredApp;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What an app of a stream was asked to be, in short: left with the deployment as two deployer properties, which deployers
 * ignore, and compared the next time. Data Flow itself keeps only what came of the request, wildcards expanded.
 *
 * @param state hash of the app's address, version and properties
 * @param keys names of its properties: an update can set but not take away
 */
record Fingerprint(String state, Set<String> keys) {

    private static final String DEPLOYER = "spring.cloud.deployer.";
    private static final String STATE = "weir.state";
    private static final String KEYS = "weir.keys";

    /** Of an app of a stream that is deployed with those properties. */
    static Fingerprint of(String label, RegisteredApp app, Map<String, String> properties) {
        Map<String, String> own = new TreeMap<>();
        properties.forEach((key, value) -> {
            String[] parts = key.split("\\.", 3);
            if (parts.length > 1 && (parts[1].equals(label) || parts[1].equals("*") || !isOfAnApp(parts[0]))) {
                own.put(key, value);
            }
        });
        return new Fingerprint(hash(app.uri() + "\n" + app.version() + "\n" + own), new TreeSet<>(own.keySet()));
    }

    /** As a deployment left it; null parts become empty. */
    static Fingerprint read(Map<String, String> deployerProperties) {
        String keys = deployerProperties.getOrDefault(DEPLOYER + KEYS, "");
        return new Fingerprint(
                deployerProperties.getOrDefault(DEPLOYER + STATE, ""),
                keys.isEmpty() ? Set.of() : new TreeSet<>(Arrays.asList(keys.split(";"))));
    }

    /** The properties that leave it with a deployment. */
    Map<String, String> asProperties(String label) {
        return Map.of(
                "deployer." + label + "." + STATE, state, "deployer." + label + "." + KEYS, String.join(";", keys));
    }

    private static boolean isOfAnApp(String prefix) {
        return prefix.equals("app") || prefix.equals("deployer") || prefix.equals("version");
    }

    private static String hash(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

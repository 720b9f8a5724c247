package io.weir.bootstrap.server;

/**
 * An app as the server knows it.
 *
 * @param metadataUri empty if it has none of its own
 */
public record RegisteredApp(
        String type, String name, String version, String uri, String metadataUri, String bootVersion) {}

package io.weir.bootstrap.server;

/**
 * A stream as the server knows it.
 *
 * @param definition as it was given
 * @param status {@code deployed}, {@code deploying}, {@code partial}, {@code incomplete}, {@code failed}, {@code error},
 *     {@code undeployed} or {@code unknown}
 */
public record StreamState(String name, String definition, String description, String status) {}

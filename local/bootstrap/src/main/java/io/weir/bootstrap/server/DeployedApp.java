package io.weir.bootstrap.server;

import java.util.Map;

/**
 * One app of a deployed stream, as the server last told Skipper to run it.
 *
 * @param deployerProperties with their prefix {@code spring.cloud.deployer.}
 */
public record DeployedApp(String label, Map<String, String> deployerProperties) {}

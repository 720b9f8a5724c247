package io.weir.local;

import picocli.CommandLine.Option;

/** Whose alerts a command is about. */
final class TenantOption {

    @Option(
            names = "--tenant",
            defaultValue = FirstSteps.TENANT,
            description = "Whose they are (default ${DEFAULT-VALUE}).")
    private String name = FirstSteps.TENANT;

    String name() {
        return name;
    }
}

package io.weir.console.account;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How ClickHouse gets the accounts that read it.
 *
 * @param users who tells ClickHouse of them
 * @param url what programs are told to connect to; by default ClickHouse's own address, or that of the gate
 * @param gatePort where the gate before an embedded server listens: 0 for a free port, -1 for no gate
 * @param gateAddress the interface that it listens on
 * @param gateRate how many requests an account may make there in a minute; as many may come at once
 */
@ConfigurationProperties("weir.accounts")
public record AccountProperties(
        @DefaultValue("sql") Users users,
        @Nullable String url,
        @DefaultValue("-1") int gatePort,
        @DefaultValue("127.0.0.1") String gateAddress,
        @DefaultValue("600") int gateRate) {

    /** Who tells ClickHouse of the accounts. */
    public enum Users {
        /** The console, by SQL: for a server. Its own account needs access management. */
        SQL,
        /** Whoever runs the embedded server, which knows only a file: the console only stores what is to be. */
        FILE
    }

    public AccountProperties {
        if (gateRate < 1) {
            throw new IllegalArgumentException("weir.accounts.gate-rate must be at least 1 a minute");
        }
        if (gatePort < -1 || gatePort > 65_535) {
            throw new IllegalArgumentException("weir.accounts.gate-port is " + gatePort + ": it must be -1 to 65535");
        }
        if (gatePort >= 0 && users == Users.SQL) {
            throw new IllegalArgumentException(
                    "weir.accounts.gate-port is set and weir.accounts.users is sql: the gate is for the embedded server only");
        }
    }
}

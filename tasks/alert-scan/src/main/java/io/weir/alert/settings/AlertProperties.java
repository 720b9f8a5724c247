package io.weir.alert.settings;

import io.weir.metadata.key.Network;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How rules are evaluated and notices delivered.
 *
 * @param delay how long after its end a window is evaluated: what arrives later than this is not seen by the rule
 * @param catchUp windows that ended longer ago than this are not evaluated any more
 * @param windowsPerRun how many missed windows of one rule are evaluated in one run, oldest first
 * @param concurrency how many rules are evaluated, and notices sent, at once
 * @param queryTimeout how long ClickHouse may take for one rule
 * @param groupsPerRule a rule with more groups than this is in error
 * @param consoleUrl the console's address, for links
 * @param mailFrom the sender of mails
 * @param sendTimeout how long one attempt to send may take
 * @param claim how long a notice that a killed run was sending waits before another run sends it; longer than send-timeout
 * @param deliverWithin how long one run begins attempts to send; what waits then is left to the next run
 * @param retryFirst the wait after the first failed attempt; each further one is twice as long
 * @param retryMost the longest wait between attempts
 * @param giveUpAfter how long a notice is tried
 * @param fallbackAfter after how many failed attempts the fallback channel is used
 * @param allowedNetworks comma-separated CIDR blocks that are not public but may be sent to all the same
 * @param allowHttp whether channels may use http instead of https
 * @param secretsFolder holds a folder for each tenant, with the files that settings of its channels name as file:NAME
 * @param keepHistory how long changes of state, attempts to deliver and ended silences are kept
 */
@Validated
@ConfigurationProperties("weir.alert")
public record AlertProperties(
        @NotNull @DurationMin @DefaultValue("10s") Duration delay,

        @NotNull @DurationMin(minutes = 1) @DefaultValue("6h")
        Duration catchUp,

        @Min(1) @Max(1440) @DefaultValue("60") int windowsPerRun,
        @Min(1) @Max(64) @DefaultValue("4") int concurrency,

        @NotNull @DurationMin(seconds = 1) @DefaultValue("10s")
        Duration queryTimeout,

        @Min(1) @Max(100_000) @DefaultValue("1000") int groupsPerRule,
        @NotBlank @DefaultValue("http://localhost:8080") String consoleUrl,
        @NotBlank @DefaultValue("weir@localhost") String mailFrom,

        @NotNull @DurationMin(millis = 100) @DefaultValue("10s")
        Duration sendTimeout,

        @NotNull @DurationMin(seconds = 1) @DefaultValue("60s")
        Duration claim,

        @NotNull @DurationMin(millis = 1) @DefaultValue("45s")
        Duration deliverWithin,

        @NotNull @DurationMin(millis = 1) @DefaultValue("15s")
        Duration retryFirst,

        @NotNull @DurationMin(millis = 1) @DefaultValue("15m")
        Duration retryMost,

        @NotNull @DurationMin(seconds = 1) @DefaultValue("24h")
        Duration giveUpAfter,

        @Min(1) @DefaultValue("2") int fallbackAfter,
        @NotNull @DefaultValue("") String allowedNetworks,
        @DefaultValue("false") boolean allowHttp,
        @NotNull @DefaultValue("") String secretsFolder,

        @NotNull @DurationMin(days = 31) @DefaultValue("400d")
        Duration keepHistory) {

    /** @throws IllegalArgumentException if one of the allowed networks is not one */
    public List<Network> networks() {
        return Network.parseList(allowedNetworks);
    }
}

package io.weir.metadata.rule;

import io.weir.metadata.label.Labels;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is watched, and when it is an alert.
 *
 * @param tenant whose events
 * @param name 1 to 100 characters, unique in the tenant
 * @param every how often it is evaluated, at whole multiples of it since 1970; 1 minute to 1 day
 * @param holdFor how long the condition must hold before the alert fires; zero: at once
 * @param keepFiringFor how long the condition must be clear before a firing alert resolves
 * @param labels added to those of the group
 * @param message with {@code {{value}}}, {@code {{usual}}}, {@code {{rule}}} and {@code {{label name}}}; empty for a message of ours
 * @param runbook what to do: an http or https address; null for none
 */
public record Rule(
        UUID id,
        String tenant,
        String name,
        boolean enabled,
        Query query,
        Condition condition,
        Duration every,
        Duration holdFor,
        Duration keepFiringFor,
        Severity severity,
        Labels labels,
        String message,
        @Nullable String runbook,
        Missing onMissing,
        Missing onError) {

    /** What to do where there is no value. */
    public enum Missing {
        /** As if the condition were clear. */
        CLEAR,
        /** Whatever the state is, it stays. */
        KEEP,
        /** As if the condition held. */
        ALERT
    }

    /** How many windows without anything unusual end an anomaly. */
    public static final int USUAL_WINDOWS = 6;

    private static final Pattern TENANT = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");
    private static final Duration LONGEST = Duration.ofDays(1);

    public Rule {
        if (!TENANT.matcher(tenant).matches()) {
            throw new IllegalArgumentException("tenant '" + tenant + "' is not valid");
        }
        if (name.isBlank() || name.length() > 100 || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "name '" + name + "' is not valid: 1 to 100 characters, without line breaks and the like");
        }
        if (every.compareTo(Duration.ofMinutes(1)) < 0 || every.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("every is " + every + ": it must be 1 minute to 1 day");
        }
        requireUpToADay("holdFor", holdFor);
        requireUpToADay("keepFiringFor", keepFiringFor);
        if (query.results() != null) {
            requireForResults(query, condition);
        }
        if (message.length() > 2000) {
            throw new IllegalArgumentException("message is longer than 2000 characters");
        }
        if (runbook != null && !isWeb(runbook)) {
            throw new IllegalArgumentException("runbook '" + runbook + "' is not an http or https address");
        }
    }

    /**
     * Evaluated every minute, firing at once, without labels, message and runbook; no data clears, an error keeps the state. About
     * an anomaly, it fires until the series has been as usual for {@value #USUAL_WINDOWS} windows; else it resolves at once.
     */
    public static Rule of(String tenant, String name, Severity severity, Query query, Condition condition) {
        return new Rule(
                UUID.randomUUID(),
                tenant,
                name,
                true,
                query,
                condition,
                Duration.ofMinutes(1),
                Duration.ZERO,
                condition instanceof Condition.Anomaly
                        ? shorter(query.window().multipliedBy(USUAL_WINDOWS), LONGEST)
                        : Duration.ZERO,
                severity,
                Labels.NONE,
                "",
                null,
                Missing.CLEAR,
                Missing.KEEP);
    }

    /** The same, as the rule of that id. */
    public Rule withId(UUID other) {
        return with(draft -> draft.id = other);
    }

    /** The same, switched on or off. */
    public Rule switched(boolean on) {
        return with(draft -> draft.enabled = on);
    }

    public Rule measuring(Query other) {
        return with(draft -> draft.query = other);
    }

    public Rule evaluatedEvery(Duration period) {
        return with(draft -> draft.every = period);
    }

    public Rule holding(Duration duration) {
        return with(draft -> draft.holdFor = duration);
    }

    public Rule keepFiring(Duration duration) {
        return with(draft -> draft.keepFiringFor = duration);
    }

    public Rule labelled(Labels added) {
        return with(draft -> draft.labels = added);
    }

    public Rule saying(String template, @Nullable String address) {
        return with(draft -> {
            draft.message = template;
            draft.runbook = address;
        });
    }

    public Rule missing(Missing noData, Missing error) {
        return with(draft -> {
            draft.onMissing = noData;
            draft.onError = error;
        });
    }

    private Rule with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.rule();
    }

    /** The last time at or before the given one at which it is evaluated. */
    public Instant lastDue(Instant now) {
        long period = every.toSeconds();
        return Instant.ofEpochSecond(Math.floorDiv(now.getEpochSecond(), period) * period);
    }

    private static void requireForResults(Query query, Condition condition) {
        if (condition instanceof Condition.Anomaly) {
            throw new IllegalArgumentException("condition.kind is anomaly, which does not go with query.subscription:"
                    + " its results are not kept for weeks. Take threshold, change or absence, or measure events");
        }
        if (condition instanceof Condition.Absence && !query.groupBy().isEmpty()) {
            throw new IllegalArgumentException("query.groupBy does not go with query.subscription and an absence:"
                    + " it is the result as a whole that is missed");
        }
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static void requireUpToADay(String field, Duration value) {
        if (value.isNegative() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(field + " is " + value + ": it must be zero to 1 day");
        }
    }

    private static boolean isWeb(String address) {
        try {
            String scheme = URI.create(address).getScheme();
            return "http".equals(scheme) || "https".equals(scheme);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** A copy that may be changed, so that the components are listed once and not by every method that changes one. */
    private static final class Draft {
        private final Rule from;
        private UUID id;
        private boolean enabled;
        private Query query;
        private Duration every;
        private Duration holdFor;
        private Duration keepFiringFor;
        private Labels labels;
        private String message;
        private @Nullable String runbook;
        private Missing onMissing;
        private Missing onError;

        Draft(Rule from) {
            this.from = from;
            id = from.id;
            enabled = from.enabled;
            query = from.query;
            every = from.every;
            holdFor = from.holdFor;
            keepFiringFor = from.keepFiringFor;
            labels = from.labels;
            message = from.message;
            runbook = from.runbook;
            onMissing = from.onMissing;
            onError = from.onError;
        }

        Rule rule() {
            return new Rule(
                    id,
                    from.tenant,
                    from.name,
                    enabled,
                    query,
                    from.condition,
                    every,
                    holdFor,
                    keepFiringFor,
                    from.severity,
                    labels,
                    message,
                    runbook,
                    onMissing,
                    onError);
        }
    }
}

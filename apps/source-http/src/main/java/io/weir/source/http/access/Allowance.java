package io.weir.source.http.access;

import io.github.bucket4j.Bucket;
import io.weir.metadata.ingest.IngestUsage;
import io.weir.metadata.key.ApiKey;
import io.weir.source.http.problem.Problem;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one API key may still send: token buckets for its rates, and the rest of its daily quotas. Thread-safe.
 *
 * <p>A request is admitted while the buckets hold anything, and what it turns out to hold is taken afterwards, into debt if
 * need be: its size is not known before it has been read. Debt delays the request's own further reading and keeps the next
 * one out, so the rate holds over time; a burst may reach twice the rate of a second, and one piece of a body more.
 *
 * <p>Quotas are counted over all instances, with a delay of seconds; what was not yet added when a process was killed is
 * not counted.
 */
public final class Allowance {

    private final ApiKey key;
    private final @Nullable Bucket events;
    private final @Nullable Bucket bytes;
    private final Clock clock;

    private LocalDate day;
    private long unsavedEvents;
    private long unsavedBytes;
    private IngestUsage.Total saved = new IngestUsage.Total(0, 0);

    Allowance(ApiKey key, Clock clock) {
        this.key = key;
        this.events = bucket(key.eventsPerSecond());
        this.bytes = bucket(key.bytesPerSecond());
        this.clock = clock;
        this.day = LocalDate.now(clock);
    }

    private static @Nullable Bucket bucket(@Nullable Long perSecond) {
        return perSecond == null
                ? null
                : Bucket.builder()
                        .addLimit(limit -> limit.capacity(2 * perSecond).refillGreedy(perSecond, Duration.ofSeconds(1)))
                        .build();
    }

    /** Whether these are still the key's terms. */
    boolean fits(ApiKey other) {
        return Objects.equals(key.eventsPerSecond(), other.eventsPerSecond())
                && Objects.equals(key.bytesPerSecond(), other.bytesPerSecond())
                && Objects.equals(key.eventsPerDay(), other.eventsPerDay())
                && Objects.equals(key.bytesPerDay(), other.bytesPerDay());
    }

    /** Why nothing more may be sent now, or null if something may. */
    public @Nullable LimitExceeded exceeded() {
        LimitExceeded rate = exceeded("events-per-second", key.eventsPerSecond(), events);
        if (rate == null) {
            rate = exceeded("bytes-per-second", key.bytesPerSecond(), bytes);
        }
        return rate != null ? rate : exceededQuota();
    }

    private static @Nullable LimitExceeded exceeded(String name, @Nullable Long limit, @Nullable Bucket bucket) {
        if (limit == null || bucket == null || bucket.getAvailableTokens() > 0) {
            return null;
        }
        long nanos = bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill();
        return new LimitExceeded(name, limit, Duration.ofNanos(nanos));
    }

    /** Why the quota of the day allows nothing more, or null if it does. */
    public synchronized @Nullable LimitExceeded exceededQuota() {
        turnDay();
        LimitExceeded quota = null;
        if (key.eventsPerDay() != null && saved.events() + unsavedEvents >= key.eventsPerDay()) {
            quota = new LimitExceeded("events-per-day", key.eventsPerDay(), untilMidnight());
        } else if (key.bytesPerDay() != null && saved.bytes() + unsavedBytes >= key.bytesPerDay()) {
            quota = new LimitExceeded("bytes-per-day", key.bytesPerDay(), untilMidnight());
        }
        return quota;
    }

    /** Takes what was received and returns for how many nanoseconds nothing more should be read. */
    public long take(long eventCount, long byteCount) {
        synchronized (this) {
            turnDay();
            unsavedEvents += eventCount;
            unsavedBytes += byteCount;
        }
        long wait = 0;
        if (events != null && eventCount > 0) {
            wait = events.consumeIgnoringRateLimits(eventCount);
        }
        if (bytes != null && byteCount > 0) {
            wait = Math.max(wait, bytes.consumeIgnoringRateLimits(byteCount));
        }
        return wait;
    }

    /** The tightest rate as the RateLimit fields tell it, or null if the key has no rates. */
    public @Nullable RateState rate() {
        RateState byEvents = rate("events", key.eventsPerSecond(), events);
        RateState byBytes = rate("bytes", key.bytesPerSecond(), bytes);
        if (byEvents == null || byBytes == null) {
            return byEvents == null ? byBytes : byEvents;
        }
        return byEvents.remaining() * byBytes.limit() <= byBytes.remaining() * byEvents.limit() ? byEvents : byBytes;
    }

    private static @Nullable RateState rate(String name, @Nullable Long limit, @Nullable Bucket bucket) {
        return limit == null || bucket == null
                ? null
                : new RateState(name, limit, Math.max(0, bucket.getAvailableTokens()));
    }

    /** Moves what has been sent since the last call into the database, and learns what other instances counted. */
    void save(IngestUsage usage) {
        LocalDate savedDay;
        long eventCount;
        long byteCount;
        synchronized (this) {
            turnDay();
            savedDay = day;
            eventCount = unsavedEvents;
            byteCount = unsavedBytes;
        }
        IngestUsage.Total total = usage.add(key.id(), savedDay, eventCount, byteCount);
        synchronized (this) {
            if (savedDay.equals(day)) {
                unsavedEvents -= eventCount;
                unsavedBytes -= byteCount;
                saved = total;
            }
        }
    }

    synchronized boolean hasUnsaved() {
        return unsavedEvents > 0 || unsavedBytes > 0;
    }

    private void turnDay() {
        LocalDate today = LocalDate.now(clock);
        if (!today.equals(day)) {
            day = today;
            saved = new IngestUsage.Total(0, 0);
            unsavedEvents = 0;
            unsavedBytes = 0;
        }
    }

    private Duration untilMidnight() {
        LocalDateTime now = LocalDateTime.now(clock.withZone(ZoneOffset.UTC));
        return Duration.between(now, now.toLocalDate().plusDays(1).atTime(LocalTime.MIDNIGHT));
    }

    /**
     * A limit that is used up.
     *
     * @param name the option of the key, such as {@code events-per-second}
     * @param delay how long until something may be sent again
     */
    public record LimitExceeded(String name, long limit, Duration delay) {

        /** 429, with the wait in whole seconds, rounded up. */
        public Problem toProblem() {
            long seconds = Math.max(1, TimeUnit.MILLISECONDS.toSeconds(delay.toMillis() + 999));
            return Problem.tooManyRequests(name, limit, seconds);
        }
    }

    /** A rate and what is left of it: requests of {@code limit} each second, {@code remaining} of them right now. */
    public record RateState(String name, long limit, long remaining) {}
}

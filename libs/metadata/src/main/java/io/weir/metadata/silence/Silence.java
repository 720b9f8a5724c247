package io.weir.metadata.silence;

import io.weir.metadata.label.Labels;
import io.weir.metadata.label.Matcher;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

/**
 * Holds back what is told about alerts that match, for a time. Alerts go on changing state meanwhile.
 *
 * @param matchers as {@link Matcher#parseList} reads them; at least one, and not one that every alert matches
 * @param endsAt at most {@link #LONGEST} after it starts
 * @param author who made it
 * @param reason why; not empty
 * @param remind the channel that is told before it ends, besides those that would hear of what it holds back then; null for none
 */
@Table("alert_silence")
public record Silence(
        @Id UUID id,
        String tenant,
        String matchers,
        Instant startsAt,
        Instant endsAt,
        String author,
        String reason,
        Instant createdAt,
        @Nullable UUID remind) {

    public static final Duration LONGEST = Duration.ofDays(30);

    /** How long before its end it is reminded of; a short one when three quarters have passed. */
    public static final Duration REMINDER = Duration.ofMinutes(15);

    public Silence {
        List<Matcher> parsed = Matcher.parseList(matchers);
        if (Matcher.allMatch(parsed, Labels.NONE)) {
            throw new IllegalArgumentException(
                    "matchers '" + matchers + "' match everything: at least one must ask for a value that is there");
        }
        if (!endsAt.isAfter(startsAt)) {
            throw new IllegalArgumentException("endsAt is " + endsAt + ": it must be after startsAt, " + startsAt);
        }
        if (endsAt.isAfter(startsAt.plus(LONGEST))) {
            throw new IllegalArgumentException(
                    "endsAt is " + endsAt + ": a silence lasts " + LONGEST.toDays() + " days at most");
        }
        if (author.isBlank()) {
            throw new IllegalArgumentException("author is empty");
        }
        if (reason.isBlank()) {
            throw new IllegalArgumentException("reason is empty: say why it is silent");
        }
    }

    /** Whether it is to be reminded of that it ends. */
    public boolean isEnding(Instant now) {
        Duration quarter = Duration.between(startsAt, endsAt).dividedBy(4);
        Instant from = endsAt.minus(quarter.compareTo(REMINDER) < 0 ? quarter : REMINDER);
        return !now.isBefore(from) && now.isBefore(endsAt);
    }

    public boolean covers(Labels labels, Instant now) {
        return !now.isBefore(startsAt) && now.isBefore(endsAt) && Matcher.allMatch(Matcher.parseList(matchers), labels);
    }
}

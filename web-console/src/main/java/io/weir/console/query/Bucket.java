package io.weir.console.query;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** How a query cuts time: each row of the answer stands for one of these, in the query's time zone. */
public enum Bucket {
    MINUTE("1m", "toStartOfMinute(%s, {zone:String})"),
    FIVE_MINUTES("5m", "toStartOfFiveMinutes(%s, {zone:String})"),
    HOUR("1h", "toStartOfHour(%s, {zone:String})"),
    DAY("1d", "toStartOfDay(%s, {zone:String})"),
    YEAR("1y", "toDateTime(toStartOfYear(%s, {zone:String}), {zone:String})"),
    ALL("all", "");

    private final String text;
    private final String start;

    Bucket(String text, String start) {
        this.text = text;
        this.start = start;
    }

    static @Nullable Bucket of(String text) {
        return Arrays.stream(values())
                .filter(bucket -> bucket.text.equals(text))
                .findFirst()
                .orElse(null);
    }

    /** As a query says it. */
    public String text() {
        return text;
    }

    /** SQL: the second at which the bucket of a time begins. */
    String start(String time) {
        return "toUnixTimestamp(" + start.formatted(time) + ")";
    }
}

package io.weir.console.query;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a query gave.
 *
 * @param data a row is the time (if there is a grain), the groups and the metrics, by name
 */
public record Answer(String status, List<Map<String, @Nullable Object>> data, Meta meta) {

    /** As one that is whole, where the rows that are missing are none that were asked for. */
    public Answer whole() {
        return with(data, meta.explain, false);
    }

    /** As one that is not: rows that were asked for are missing. */
    public Answer part() {
        return with(data, meta.explain, true);
    }

    /** Its first rows alone, as one that is truncated. */
    public Answer cut(int rows) {
        return with(
                data.subList(0, rows),
                meta.explain + "; cut to the first " + rows + " of " + data.size() + " rows, for its length",
                true);
    }

    /** With another name for a metric that is approximate: as its rows are shown. */
    public Answer naming(String metric, String name) {
        return with(
                data,
                meta.explain,
                meta.truncated,
                meta.approximate.stream()
                        .map(one -> one.equals(metric) ? name : one)
                        .toList());
    }

    private Answer with(List<Map<String, @Nullable Object>> rows, String explain, boolean truncated) {
        return with(rows, explain, truncated, meta.approximate);
    }

    private Answer with(
            List<Map<String, @Nullable Object>> rows, String explain, boolean truncated, List<String> approximate) {
        return new Answer(
                status,
                rows,
                new Meta(
                        meta.tables,
                        explain,
                        meta.rowsRead,
                        meta.elapsedMillis,
                        truncated,
                        approximate,
                        meta.incomplete,
                        meta.closed,
                        meta.cached,
                        meta.queryId));
    }

    /**
     * How it came about.
     *
     * @param tables that were read
     * @param rowsRead by ClickHouse; 0 where the answer was kept from before
     * @param truncated whether there are more rows than these
     * @param approximate the metrics that are close to what they say and not exactly that
     * @param incomplete times of which events have been dropped and cannot be counted any more
     * @param closed whether the window is over and rolled up, so that the answer stays as it is unless late events come
     * @param cached whether it was kept from before
     */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record Meta(
            List<String> tables,
            String explain,
            @JsonProperty("rows_read") long rowsRead,
            @JsonProperty("elapsed_ms") long elapsedMillis,
            boolean truncated,
            List<String> approximate,
            List<Interval> incomplete,
            boolean closed,
            boolean cached,
            @JsonProperty("query_id") String queryId) {}
}

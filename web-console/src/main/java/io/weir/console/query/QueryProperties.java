package io.weir.console.query;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What a query may use.
 *
 * @param timeout how long one may run
 * @param memory of ClickHouse, for one
 * @param threads of ClickHouse, for one; 0 for as many as it has cores
 * @param resultBytes how large an answer may be
 * @param cache how much memory answers of closed windows may take; 0 for none
 */
@ConfigurationProperties("weir.query")
public record QueryProperties(
        @DefaultValue("30s") Duration timeout,
        @DefaultValue("4GB") DataSize memory,
        @DefaultValue("0") int threads,
        @DefaultValue("32MB") DataSize resultBytes,
        @DefaultValue("64MB") DataSize cache) {

    public QueryProperties {
        if (timeout.toMillis() < 1) {
            throw new IllegalArgumentException("weir.query.timeout is " + timeout + ": it must be at least 1 ms");
        }
    }

    Map<String, String> limits() {
        Map<String, String> limits = new LinkedHashMap<>();
        limits.put("max_memory_usage", Long.toString(memory.toBytes()));
        limits.put("max_bytes_before_external_group_by", Long.toString(memory.toBytes() / 2));
        limits.put("max_bytes_ratio_before_external_group_by", "0");
        limits.put("max_result_bytes", Long.toString(resultBytes.toBytes()));
        limits.put("result_overflow_mode", "throw");
        if (threads > 0) {
            limits.put("max_threads", Integer.toString(threads));
        }
        return limits;
    }
}

CREATE TABLE IF NOT EXISTS ${database}.rollup_minute${on_cluster}
(
    minute            DateTime('UTC') CODEC(Delta, ZSTD(1)),
    tenant            LowCardinality(String),
    type              LowCardinality(String),
    source            LowCardinality(String),
    endpoint_template LowCardinality(String),
    method            LowCardinality(String),
    status_class      LowCardinality(String),
    severity          LowCardinality(String),
    events            SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    errors            SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    bytes             SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    latency_count     SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    latency_min       SimpleAggregateFunction(min, Nullable(Float64)) CODEC(ZSTD(1)),
    latency_max       SimpleAggregateFunction(max, Nullable(Float64)) CODEC(ZSTD(1)),
    latency_ns        SimpleAggregateFunction(sum, Int128) CODEC(ZSTD(1)),
    latency_quantiles AggregateFunction(quantilesBFloat16(0.5, 0.9, 0.95, 0.99), Float64) CODEC(ZSTD(1)),
    users             AggregateFunction(uniq, String) CODEC(ZSTD(1))
)
ENGINE = ${replicated}AggregatingMergeTree
PARTITION BY toYYYYMMDD(minute)
PRIMARY KEY (tenant, type, minute, source, endpoint_template)
ORDER BY (tenant, type, minute, source, endpoint_template, method, status_class, severity)
TTL minute + INTERVAL 7 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000, replicated_deduplication_window = 1000
;
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.rollup_minute_of_events${on_cluster}
TO ${database}.rollup_minute
AS SELECT
    toStartOfMinute(timestamp) AS minute,
    tenant, type, source, endpoint_template, method, status_class, severity,
    count() AS events,
    countIf(status_code >= 500 OR severity IN ('error', 'fatal')) AS errors,
    sum(ifNull(e.bytes, 0)) AS bytes,
    count(latency_ms) AS latency_count,
    min(latency_ms) AS latency_min,
    max(latency_ms) AS latency_max,
    sum(toInt128(round(least(ifNull(latency_ms, 0), 1e15) * 1e6))) AS latency_ns,
    quantilesBFloat16StateIf(0.5, 0.9, 0.95, 0.99)(assumeNotNull(latency_ms), isNotNull(latency_ms)) AS latency_quantiles,
    uniqStateIf(user_id, user_id != '') AS users
FROM ${database}.events AS e
WHERE timestamp >= now() - INTERVAL 7 DAY
GROUP BY minute, tenant, type, source, endpoint_template, method, status_class, severity

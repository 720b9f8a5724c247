CREATE TABLE IF NOT EXISTS ${database}.endpoint_day${on_cluster}
(
    day               Date CODEC(Delta, ZSTD(1)),
    type              LowCardinality(String),
    endpoint_template LowCardinality(String),
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
PARTITION BY toYYYYMMDD(day)
ORDER BY (type, day, endpoint_template)
;
CREATE TABLE IF NOT EXISTS ${database}.tenant_day${on_cluster}
(
    day               Date CODEC(Delta, ZSTD(1)),
    tenant            LowCardinality(String),
    type              LowCardinality(String),
    endpoint_template LowCardinality(String),
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
PARTITION BY toYYYYMMDD(day)
ORDER BY (tenant, type, day, endpoint_template)
;
CREATE TABLE IF NOT EXISTS ${database}.endpoint_week${on_cluster}
(
    week              Date CODEC(Delta, ZSTD(1)),
    type              LowCardinality(String),
    endpoint_template LowCardinality(String),
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
PARTITION BY toYYYYMMDD(week)
ORDER BY (type, week, endpoint_template)
;
CREATE TABLE IF NOT EXISTS ${database}.tenant_week${on_cluster}
(
    week              Date CODEC(Delta, ZSTD(1)),
    tenant            LowCardinality(String),
    type              LowCardinality(String),
    endpoint_template LowCardinality(String),
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
PARTITION BY toYYYYMMDD(week)
ORDER BY (tenant, type, week, endpoint_template)

CREATE TABLE IF NOT EXISTS ${database}.rollup_hour${on_cluster}
(
    hour              DateTime('UTC') CODEC(Delta, ZSTD(1)),
    tenant            LowCardinality(String),
    type              LowCardinality(String),
    source            LowCardinality(String),
    endpoint_template LowCardinality(String),
    method            LowCardinality(String),
    status_class      LowCardinality(String),
    severity          LowCardinality(String),
    country           LowCardinality(String),
    device_class      LowCardinality(String),
    device_group      LowCardinality(String),
    sealed            UInt8,
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
PARTITION BY toYYYYMMDD(hour)
PRIMARY KEY (tenant, type, hour, source, endpoint_template)
ORDER BY (tenant, type, hour, source, endpoint_template, method, status_class, severity, country, device_class, device_group, sealed)
;
CREATE TABLE IF NOT EXISTS ${database}.measurement_hour${on_cluster}
(
    hour              DateTime('UTC') CODEC(Delta, ZSTD(1)),
    tenant            LowCardinality(String),
    type              LowCardinality(String),
    source            LowCardinality(String),
    device_id         String CODEC(ZSTD(1)),
    name              LowCardinality(String),
    endpoint_template LowCardinality(String),
    method            LowCardinality(String),
    status_class      LowCardinality(String),
    severity          LowCardinality(String),
    country           LowCardinality(String),
    device_class      LowCardinality(String),
    device_group      LowCardinality(String),
    sealed            UInt8,
    count             SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    min               SimpleAggregateFunction(min, Float64) CODEC(ZSTD(1)),
    max               SimpleAggregateFunction(max, Float64) CODEC(ZSTD(1)),
    sum               SimpleAggregateFunction(sum, Decimal(76, 18)) CODEC(ZSTD(1)),
    last              AggregateFunction(argMax, Float64, Tuple(DateTime64(3, 'UTC'), Float64)) CODEC(ZSTD(1))
)
ENGINE = ${replicated}AggregatingMergeTree
PARTITION BY toYYYYMMDD(hour)
PRIMARY KEY (tenant, type, hour, source, device_id)
ORDER BY (tenant, type, hour, source, device_id, name, endpoint_template, method, status_class, severity, country, device_class, device_group, sealed)

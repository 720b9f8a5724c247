CREATE TABLE IF NOT EXISTS ${database}.events${on_cluster}
(
    id                String CODEC(ZSTD(1)),
    tenant            LowCardinality(String),
    timestamp         DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    received_at       DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    type              LowCardinality(String),
    source            LowCardinality(String),
    user_id           String CODEC(ZSTD(1)),
    device_id         String CODEC(ZSTD(1)),
    session_id        String CODEC(ZSTD(1)),
    trace_id          String CODEC(ZSTD(1)),
    method            LowCardinality(String),
    endpoint          String CODEC(ZSTD(1)),
    endpoint_template LowCardinality(String),
    status_code       UInt16,
    status_class      LowCardinality(String),
    latency_ms        Nullable(Float64) CODEC(ZSTD(1)),
    bytes             Nullable(UInt64) CODEC(ZSTD(1)),
    referrer          String CODEC(ZSTD(1)),
    user_agent        LowCardinality(String),
    client_ip         String CODEC(ZSTD(1)),
    browser           LowCardinality(String),
    os                LowCardinality(String),
    device_class      LowCardinality(String),
    is_bot            Bool,
    country           LowCardinality(String),
    network           LowCardinality(String),
    device_group      LowCardinality(String),
    severity          LowCardinality(String),
    message           String CODEC(ZSTD(1)),
    measurements      Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
    attributes        JSON(max_dynamic_paths = 128) CODEC(ZSTD(1)),
    _topic            LowCardinality(String),
    _partition        Int32,
    _offset           Int64 CODEC(Delta, ZSTD(1)),
    ingested_at       DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1)),

    INDEX words_of_message message TYPE text(tokenizer = 'splitByNonAlpha', preprocessor = lower(message)),
    INDEX by_id id TYPE bloom_filter(0.01) GRANULARITY 4,
    INDEX by_offset _offset TYPE minmax GRANULARITY 16,
    INDEX by_ingested_at ingested_at TYPE minmax GRANULARITY 16
)
ENGINE = ${replicated}ReplacingMergeTree
PARTITION BY toYYYYMMDD(timestamp)
PRIMARY KEY (tenant, type, toStartOfHour(timestamp), device_id, source, timestamp)
ORDER BY (tenant, type, toStartOfHour(timestamp), device_id, source, timestamp, id)
SETTINGS non_replicated_deduplication_window = 1000, replicated_deduplication_window = 1000

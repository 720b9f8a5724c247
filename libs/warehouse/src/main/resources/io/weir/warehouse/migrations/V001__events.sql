CREATE TABLE IF NOT EXISTS ${database}.events ${on_cluster}
(
    tenant            LowCardinality(String),
    id                String CODEC(ZSTD(1)),
    timestamp         DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
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
    user_agent        String CODEC(ZSTD(1)),
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
    measurements      Map(LowCardinality(String), Float64),
    attributes        JSON,
    received_at       DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    ingested_at       DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1)),
    _topic            LowCardinality(String),
    _partition        UInt32 CODEC(ZSTD(1)),
    _offset           UInt64 CODEC(Delta, ZSTD(1)),

    -- An hour's events are recomputed as a whole from what was ingested since; the sink looks for offsets above one.
    INDEX by_timestamp timestamp TYPE minmax GRANULARITY 1,
    INDEX by_ingested_at ingested_at TYPE minmax GRANULARITY 1,
    INDEX by_offset _offset TYPE minmax GRANULARITY 1,
    INDEX by_id id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ${replacing_merge_tree}
PARTITION BY toYYYYMMDD(timestamp)
PRIMARY KEY (tenant, type, toStartOfHour(timestamp), endpoint_template, device_id, timestamp)
ORDER BY (tenant, type, toStartOfHour(timestamp), endpoint_template, device_id, timestamp, id)
SETTINGS non_replicated_deduplication_window = 1000, replicated_deduplication_window = 1000

CREATE TABLE IF NOT EXISTS ${database}.dead_letters${on_cluster}
(
    id           String CODEC(ZSTD(1)),
    tenant       LowCardinality(String),
    received_at  DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    stage        LowCardinality(String),
    reason       LowCardinality(String),
    field        LowCardinality(String),
    detail       String CODEC(ZSTD(1)),
    position     Nullable(Int64),
    content_type LowCardinality(String),
    source       String CODEC(ZSTD(1)),
    request_id   String CODEC(ZSTD(1)),
    origin       String CODEC(ZSTD(1)),
    original     String CODEC(ZSTD(1)),
    _topic       LowCardinality(String),
    _partition   Int32,
    _offset      Int64 CODEC(Delta, ZSTD(1)),
    ingested_at  DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1)),

    INDEX by_offset _offset TYPE minmax GRANULARITY 16
)
ENGINE = ${replicated}ReplacingMergeTree
PARTITION BY toYYYYMMDD(received_at)
ORDER BY (tenant, received_at, id)
TTL toDateTime(ingested_at) + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 1000, replicated_deduplication_window = 1000

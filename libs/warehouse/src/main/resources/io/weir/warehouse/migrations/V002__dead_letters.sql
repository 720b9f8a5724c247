CREATE TABLE IF NOT EXISTS ${database}.dead_letters ${on_cluster}
(
    tenant       LowCardinality(String),
    id           String CODEC(ZSTD(1)),
    stage        LowCardinality(String),
    reason       LowCardinality(String),
    field        LowCardinality(String),
    detail       String CODEC(ZSTD(1)),
    original     String CODEC(ZSTD(1)),
    content_type LowCardinality(String),
    origin       String CODEC(ZSTD(1)),
    request_id   String CODEC(ZSTD(1)),
    received_at  DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    ingested_at  DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1)),
    _topic       LowCardinality(String),
    _partition   UInt32 CODEC(ZSTD(1)),
    _offset      UInt64 CODEC(Delta, ZSTD(1)),

    INDEX by_offset _offset TYPE minmax GRANULARITY 1
)
ENGINE = ${replacing_merge_tree}
PARTITION BY toYYYYMMDD(received_at)
ORDER BY (tenant, received_at, id, origin)
TTL toDateTime(received_at) + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 1000, replicated_deduplication_window = 1000, ttl_only_drop_parts = 1

CREATE TABLE IF NOT EXISTS ${database}.rollup_ledger${on_cluster}
(
    unit          LowCardinality(String),
    start         DateTime('UTC'),
    rows          UInt64,
    checksum      UInt64,
    execution     Int64,
    read_until    DateTime64(3, 'UTC'),
    recomputed_at DateTime64(3, 'UTC')
)
ENGINE = ${replicated}ReplacingMergeTree(recomputed_at)
ORDER BY (unit, start)

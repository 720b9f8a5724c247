CREATE TABLE IF NOT EXISTS ${database}.sink_owners${on_cluster}
(
    topic      LowCardinality(String),
    partition  Int32,
    epoch      UInt64,
    owner      String,
    claimed_at DateTime DEFAULT now()
)
ENGINE = ${replicated}MergeTree
ORDER BY (topic, partition, epoch, owner)
TTL claimed_at + INTERVAL 90 DAY

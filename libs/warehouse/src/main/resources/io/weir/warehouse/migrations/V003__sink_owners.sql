CREATE TABLE IF NOT EXISTS ${database}.sink_owners ${on_cluster}
(
    topic      LowCardinality(String),
    partition  UInt32,
    epoch      UInt64,
    owner      String,
    claimed_at DateTime DEFAULT now()
)
ENGINE = ${replacing_merge_tree}
ORDER BY (topic, partition, epoch, owner)
TTL claimed_at + INTERVAL 30 DAY

CREATE TABLE IF NOT EXISTS ${database}.archive_manifest${on_cluster}
(
    table     LowCardinality(String),
    tenant    String,
    partition String,
    file      String,
    rows      UInt64,
    bytes     UInt64,
    min_time  DateTime64(3, 'UTC'),
    max_time  DateTime64(3, 'UTC'),
    checksum  String,
    state     LowCardinality(String),
    execution Int64,
    at        DateTime64(3, 'UTC')
)
ENGINE = ${replicated}ReplacingMergeTree(at)
ORDER BY (table, partition, tenant, file)

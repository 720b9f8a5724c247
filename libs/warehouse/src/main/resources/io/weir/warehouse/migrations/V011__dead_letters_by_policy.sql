ALTER TABLE ${database}.dead_letters${on_cluster} MODIFY TTL toDateTime(ingested_at) + INTERVAL 30 DAY SETTINGS materialize_ttl_after_modify = 0
;
ALTER TABLE ${database}.dead_letters${on_cluster} REMOVE TTL

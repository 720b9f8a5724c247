/** Stores the records of topic partitions in ClickHouse, each exactly once. Knows Kafka's records, not its consumer. */
@NullMarked
package io.weir.sink.clickhouse.store;

import org.jspecify.annotations.NullMarked;

/** The sink: Kafka to ClickHouse, each record exactly once. */
@NullMarked
package io.weir.sink.clickhouse;

import org.jspecify.annotations.NullMarked;

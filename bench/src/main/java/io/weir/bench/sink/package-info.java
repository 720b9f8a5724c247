/** The sink against a bare insert and ClickHouse's own Kafka engine. */
@NullMarked
package io.weir.bench.sink;

import org.jspecify.annotations.NullMarked;

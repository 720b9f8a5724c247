/** Real servers for tests: ClickHouse, PostgreSQL, Kafka; and what stands before them. */
@NullMarked
package io.weir.testing;

import org.jspecify.annotations.NullMarked;

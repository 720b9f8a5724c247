/** Real servers for tests: ClickHouse, PostgreSQL, Kafka. */
@NullMarked
package io.weir.testing;

import org.jspecify.annotations.NullMarked;

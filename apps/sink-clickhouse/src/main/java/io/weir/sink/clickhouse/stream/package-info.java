/** Ties the store to the stream: polls in, offsets committed, health out. */
@NullMarked
package io.weir.sink.clickhouse.stream;

import org.jspecify.annotations.NullMarked;

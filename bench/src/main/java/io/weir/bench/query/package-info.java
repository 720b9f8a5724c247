/** The query API against the same statements sent straight to ClickHouse. */
@NullMarked
package io.weir.bench.query;

import org.jspecify.annotations.NullMarked;

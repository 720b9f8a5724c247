/** Many events of many days, and their rollups, for benchmarks that need a full warehouse. */
@NullMarked
package io.weir.bench.data;

import org.jspecify.annotations.NullMarked;

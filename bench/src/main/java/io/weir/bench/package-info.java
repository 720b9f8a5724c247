/** Benchmarks and fault runs: {@code weir bench} and {@code weir fault-run}. */
@NullMarked
package io.weir.bench;

import org.jspecify.annotations.NullMarked;

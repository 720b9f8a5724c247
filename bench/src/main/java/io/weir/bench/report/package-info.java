/** Measured numbers for people and for scripts. */
@NullMarked
package io.weir.bench.report;

import org.jspecify.annotations.NullMarked;

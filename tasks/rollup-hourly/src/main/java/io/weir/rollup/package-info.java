/** Recomputes the rollups of what has received events. */
@NullMarked
package io.weir.rollup;

import org.jspecify.annotations.NullMarked;

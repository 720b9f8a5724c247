/** What the rollups hold: dimensions, measures and grain as data, and the SQL that follows from them. */
@NullMarked
package io.weir.warehouse.rollup;

import org.jspecify.annotations.NullMarked;

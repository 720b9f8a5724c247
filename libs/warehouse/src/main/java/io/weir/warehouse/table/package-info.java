/** The tables that the sink writes, as columns to fill. */
@NullMarked
package io.weir.warehouse.table;

import org.jspecify.annotations.NullMarked;

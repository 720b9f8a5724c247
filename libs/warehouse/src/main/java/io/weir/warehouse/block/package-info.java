/** ClickHouse's Native format, written column by column. */
@NullMarked
package io.weir.warehouse.block;

import org.jspecify.annotations.NullMarked;

/** Asks ClickHouse what rules measure. */
@NullMarked
package io.weir.alert.evaluate;

import org.jspecify.annotations.NullMarked;

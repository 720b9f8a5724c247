/** Where ClickHouse is. */
@NullMarked
package io.weir.console.warehouse;

import org.jspecify.annotations.NullMarked;

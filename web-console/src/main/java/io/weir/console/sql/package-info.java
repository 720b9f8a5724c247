/** SQL of people, run as their own ClickHouse account. */
@NullMarked
package io.weir.console.sql;

import org.jspecify.annotations.NullMarked;

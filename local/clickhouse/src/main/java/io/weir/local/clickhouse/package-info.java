/** A real ClickHouse server without Docker: fetches the engine and hosts it in a process of its own. */
@NullMarked
package io.weir.local.clickhouse;

import org.jspecify.annotations.NullMarked;

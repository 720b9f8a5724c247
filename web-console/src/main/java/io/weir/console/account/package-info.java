/** The accounts with which people's SQL and BI tools read ClickHouse. */
@NullMarked
package io.weir.console.account;

import org.jspecify.annotations.NullMarked;

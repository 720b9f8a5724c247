/** The warehouse: ClickHouse's schema and its migrations, the client, and the settings that it uses. */
@NullMarked
package io.weir.warehouse;

import org.jspecify.annotations.NullMarked;

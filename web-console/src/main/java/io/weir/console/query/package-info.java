/** The query language: its reader, the plan that picks the tables, the SQL, and the answer. */
@NullMarked
package io.weir.console.query;

import org.jspecify.annotations.NullMarked;

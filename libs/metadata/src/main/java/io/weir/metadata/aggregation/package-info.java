/** Queries that are run later, and their results. */
@NullMarked
package io.weir.metadata.aggregation;

import org.jspecify.annotations.NullMarked;

/** Exactly once, to the record: what stands on the topics against what stands in the tables. */
@NullMarked
package io.weir.bench.books;

import org.jspecify.annotations.NullMarked;

/** Standing queries and their results. */
@NullMarked
package io.weir.metadata.subscription;

import org.jspecify.annotations.NullMarked;

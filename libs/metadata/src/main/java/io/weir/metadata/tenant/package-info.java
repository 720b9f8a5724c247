/** Whose rows there are. */
@NullMarked
package io.weir.metadata.tenant;

import org.jspecify.annotations.NullMarked;

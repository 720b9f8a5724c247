/** People and their tokens. */
@NullMarked
package io.weir.metadata.user;

import org.jspecify.annotations.NullMarked;

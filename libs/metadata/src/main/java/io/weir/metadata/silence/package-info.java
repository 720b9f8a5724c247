/** What holds notifications back. */
@NullMarked
package io.weir.metadata.silence;

import org.jspecify.annotations.NullMarked;

/** Forgets what is old. */
@NullMarked
package io.weir.alert.trim;

import org.jspecify.annotations.NullMarked;

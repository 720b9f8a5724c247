/** Sends what waits, again and again. */
@NullMarked
package io.weir.alert.deliver;

import org.jspecify.annotations.NullMarked;

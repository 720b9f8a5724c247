/** How alerts stand, and how they move. */
@NullMarked
package io.weir.metadata.alert;

import org.jspecify.annotations.NullMarked;

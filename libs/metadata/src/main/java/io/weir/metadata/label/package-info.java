/** Labels and how they are matched. */
@NullMarked
package io.weir.metadata.label;

import org.jspecify.annotations.NullMarked;

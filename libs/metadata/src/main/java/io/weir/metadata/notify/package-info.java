/** Who is told, and what has been told. */
@NullMarked
package io.weir.metadata.notify;

import org.jspecify.annotations.NullMarked;

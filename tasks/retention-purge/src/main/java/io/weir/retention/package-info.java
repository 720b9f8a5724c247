/** Archives and drops what is older than its retention, and brings it back. */
@NullMarked
package io.weir.retention;

import org.jspecify.annotations.NullMarked;

/** Rules, channels, routes and what else belongs to alerts as a file: applied, and written out again. */
@NullMarked
package io.weir.metadata.rulebook;

import org.jspecify.annotations.NullMarked;

/** A platform of Weir as seen from outside: its command line, its processes, its servers. */
@NullMarked
package io.weir.bench.platform;

import org.jspecify.annotations.NullMarked;

/** The rollup job over many events, and what the minute view costs the insert. */
@NullMarked
package io.weir.bench.rollup;

import org.jspecify.annotations.NullMarked;

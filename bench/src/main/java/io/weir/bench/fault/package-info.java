/** Load, random kills, and the books afterwards. */
@NullMarked
package io.weir.bench.fault;

import org.jspecify.annotations.NullMarked;

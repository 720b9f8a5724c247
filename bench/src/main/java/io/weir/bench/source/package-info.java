/** The source against a bare producer and a bare endpoint. */
@NullMarked
package io.weir.bench.source;

import org.jspecify.annotations.NullMarked;

/** The whole platform under a steady load. */
@NullMarked
package io.weir.bench.pipeline;

import org.jspecify.annotations.NullMarked;

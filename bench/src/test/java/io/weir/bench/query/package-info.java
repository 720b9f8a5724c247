@NullMarked
package io.weir.bench.query;

import org.jspecify.annotations.NullMarked;

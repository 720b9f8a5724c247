@NullMarked
package io.weir.bench.fault;

import org.jspecify.annotations.NullMarked;

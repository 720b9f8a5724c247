@NullMarked
package io.weir.rollup;

import org.jspecify.annotations.NullMarked;

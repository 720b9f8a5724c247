@NullMarked
package io.weir.warehouse;

import org.jspecify.annotations.NullMarked;

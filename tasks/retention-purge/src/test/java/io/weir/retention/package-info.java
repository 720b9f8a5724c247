@NullMarked
package io.weir.retention;

import org.jspecify.annotations.NullMarked;

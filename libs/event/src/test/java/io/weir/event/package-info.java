@NullMarked
package io.weir.event;

import org.jspecify.annotations.NullMarked;

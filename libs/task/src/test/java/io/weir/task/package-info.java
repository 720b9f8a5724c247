@NullMarked
package io.weir.task;

import org.jspecify.annotations.NullMarked;

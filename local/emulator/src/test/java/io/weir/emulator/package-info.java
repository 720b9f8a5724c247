@NullMarked
package io.weir.emulator;

import org.jspecify.annotations.NullMarked;

/** Moves alerts, and writes what is to be told. */
@NullMarked
package io.weir.alert.decide;

import org.jspecify.annotations.NullMarked;

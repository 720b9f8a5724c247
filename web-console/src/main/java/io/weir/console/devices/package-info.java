/** Devices, their groups, and what they measured. */
@NullMarked
package io.weir.console.devices;

import org.jspecify.annotations.NullMarked;

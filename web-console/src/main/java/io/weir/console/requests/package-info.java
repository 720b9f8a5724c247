/** Ready questions about requests: the busiest, by day, in the background, and what is wrong. */
@NullMarked
package io.weir.console.requests;

import org.jspecify.annotations.NullMarked;

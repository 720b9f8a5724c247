/** The scan for alerts: a job of three steps, evaluate, decide and deliver. */
@NullMarked
package io.weir.alert;

import org.jspecify.annotations.NullMarked;

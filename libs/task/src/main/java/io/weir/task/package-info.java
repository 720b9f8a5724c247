/** What every task has in common: one Batch job, run once by Data Flow, recorded in its tables. */
@NullMarked
package io.weir.task;

import org.jspecify.annotations.NullMarked;

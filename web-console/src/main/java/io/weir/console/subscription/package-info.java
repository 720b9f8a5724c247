/** Standing queries: run at an interval, their results kept and pushed. */
@NullMarked
package io.weir.console.subscription;

import org.jspecify.annotations.NullMarked;

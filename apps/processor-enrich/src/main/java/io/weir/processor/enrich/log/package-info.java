/** Log lines of the common formats, read into the fields of an event. */
@NullMarked
package io.weir.processor.enrich.log;

import org.jspecify.annotations.NullMarked;

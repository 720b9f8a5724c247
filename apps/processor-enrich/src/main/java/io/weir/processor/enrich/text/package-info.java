/** Bytes of text: a reusable buffer and the repair of broken UTF-8. */
@NullMarked
package io.weir.processor.enrich.text;

import org.jspecify.annotations.NullMarked;

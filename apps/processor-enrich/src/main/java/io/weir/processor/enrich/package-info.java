/** From ingest records to enriched records or dead letters; usable without Spring. */
@NullMarked
package io.weir.processor.enrich;

import org.jspecify.annotations.NullMarked;

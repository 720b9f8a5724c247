/** A realistic, measured load on Weir's ingestion address: web requests, device readings, access log lines. */
@NullMarked
package io.weir.emulator;

import org.jspecify.annotations.NullMarked;

/** The stream application: one Kafka transaction a polled batch. */
@NullMarked
package io.weir.processor.enrich.stream;

import org.jspecify.annotations.NullMarked;

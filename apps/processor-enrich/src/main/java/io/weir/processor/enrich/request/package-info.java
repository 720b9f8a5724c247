/** What makes requests comparable: methods, endpoints, and the templates that endpoints are instances of. */
@NullMarked
package io.weir.processor.enrich.request;

import org.jspecify.annotations.NullMarked;

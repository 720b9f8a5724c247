/** What every route of the API has in common: problem documents, rate limits, conditional requests, the document of the API. */
@NullMarked
package io.weir.console.api;

import org.jspecify.annotations.NullMarked;

/** A Data Flow server's REST API, as far as a script needs it. */
@org.jspecify.annotations.NullMarked
package io.weir.bootstrap.server;

/** Runs a Data Flow shell script against a Data Flow server, so that running it again changes nothing. */
@org.jspecify.annotations.NullMarked
package io.weir.bootstrap;

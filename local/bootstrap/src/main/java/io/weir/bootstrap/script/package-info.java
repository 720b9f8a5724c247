/** The Data Flow shell's language: what a script says, and where. */
@org.jspecify.annotations.NullMarked
package io.weir.bootstrap.script;

/** The console and the query API: one package a concern, each with its own controllers. */
@NullMarked
package io.weir.console;

import org.jspecify.annotations.NullMarked;

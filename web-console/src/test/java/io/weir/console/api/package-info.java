@org.jspecify.annotations.NullMarked
package io.weir.console.api;

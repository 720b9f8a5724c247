/** What is watched, and when it is wrong. */
@NullMarked
package io.weir.metadata.rule;

import org.jspecify.annotations.NullMarked;

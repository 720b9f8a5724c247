@NullMarked
package io.weir.bench.books;

import org.jspecify.annotations.NullMarked;

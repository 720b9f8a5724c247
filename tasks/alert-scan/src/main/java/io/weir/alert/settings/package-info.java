/** What the scan may be told. */
@NullMarked
package io.weir.alert.settings;

import org.jspecify.annotations.NullMarked;

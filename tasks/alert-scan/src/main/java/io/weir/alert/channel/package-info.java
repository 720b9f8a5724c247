/** How each kind of channel is spoken to. */
@NullMarked
package io.weir.alert.channel;

import org.jspecify.annotations.NullMarked;

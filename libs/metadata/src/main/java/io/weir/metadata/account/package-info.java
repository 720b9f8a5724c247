/** The accounts with which people and programs read the warehouse. */
@NullMarked
package io.weir.metadata.account;

import org.jspecify.annotations.NullMarked;

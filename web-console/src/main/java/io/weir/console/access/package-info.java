/** Who may do what: sign-in, tokens, roles and tenants. */
@NullMarked
package io.weir.console.access;

import org.jspecify.annotations.NullMarked;

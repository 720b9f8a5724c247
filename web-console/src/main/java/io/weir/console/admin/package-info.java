/** The API of administration: users, tenants, tokens, producers' keys, the audit log. */
@NullMarked
package io.weir.console.admin;

import org.jspecify.annotations.NullMarked;

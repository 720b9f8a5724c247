package io.weir.metadata.account;

import org.jspecify.annotations.Nullable;

/** There is an account of that name already. */
public class AccountExistsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    AccountExistsException(String label, @Nullable String tenant, Throwable cause) {
        super(
                (tenant == null ? "an account for every tenant" : "an account of tenant '" + tenant + "'")
                        + " is already named '" + label + "': revoke it first, or choose another name",
                cause);
    }
}

package io.weir.metadata.key;

/** The tenant already has a key of that name. */
public class ApiKeyExistsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ApiKeyExistsException(String tenant, String name, Throwable cause) {
        super(
                "tenant '" + tenant + "' already has a key named '" + name
                        + "': revoke it first, or choose another name",
                cause);
    }
}

package io.weir.metadata.tenant;

/** There is a tenant or a user of that name already. */
public class NameTakenException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public NameTakenException(String what, String name) {
        super("there is a " + what + " named '" + name + "' already: choose another name");
    }
}

package io.weir.metadata.user;

/** What a person or a program may do; each may do all that those before it may. */
public enum Role {
    /** Reads pages and asks the query API, with personal columns masked. */
    VIEWER,
    /** Asks freely, SQL included, and sees every column; keeps subscriptions of its own. */
    ANALYST,
    /** Changes rules, silences and channels, acknowledges alerts, launches tasks. */
    OPERATOR,
    /** Users, roles, tenants, keys, accounts, retention, the audit log. */
    ADMIN;

    /** Whether this role may do what the other may. */
    public boolean includes(Role other) {
        return compareTo(other) >= 0;
    }
}

create table api_key (
    id               uuid primary key,
    tenant           text not null check (tenant ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    name             text not null check (length(name) between 1 and 100),
    -- SHA-256 of the key: the key itself is shown once and stored nowhere.
    hash             bytea not null unique check (octet_length(hash) = 32),
    hint             text not null,
    networks         text not null default '',
    events_per_second bigint check (events_per_second > 0),
    bytes_per_second  bigint check (bytes_per_second > 0),
    events_per_day    bigint check (events_per_day > 0),
    bytes_per_day     bigint check (bytes_per_day > 0),
    created_at       timestamptz not null,
    expires_at       timestamptz,
    revoked_at       timestamptz
);

create unique index api_key_active_name on api_key (tenant, name) where revoked_at is null;

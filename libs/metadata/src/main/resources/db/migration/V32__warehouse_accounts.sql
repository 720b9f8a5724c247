-- With what people and programs read ClickHouse. What is here is what is to be; whoever looks after the server brings it there.
create table warehouse_account (
    id              uuid primary key,
    label           text not null check (label ~ '^[a-z][a-z0-9]{0,30}$'),
    tenant          text check (tenant ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    masked          boolean not null,
    -- Whether people share it through the console: it has no password of its own then, and is never shown.
    for_people      boolean not null,
    -- SHA-256 of the password in hexadecimal: the password itself is shown once and stored nowhere.
    password_sha256 text not null check (password_sha256 ~ '^[0-9a-f]{64}$'),
    created_by      text not null,
    created_at      timestamptz not null,
    rotated_at      timestamptz,
    revoked_at      timestamptz
);

create unique index warehouse_account_active on warehouse_account (label, tenant) nulls not distinct where revoked_at is null;

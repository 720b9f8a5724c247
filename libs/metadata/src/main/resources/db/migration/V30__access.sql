-- Whose rows there are. A tenant that producers' keys name already is a tenant.
create table tenant (
    name         text primary key check (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    display_name text not null check (length(display_name) between 1 and 200),
    created_at   timestamptz not null
);

insert into tenant (name, display_name, created_at)
select tenant, tenant, min(created_at) from api_key group by tenant;

create table console_user (
    id                   uuid primary key,
    -- In small letters, so that nobody is two people.
    name                 text not null unique check (name ~ '^[a-z0-9][a-z0-9._@+-]{0,99}$'),
    -- Null: no sign-in by password.
    password_hash        text,
    role                 text not null check (role in ('VIEWER', 'ANALYST', 'OPERATOR', 'ADMIN')),
    -- Null: all tenants.
    tenant               text references tenant (name),
    disabled             boolean not null,
    must_change_password boolean not null,
    -- Sessions that began before are over.
    sessions_valid_from  timestamptz not null,
    oidc_issuer          text,
    oidc_subject         text,
    created_at           timestamptz not null,
    unique (oidc_issuer, oidc_subject),
    check ((oidc_issuer is null) = (oidc_subject is null))
);

create table personal_token (
    id           uuid primary key,
    user_id      uuid not null references console_user (id),
    name         text not null check (length(name) between 1 and 100),
    -- SHA-256 of the token: the token itself is shown once and stored nowhere.
    hash         bytea not null unique check (octet_length(hash) = 32),
    hint         text not null,
    role         text not null check (role in ('VIEWER', 'ANALYST', 'OPERATOR', 'ADMIN')),
    -- Null: all tenants of its owner.
    tenant       text references tenant (name),
    created_at   timestamptz not null,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz
);

create index personal_token_user on personal_token (user_id);

-- Failed sign-ins by name and by address; names nobody has are counted alike, so that nothing tells them apart.
create table sign_in_attempts (
    subject      text primary key,
    failures     integer not null,
    last_at      timestamptz not null,
    locked_until timestamptz not null
);

create index sign_in_attempts_last_at on sign_in_attempts (last_at);

-- The tables of Spring Session, to its letter.
create table spring_session (
    primary_id            char(36) not null,
    session_id            char(36) not null,
    creation_time         bigint not null,
    last_access_time      bigint not null,
    max_inactive_interval int not null,
    expiry_time           bigint not null,
    principal_name        varchar(100),
    constraint spring_session_pk primary key (primary_id)
);

create unique index spring_session_ix1 on spring_session (session_id);
create index spring_session_ix2 on spring_session (expiry_time);
create index spring_session_ix3 on spring_session (principal_name);

create table spring_session_attributes (
    session_primary_id char(36) not null,
    attribute_name     varchar(200) not null,
    attribute_bytes    bytea not null,
    constraint spring_session_attributes_pk primary key (session_primary_id, attribute_name),
    constraint spring_session_attributes_fk foreign key (session_primary_id)
        references spring_session (primary_id) on delete cascade
);

create index audit_log_tenant on audit_log (tenant, number);

-- Standing queries: run at an interval by whichever console is up, and what they gave.
create table subscription (
    id            uuid primary key,
    name          text not null,
    owner         text not null,
    -- The least of what the owner was and is counts.
    role          text not null,
    -- Null for somebody who sees every tenant.
    tenant        text,
    query         text not null,
    every_seconds int not null check (every_seconds >= 10),
    paused        boolean not null default false,
    due_at        timestamptz not null default now(),
    claimed_by    uuid,
    -- A console that is running it says so again and again; what it no longer says by then is anybody's.
    claimed_until timestamptz,
    -- Of the newest result: results are numbered without a gap, in the order in which they were stored.
    last_number   bigint not null default 0,
    created_at    timestamptz not null default now(),
    unique (owner, name)
);

create index subscription_due on subscription (due_at) where not paused;

create table subscription_result (
    subscription uuid not null references subscription (id) on delete cascade,
    number       bigint not null,
    ran_at       timestamptz not null,
    result       text,
    error        text,
    primary key (subscription, number),
    check ((result is null) != (error is null))
);

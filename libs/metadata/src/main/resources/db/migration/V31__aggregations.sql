-- Queries that were handed in to be run later, and what they gave: any console may run them, and answer for them.
create table aggregation (
    id            uuid primary key,
    owner         text not null,
    role          text not null,
    -- Null for somebody who sees every tenant.
    tenant        text,
    query         text not null,
    state         text not null check (state in ('PENDING', 'RUNNING', 'SUCCESS', 'ERROR')),
    attempts      int not null default 0,
    claimed_by    uuid,
    -- A console that is running it says so again and again; what it no longer says by then is anybody's.
    claimed_until timestamptz,
    result        text,
    error         text,
    submitted_at  timestamptz not null default now(),
    finished_at   timestamptz
);

create index aggregation_open on aggregation (submitted_at) where state in ('PENDING', 'RUNNING');
create index aggregation_finished on aggregation (finished_at) where finished_at is not null;
create index aggregation_owner on aggregation (owner) where state in ('PENDING', 'RUNNING');

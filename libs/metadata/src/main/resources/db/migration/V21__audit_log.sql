-- Append-only. Each hash is over the one before it and the row's content, so that a row that is changed, left out or put in
-- between breaks the chain.
create table audit_log (
    number    bigint primary key check (number > 0),
    at        timestamptz not null,
    actor     text not null,
    action    text not null,
    tenant    text not null,
    subject   text not null,
    -- json, not jsonb: it is kept to the letter, and the hash is over its letters.
    detail    json not null,
    event_key text unique,
    hash      bytea not null check (octet_length(hash) = 32)
);

create index audit_log_at on audit_log (at);
create index audit_log_subject on audit_log (subject, number);

-- The end of the chain. Whoever appends holds this row; and without it nobody would miss rows cut off at the end.
create table audit_log_head (
    is_head boolean primary key default true check (is_head),
    number  bigint not null,
    hash    bytea not null check (octet_length(hash) = 32)
);

insert into audit_log_head (number, hash) values (0, decode(repeat('00', 32), 'hex'));

create function audit_log_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'audit_log is append-only';
end
$$;

create trigger audit_log_is_append_only before update or delete or truncate on audit_log
    for each statement execute function audit_log_is_append_only();

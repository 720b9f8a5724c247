-- The time at which a request with an Idempotency-Key was first received: a retry makes the same events from it.
create table ingest_receipt (
    tenant      text not null,
    key_hash    bytea not null check (octet_length(key_hash) = 32),
    received_at timestamptz not null,
    primary key (tenant, key_hash)
);

create index ingest_receipt_received_at on ingest_receipt (received_at);

-- What each key has sent, by UTC day: the base of daily quotas.
create table ingest_usage (
    api_key uuid not null references api_key (id),
    day     date not null,
    events  bigint not null,
    bytes   bigint not null,
    primary key (api_key, day)
);

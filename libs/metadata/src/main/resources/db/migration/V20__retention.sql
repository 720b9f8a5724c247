-- How long rows of a table are kept. The tenant '' stands for all that have no row of their own; where there is no row at all,
-- the application's defaults hold.
create table retention_policies (
    id         bigint generated always as identity primary key,
    tenant     text not null default '' check (length(tenant) <= 200),
    table_name text not null,
    -- Null: for ever.
    keep_days  integer check (keep_days between 1 and 36500),
    changed_by text not null,
    changed_at timestamptz not null,
    unique (tenant, table_name)
);

-- Partitions that are not to be purged for now, because they have been restored.
create table retention_holds (
    table_name text not null,
    partition  text not null,
    held_until timestamptz not null,
    reason     text not null,
    primary key (table_name, partition)
);

create table alert_rule (
    id              uuid primary key,
    tenant          text not null check (tenant ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    name            text not null check (length(name) between 1 and 100),
    enabled         boolean not null,
    -- The rule as JSON: io.weir.metadata.rule.Rule.
    spec            text not null check (jsonb_typeof(spec::jsonb) = 'object'),
    -- The end of the last window that has been decided; null until the first.
    evaluated_until timestamptz,
    changed_at      timestamptz not null,
    unique (tenant, name)
);

-- What a rule's query gave, until it has been decided upon.
create table alert_evaluation (
    rule    uuid not null references alert_rule (id) on delete cascade,
    at      timestamptz not null,
    samples text not null,
    error   text,
    primary key (rule, at)
);

-- What is usual for a rule's groups in one hour, as computed from earlier weeks.
create table alert_baseline (
    rule      uuid not null references alert_rule (id) on delete cascade,
    hour      timestamptz not null,
    baselines text not null,
    primary key (rule, hour)
);

create table alert (
    id              uuid primary key,
    rule            uuid not null references alert_rule (id) on delete cascade,
    tenant          text not null,
    labels          text not null,
    label_values    text not null,
    state           text not null check (state in ('INACTIVE', 'PENDING', 'FIRING', 'RESOLVED')),
    since           timestamptz not null,
    clear_since     timestamptz,
    resolved_at     timestamptz,
    episode         int not null,
    relapses        int not null,
    value           double precision not null,
    usual           double precision not null,
    reason          text not null,
    acknowledged_by text,
    acknowledged_at timestamptz,
    unique (rule, labels)
);

create index alert_tenant on alert (tenant, state);

-- Every change of state; never changed, and kept for a time when its alert is gone.
create table alert_history (
    id         bigint generated always as identity primary key,
    alert      uuid not null,
    rule       uuid not null,
    tenant     text not null,
    labels     text not null,
    episode    int not null,
    from_state text not null,
    to_state   text not null,
    at         timestamptz not null,
    value      double precision not null,
    reason     text not null,
    by_whom    text
);

create index alert_history_alert on alert_history (alert, at);
create index alert_history_tenant on alert_history (tenant, at);
create index alert_history_at on alert_history (at);

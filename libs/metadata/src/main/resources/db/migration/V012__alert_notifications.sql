create table alert_channel (
    id       uuid primary key,
    tenant   text not null,
    name     text not null,
    kind     text not null check (kind in ('EMAIL', 'SLACK', 'PAGERDUTY', 'WEBHOOK', 'SMS')),
    settings text not null check (jsonb_typeof(settings::jsonb) = 'object'),
    fallback uuid references alert_channel (id),
    enabled  boolean not null,
    unique (tenant, name)
);

create table alert_escalation_policy (
    id     uuid primary key,
    tenant text not null,
    name   text not null,
    unique (tenant, name)
);

create table alert_escalation_level (
    policy        uuid not null references alert_escalation_policy (id) on delete cascade,
    position      int not null,
    after_minutes int not null check (after_minutes > 0),
    channels      text not null,
    primary key (policy, position)
);

create table alert_route (
    id                      uuid primary key,
    tenant                  text not null,
    position                int not null,
    matchers                text not null,
    channels                text not null,
    group_by                text not null,
    group_wait_seconds      int not null,
    group_interval_seconds  int not null,
    repeat_interval_seconds int not null,
    escalation              uuid references alert_escalation_policy (id),
    continues               boolean not null
);

create index alert_route_tenant on alert_route (tenant, position);

create table alert_group (
    id                    uuid primary key,
    tenant                text not null,
    route                 uuid not null,
    key                   text not null,
    key_values            text not null,
    opened_at             timestamptz not null,
    first_told_at         timestamptz,
    told_at               timestamptz,
    told                  text[] not null,
    sequence              int not null,
    level                 int not null,
    acknowledgement_told  boolean not null,
    unique (tenant, route, key)
);

-- Written in the transaction that moves the alerts; delivered, at least once, by any later run.
create table alert_outbox (
    id              uuid primary key,
    key             text not null unique,
    tenant          text not null,
    alert_group     uuid not null,
    channel         uuid not null,
    notice          text not null,
    created_at      timestamptz not null,
    state           text not null check (state in ('WAITING', 'SENT', 'GIVEN_UP')),
    attempts        int not null default 0,
    next_attempt_at timestamptz not null,
    -- Until then another run leaves it alone.
    claimed_until   timestamptz,
    fallback_used   boolean not null default false
);

create index alert_outbox_waiting on alert_outbox (next_attempt_at) where state = 'WAITING';
create index alert_outbox_group on alert_outbox (alert_group);

-- Every attempt; never changed, and kept for a time.
create table alert_delivery (
    id       bigint generated always as identity primary key,
    outbox   uuid not null,
    tenant   text not null,
    channel  uuid not null,
    attempt  int not null,
    at       timestamptz not null,
    outcome  text not null check (outcome in ('SENT', 'FAILED', 'REFUSED')),
    detail   text not null,
    millis   int not null
);

create index alert_delivery_outbox on alert_delivery (outbox);
create index alert_delivery_tenant on alert_delivery (tenant, at);
create index alert_delivery_at on alert_delivery (at);

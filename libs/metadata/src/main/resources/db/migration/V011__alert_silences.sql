create table alert_silence (
    id         uuid primary key,
    tenant     text not null,
    matchers   text not null,
    starts_at  timestamptz not null,
    ends_at    timestamptz not null,
    author     text not null,
    reason     text not null,
    created_at timestamptz not null,
    remind     uuid,
    check (ends_at > starts_at)
);

create index alert_silence_tenant on alert_silence (tenant, ends_at);
create index alert_silence_ends on alert_silence (ends_at);

create table alert_mute_window (
    id        uuid primary key,
    tenant    text not null,
    name      text not null,
    matchers  text not null,
    days      text not null,
    from_time text not null,
    to_time   text not null,
    zone      text not null,
    unique (tenant, name)
);

create table alert_inhibition (
    id      uuid primary key,
    tenant  text not null,
    causes  text not null,
    effects text not null,
    equal   text not null
);

create index alert_inhibition_tenant on alert_inhibition (tenant);

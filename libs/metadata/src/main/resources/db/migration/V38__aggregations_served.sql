-- Who was served last is asked at each claim; what has ended is kept for days, and is not to be read for it.
create index aggregation_owner_served on aggregation (owner, claimed_at);
create index aggregation_tenant_served on aggregation (coalesce(tenant, ''), claimed_at);

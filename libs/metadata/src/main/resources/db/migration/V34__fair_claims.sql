-- When it was taken last: those whose owner has waited the longest are taken first.
alter table subscription add column claimed_at timestamptz;
alter table aggregation add column claimed_at timestamptz;

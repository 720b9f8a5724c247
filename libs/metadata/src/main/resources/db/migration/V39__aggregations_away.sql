-- When the warehouse did not answer it for the first time. How long it waited for its turn before that is no matter.
alter table aggregation add column away_since timestamptz;

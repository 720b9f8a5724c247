-- Since when the warehouse has not answered it. How long it waited for its turn before that is no matter.
alter table aggregation add column away_since timestamptz;

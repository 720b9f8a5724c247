-- Whether a server whose users are made by SQL has been told of what stands here; until then it is told again and again.
alter table warehouse_account add column is_told boolean not null default false;

create index warehouse_account_untold on warehouse_account (label) where not is_told;

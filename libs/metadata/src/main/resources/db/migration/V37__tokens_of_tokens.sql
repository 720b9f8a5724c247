-- With which token another was made, and is revoked.
alter table personal_token add column made_with uuid references personal_token (id);

create index personal_token_made_with on personal_token (made_with);

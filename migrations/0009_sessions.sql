-- A session is a row of its own, so that its owner can see and end it. Until now it was only what its tokens had in common.
create table sessions (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  created_at timestamptz not null default now(),
  -- When it was opened or its tokens were last renewed.
  last_used_at timestamptz not null default now(),
  -- From where, then. Null for what was opened before this was kept; programs need not name themselves.
  address text,
  user_agent text,
  -- Signed out, revoked, or the password was changed: none of its tokens is worth anything.
  ended_at timestamptz
);
insert into sessions (id, user_id, created_at, last_used_at, ended_at)
select family_id, min(user_id::text)::uuid, min(created_at), max(created_at), min(revoked_at)
from refresh_tokens group by family_id;
create index sessions_user on sessions (user_id, last_used_at desc);

alter table refresh_tokens rename column family_id to session_id;
alter table refresh_tokens
  add foreign key (session_id) references sessions on delete cascade,
  drop column user_id,
  drop column revoked_at;
alter index refresh_tokens_family rename to refresh_tokens_session;

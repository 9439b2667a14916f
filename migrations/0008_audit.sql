-- What happened to accounts, for the administrator. Never a password, a token, or the name of somebody unknown.
create table audit_events (
  id uuid primary key,
  created_at timestamptz not null default now(),
  action text not null,
  -- Whose account. Null when somebody tried a name that nobody has: people type passwords there.
  user_id uuid references users on delete cascade,
  -- Who did it, where that is somebody else: the administrator.
  actor_id uuid references users on delete set null,
  -- Where the request came from.
  address text not null,
  details jsonb not null default '{}'
);
create index audit_events_user on audit_events (user_id, id desc);
create index audit_events_actor on audit_events (actor_id);
create index audit_events_time on audit_events (created_at);

-- How much work of a user waits is counted now and then, up to a limit.
create index uploads_unfinished on uploads (user_id)
  where status in ('pending', 'analyzing', 'embedding') and trashed_at is null;

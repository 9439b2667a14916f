-- What somebody is about to download as one ZIP: a thousand ids do not fit into an address. Good for minutes.
create table archives (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  upload_ids uuid[],
  -- The album may be gone by the time it is packed.
  album_id uuid,
  created_at timestamptz not null default now(),
  check (num_nonnulls(upload_ids, album_id) = 1)
);
create index archives_user on archives (user_id, id desc);

create table batches (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  status text not null default 'pending' check (status in ('pending', 'processing', 'completed', 'cancelled')),
  created_at timestamptz not null default now(),
  -- Set when the last file has arrived (or the client is gone). Nothing is processed before.
  sealed_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,

  -- Kept in step with the items, so that the progress of a batch of 100,000 is one row to read.
  total int not null default 0,
  duplicates int not null default 0,
  rejected int not null default 0,
  succeeded int not null default 0,
  failed int not null default 0,
  cancelled int not null default 0,
  deleted int not null default 0,
  -- Milliseconds spent on the files developed so far, for the estimate of what is left.
  work_ms bigint not null default 0
);
create index batches_newest on batches (user_id, created_at desc, id desc);
create index batches_open on batches (created_at, id) where status in ('pending', 'processing');

create table batch_items (
  batch_id uuid not null references batches on delete cascade,
  position int not null,
  filename text not null,
  verdict text not null check (verdict in ('accepted', 'duplicate', 'rejected')),
  error_code text,
  error_message text,
  upload_id uuid references uploads on delete set null,
  -- Develop it afresh even if it was developed before.
  redo boolean not null default false,
  -- What became of it; null while it waits or runs. Duplicates and rejected files have nothing to wait for.
  outcome text check (outcome in ('succeeded', 'failed', 'cancelled', 'deleted')),
  primary key (batch_id, position)
);
create index batch_items_upload on batch_items (upload_id);
create index batch_items_waiting on batch_items (batch_id, position) where verdict = 'accepted' and outcome is null;

create table uploads (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  filename text not null,
  file_type text not null check (file_type in ('image', 'video')),
  mime_type text not null,
  extension text not null,
  file_size bigint not null,
  sha256 text not null,

  -- Found by the probe
  width int,
  height int,
  duration_seconds real,
  taken_at timestamptz,
  latitude double precision,
  longitude double precision,
  camera text,
  metadata jsonb not null default '{}',

  -- Where it stands; see uploads_status_guard below
  status text not null default 'pending'
    check (status in ('pending', 'analyzing', 'embedding', 'completed', 'failed')),
  stage text not null default 'queued',
  -- The pipeline stage the next attempt begins with.
  next_stage text not null default 'probe',
  lane text not null check (lane in ('interactive', 'batch')),
  -- Counted when an attempt starts, so a file that kills the process is given up.
  attempts int not null default 0,
  -- The running process that develops it; null when nobody does.
  leased_by uuid,
  error_code text,
  error_message text check (length(error_message) <= 200),

  -- Made by the pipeline
  description text,
  ocr_text text,
  description_audit_score int check (description_audit_score between 0 and 100),
  objects jsonb not null default '[]',
  frames jsonb not null default '[]',
  thumbhash text,
  has_renditions boolean not null default false,
  search_document tsvector,

  hidden boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  processed_at timestamptz,
  unique (user_id, sha256)
);
create index uploads_newest on uploads (user_id, created_at desc, id desc);
create index uploads_taken on uploads (user_id, coalesce(taken_at, created_at) desc, id desc);
create index uploads_waiting on uploads (lane, created_at, id) where status = 'pending';
create index uploads_leased on uploads (leased_by) where leased_by is not null;
create index uploads_search on uploads using gin (search_document);

-- The state machine. pending -> analyzing -> embedding -> completed | failed; a released attempt goes back to
-- pending; a final state is left only by starting afresh (regenerate, retry), which begins with no attempts.
create function uploads_status_guard() returns trigger language plpgsql as $$
begin
  if (old.status, new.status) in (
    ('pending', 'analyzing'), ('pending', 'failed'),
    ('analyzing', 'pending'), ('analyzing', 'embedding'), ('analyzing', 'failed'),
    ('embedding', 'pending'), ('embedding', 'completed'), ('embedding', 'failed')
  ) then
    return new;
  end if;
  if old.status in ('completed', 'failed') and new.status = 'pending' and new.attempts = 0 then
    return new;
  end if;
  raise exception 'upload % cannot go from % to %', old.id, old.status, new.status;
end $$;
create trigger uploads_status_guard before update of status on uploads
  for each row when (old.status is distinct from new.status) execute function uploads_status_guard();

create table stage_runs (
  id bigint generated always as identity primary key,
  upload_id uuid not null references uploads on delete cascade,
  stage text not null,
  attempt int not null,
  outcome text not null check (outcome in ('done', 'skipped', 'failed')),
  -- Why it was skipped.
  reason text,
  started_at timestamptz not null,
  duration_ms int not null,
  error_code text,
  error_message text,
  -- The fingerprint of the model that ran, if one did.
  model text
);
create index stage_runs_upload on stage_runs (upload_id, id);

create table embeddings (
  upload_id uuid not null references uploads on delete cascade,
  user_id uuid not null references users on delete cascade,
  -- Fingerprint of the encoder. Vectors of different fingerprints never meet in one comparison.
  model text not null,
  -- Time in the video; 0 for a picture, -1 for the description as a whole.
  frame_ms int not null,
  -- A description can have several vectors, one per distinct idea.
  part int not null default 0,
  vector vector not null,
  primary key (upload_id, model, frame_ms, part)
);
create index embeddings_owner on embeddings (model, user_id);

alter table uploads
  -- In the trash since; null when it is not. Nothing but the trash shows such an upload.
  add column trashed_at timestamptz,
  -- What the owner changed. While a mark is set the column itself has the owner's value, and what the file or the models
  -- say waits in `found_*`, so that searches and lists read one column and nothing that is found overwrites a person.
  add column description_edited boolean not null default false,
  add column found_description text,
  add column taken_at_edited boolean not null default false,
  add column found_taken_at timestamptz,
  add column place_edited boolean not null default false,
  add column found_latitude double precision,
  add column found_longitude double precision,
  -- Bytes of preview and thumbnail.
  add column renditions_size bigint not null default 0,
  -- 64 bits that copies of a picture have nearly in common; null for what was developed before there was one.
  add column perceptual_hash bigint;

-- One index for every order of the list. The filters and the trash are checked on the way.
create index uploads_by_name on uploads (user_id, filename, id) where trashed_at is null;
create index uploads_by_size on uploads (user_id, file_size, id) where trashed_at is null;
create index uploads_by_duration on uploads (user_id, (coalesce(duration_seconds, 0::real)), id) where trashed_at is null;
create index uploads_trashed on uploads (user_id, trashed_at desc, id desc) where trashed_at is not null;
create index uploads_expiring on uploads (trashed_at) where trashed_at is not null;
-- What the timeline counts, narrow enough to be read instead of the table.
create index uploads_counted on uploads (user_id, hidden, taken_at, created_at, file_type, status) where trashed_at is null;

-- What a user keeps, in step with `uploads` by triggers: a quota is one row to read, and to lock.
create table library_usage (
  user_id uuid primary key references users on delete cascade,
  -- Those in the trash are counted here too.
  uploads bigint not null default 0,
  original_bytes bigint not null default 0,
  rendition_bytes bigint not null default 0,
  trashed bigint not null default 0,
  trashed_bytes bigint not null default 0
);
insert into library_usage (user_id, uploads, original_bytes)
select user_id, count(*), sum(file_size) from uploads group by user_id;

create function library_usage_add() returns trigger language plpgsql as $$
begin
  insert into library_usage as g (user_id, uploads, original_bytes, rendition_bytes, trashed, trashed_bytes)
  select user_id, count(*), sum(file_size), sum(renditions_size), count(trashed_at),
    coalesce(sum(file_size) filter (where trashed_at is not null), 0)
  from added group by user_id
  on conflict (user_id) do update set
    uploads = g.uploads + excluded.uploads, original_bytes = g.original_bytes + excluded.original_bytes,
    rendition_bytes = g.rendition_bytes + excluded.rendition_bytes,
    trashed = g.trashed + excluded.trashed, trashed_bytes = g.trashed_bytes + excluded.trashed_bytes;
  return null;
end $$;
create trigger library_usage_add after insert on uploads
  referencing new table as added for each statement execute function library_usage_add();

create function library_usage_remove() returns trigger language plpgsql as $$
begin
  update library_usage g set
    uploads = g.uploads - c.uploads, original_bytes = g.original_bytes - c.original_bytes,
    rendition_bytes = g.rendition_bytes - c.rendition_bytes,
    trashed = g.trashed - c.trashed, trashed_bytes = g.trashed_bytes - c.trashed_bytes
  from (
    select user_id, count(*) as uploads, sum(file_size) as original_bytes, sum(renditions_size) as rendition_bytes,
      count(trashed_at) as trashed, coalesce(sum(file_size) filter (where trashed_at is not null), 0) as trashed_bytes
    from gone group by user_id) as c
  where g.user_id = c.user_id;
  return null;
end $$;
create trigger library_usage_remove after delete on uploads
  referencing old table as gone for each statement execute function library_usage_remove();

create function library_usage_change() returns trigger language plpgsql as $$
declare
  moved int := (new.trashed_at is not null)::int - (old.trashed_at is not null)::int;
begin
  update library_usage set
    rendition_bytes = rendition_bytes + new.renditions_size - old.renditions_size,
    trashed = trashed + moved, trashed_bytes = trashed_bytes + moved * new.file_size
  where user_id = new.user_id;
  return null;
end $$;
create trigger library_usage_change after update of trashed_at, renditions_size on uploads for each row
  when ((old.trashed_at is null) <> (new.trashed_at is null) or old.renditions_size <> new.renditions_size)
  execute function library_usage_change();

-- Null: what the configuration says.
alter table users add column quota_bytes bigint, add column quota_files bigint;

create table albums (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  name text not null,
  -- A saved search, as the API takes it; null for an album whose members are added by hand.
  rule jsonb,
  cover_id uuid references uploads on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index albums_owner on albums (user_id, id desc);
create index albums_cover on albums (cover_id);

create table album_items (
  album_id uuid not null references albums on delete cascade,
  upload_id uuid not null references uploads on delete cascade,
  -- The order in which they were added.
  position bigint generated always as identity,
  primary key (album_id, upload_id)
);
create index album_items_order on album_items (album_id, position);
create index album_items_upload on album_items (upload_id);

-- The perceptual hash in four parts of 16 bits: pictures that are near each other have a part nearly in common.
create table picture_bands (
  user_id uuid not null references users on delete cascade,
  band smallint not null,
  value int not null,
  upload_id uuid not null references uploads on delete cascade,
  primary key (user_id, band, value, upload_id)
);
create index picture_bands_upload on picture_bands (upload_id);

-- Pairs of one user's uploads that look like copies of each other.
create table likely_copies (
  user_id uuid not null references users on delete cascade,
  first_id uuid not null references uploads on delete cascade,
  second_id uuid not null references uploads on delete cascade,
  -- Cosine of the pictures.
  similarity real not null,
  -- The owner said that they are not.
  dismissed_at timestamptz,
  primary key (first_id, second_id),
  check (first_id < second_id)
);
create index likely_copies_owner on likely_copies (user_id, second_id) where dismissed_at is null;
create index likely_copies_second on likely_copies (second_id);

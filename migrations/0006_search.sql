-- Vectors of up to 2,000 dimensions stay in their row: out of line, each one that is compared costs an index lookup.
alter table embeddings set (toast_tuple_target = 8160);

-- A few bytes of every vector (src/db/vector-sketch.ts): who owns very many has these compared first, and then only the
-- vectors of the nearest. Apart from the vectors, so that reading all of them reads little.
create table vector_sketches (
  upload_id uuid not null,
  user_id uuid not null,
  model text not null,
  frame_ms int not null,
  part int not null,
  -- Null for a vector from before there were sketches; while there is one, vectors are compared.
  bits bit(1024),
  primary key (upload_id, model, frame_ms, part),
  foreign key (upload_id, model, frame_ms, part) references embeddings on delete cascade
);
create index vector_sketches_owner on vector_sketches (user_id, model);
create index vector_sketches_missing on vector_sketches (upload_id) where bits is null;
insert into vector_sketches (upload_id, user_id, model, frame_ms, part)
select upload_id, user_id, model, frame_ms, part from embeddings;

-- What the upload is suggested for, each as kind:word (word, label, camera). Written by the last stage.
alter table uploads add column suggested text[] not null default '{}';

-- A user's words with the number of uploads that are found by them, for suggestions while one types.
create table suggestions (
  user_id uuid not null references users on delete cascade,
  word text not null,
  kind text not null check (kind in ('word', 'label', 'camera')),
  uploads int not null,
  primary key (user_id, word, kind)
);
-- Under C a prefix is a range of the index, whatever the language of the database.
create index suggestions_prefix on suggestions (user_id, lower(word) collate "C");

-- What was developed before gets the same words as what comes now, as well as SQL can split them.
update uploads set
  search_document = setweight(to_tsvector('english', coalesce(description, '')), 'A')
    || setweight(to_tsvector('simple', regexp_replace(coalesce(description, ''), '[[:punct:][:space:]]+', ' ', 'g')), 'A')
    || setweight(to_tsvector('english', coalesce(ocr_text, '')), 'B')
    || setweight(to_tsvector('simple', regexp_replace(coalesce(ocr_text, ''), '[[:punct:][:space:]]+', ' ', 'g')), 'B')
    || setweight(to_tsvector('english', regexp_replace(filename, '[[:punct:][:space:]]+', ' ', 'g')), 'C')
    || setweight(to_tsvector('simple', regexp_replace(filename, '[[:punct:][:space:]]+', ' ', 'g')), 'C')
    || setweight(to_tsvector('simple', regexp_replace(coalesce(camera, ''), '[[:punct:][:space:]]+', ' ', 'g')), 'D'),
  suggested = array(
    select 'word:' || word
    from regexp_split_to_table(lower(concat_ws(' ', description, filename, ocr_text)), '[[:punct:][:space:][:digit:]]+') as word
    where length(word) between 3 and 40 and ts_lexize('english_stem', word) <> '{}'
    union select 'label:' || lower(seen ->> 'label') from jsonb_array_elements(objects) as seen where seen ->> 'label' is not null
    union select 'camera:' || camera where camera <> '')
where search_document is not null;
insert into suggestions (user_id, word, kind, uploads)
select user_id, substr(entry, strpos(entry, ':') + 1), split_part(entry, ':', 1), count(*)
from uploads, unnest(suggested) as entry where not hidden and trashed_at is null group by 1, 2, 3;

-- Keeps the counts right through developing again, hiding, the trash and deletion.
create function count_suggestions() returns trigger language plpgsql as $$
declare
  gone text[] := '{}';
  come text[] := '{}';
  owner uuid;
begin
  if tg_op <> 'INSERT' and not old.hidden and old.trashed_at is null then gone := old.suggested; owner := old.user_id; end if;
  if tg_op <> 'DELETE' and not new.hidden and new.trashed_at is null then come := new.suggested; owner := new.user_id; end if;
  if gone = come then return null; end if;
  -- The user may be on the way out, with everything that is theirs.
  if not exists (select 1 from users where id = owner) then return null; end if;
  insert into suggestions as s (user_id, word, kind, uploads)
    -- In one order everywhere: two transactions never wait for each other.
    select owner, substr(entry, strpos(entry, ':') + 1), split_part(entry, ':', 1), change from (
      select entry, sum(step)::int as change from (
        select unnest(come) as entry, 1 as step union all select unnest(gone), -1
      ) steps group by entry having sum(step) <> 0 order by entry
    ) changes
    on conflict (user_id, word, kind) do update set uploads = s.uploads + excluded.uploads;
  delete from suggestions where user_id = owner and uploads <= 0
    and word in (select substr(entry, strpos(entry, ':') + 1) from unnest(gone) as entry);
  return null;
end $$;
create trigger count_suggestions_new after insert or delete on uploads
  for each row execute function count_suggestions();
create trigger count_suggestions_changed after update of suggested, hidden, trashed_at on uploads
  for each row when (
    old.suggested is distinct from new.suggested or old.hidden <> new.hidden
    or (old.trashed_at is null) <> (new.trashed_at is null))
  execute function count_suggestions();

-- A whole name without its ending, for a search of just this.
create index uploads_named on uploads (user_id, lower(regexp_replace(filename, '\.[^.]*$', '')));

create index uploads_place on uploads (user_id, latitude) where latitude is not null;

create table saved_searches (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  name text not null,
  query text not null,
  filter jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index saved_searches_newest on saved_searches (user_id, created_at desc, id desc);

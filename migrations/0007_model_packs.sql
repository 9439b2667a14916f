-- Which encoders an upload has been through, so that what is missing for a pack can be asked for and not only what is
-- there: a description without a known word has no vector, and is done all the same.
create table embedded_uploads (
  -- Fingerprint of the encoder, as in embeddings.
  model text not null,
  upload_id uuid not null references uploads on delete cascade,
  -- Set when the encoder could not make anything of it; it is not tried again until the pack is chosen anew.
  error_code text,
  primary key (upload_id, model)
);
insert into embedded_uploads (model, upload_id) select distinct model, upload_id from embeddings;

-- Fingerprint of the captioner that wrote what was found.
alter table uploads add column described_by text;
update uploads u set described_by = (
  select r.model from stage_runs r where r.upload_id = u.id and r.stage = 'analyze' and r.outcome = 'done'
  order by r.id desc limit 1);

-- The pack that searches are answered from. It changes only when every upload has vectors of the new one.
create table active_model_pack (
  name text not null,
  -- Fingerprints of its encoders that every upload has been through; a newer program may have others.
  encoders text[] not null default '{}'
);
create unique index active_model_pack_is_one on active_model_pack ((true));
-- Until now there was only the one that comes with the program.
insert into active_model_pack (name) select 'basic' where exists (select 1 from uploads);

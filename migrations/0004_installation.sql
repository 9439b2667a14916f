-- Which database this is. The folder of the originals carries the same id: files are never judged by the rows of
-- another database.
create table installation (id uuid not null default gen_random_uuid());
create unique index installation_is_one on installation ((true));
insert into installation default values;

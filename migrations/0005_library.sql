-- In the trash since; null when it is not. Nothing but the trash shows such an upload.
alter table uploads add column trashed_at timestamptz;

create extension if not exists vector;

create table users (
  id uuid primary key,
  username text not null,
  password_hash text not null,
  role text not null check (role in ('administrator', 'member')),
  created_at timestamptz not null default now(),
  disabled_at timestamptz
);
-- Names are told apart without regard to case.
create unique index users_username on users (lower(username));

create table refresh_tokens (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  -- All tokens that descend from one login. A spent token that comes back revokes the whole family.
  family_id uuid not null,
  token_hash bytea not null unique,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);
create index refresh_tokens_family on refresh_tokens (family_id);
-- Asked with every request: was any token of the session's family revoked?
create index refresh_tokens_revoked on refresh_tokens (family_id) where revoked_at is not null;
create index refresh_tokens_user on refresh_tokens (user_id);

create table api_keys (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  name text not null,
  -- The first characters of the key, so that its owner can tell keys apart.
  prefix text not null,
  key_hash bytea not null unique,
  scopes text[] not null check (scopes <@ array['read', 'write']),
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);
create index api_keys_user on api_keys (user_id);

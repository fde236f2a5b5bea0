-- People who may use the server. Secrets are here only as hashes.
create table users (
  id uuid primary key,
  email text not null,
  -- The address in the one form that counts: lower case, the domain in ASCII.
  email_key text not null,
  password_hash text not null,
  role text not null check (role in ('admin', 'member', 'viewer')),
  disabled boolean not null default false,
  created_at timestamptz(3) not null default now(),
  last_login_at timestamptz(3)
);
create unique index users_email_key on users (email_key);
create index users_newest on users (created_at desc, id desc);

-- One row per login: the family of its refresh tokens, and what its access tokens point at.
create table logins (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  created_at timestamptz(3) not null default now(),
  -- That of its newest refresh token.
  expires_at timestamptz(3) not null,
  ended_at timestamptz(3)
);
create index logins_user_newest on logins (user_id, created_at desc);
create index logins_expires on logins (expires_at);

-- Used ones stay until they would have expired: that is how a second use is recognised.
create table refresh_tokens (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  login_id uuid not null references logins (id) on delete cascade,
  expires_at timestamptz(3) not null,
  used_at timestamptz(3)
);
create index refresh_tokens_login on refresh_tokens (login_id);
create index refresh_tokens_expires on refresh_tokens (expires_at);

create table api_keys (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  name text not null,
  -- Its first characters, for people to tell keys apart.
  prefix text not null,
  key_hash bytea not null check (octet_length(key_hash) = 32),
  scopes text[] not null,
  created_at timestamptz(3) not null default now(),
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  revoked_at timestamptz(3)
);
create unique index api_keys_hash on api_keys (key_hash);
create index api_keys_user_newest on api_keys (user_id, created_at desc, id desc);

-- Each lets one person register.
create table invites (
  id uuid primary key,
  code_hash bytea not null check (octet_length(code_hash) = 32),
  role text not null check (role in ('admin', 'member', 'viewer')),
  -- Null: made under open access, or on the command line.
  created_by uuid,
  created_at timestamptz(3) not null default now(),
  expires_at timestamptz(3) not null,
  used_at timestamptz(3),
  used_by uuid
);
create unique index invites_code on invites (code_hash);
create index invites_newest on invites (created_at desc, id desc);

-- Who changed what. Rows outlive the people and things they name, so there are no references.
create table audit_log (
  id uuid primary key,
  at timestamptz(3) not null default now(),
  -- Null: open access, the command line, or nobody known.
  actor_id uuid,
  -- How the actor was known: user, key, open, cli.
  actor_kind text not null,
  action text not null,
  target text,
  address text,
  request_id text,
  details jsonb not null default '{}'
);
create index audit_log_newest on audit_log (at desc, id desc);
create index audit_log_actor on audit_log (actor_id, at desc, id desc);
create index audit_log_target on audit_log (target, at desc, id desc);

create function fovea_refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'audit_log is append-only';
end
$$;
create trigger audit_log_append_only before update or delete or truncate on audit_log
  for each statement execute function fovea_refuse_audit_change();

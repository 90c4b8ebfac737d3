-- What a Supabase project has around its data (roles), and what the integration tests use.
-- Runs at every start through `postgres --single -j`: each statement can be repeated, and
-- ends in a semicolon and an empty line. The password stands in for $AUTHENTICATOR_PASSWORD.

do $$ begin
  if to_regrole('anon') is null then create role anon nologin noinherit; end if;
  if to_regrole('authenticated') is null then create role authenticated nologin noinherit; end if;
  if to_regrole('service_role') is null then create role service_role nologin noinherit bypassrls; end if;
  if to_regrole('authenticator') is null then create role authenticator login noinherit; end if;
  if to_regrole('journey') is null then create role journey login; end if;
end $$;

alter role authenticator password '$AUTHENTICATOR_PASSWORD';

alter role journey password '$AUTHENTICATOR_PASSWORD';

grant create on database postgres to journey;

grant anon, authenticated, service_role to authenticator;

grant usage on schema public to anon, authenticated, service_role;

create table if not exists public.integration_items (
  id text primary key,
  institution_id text not null,
  note text not null default ''
);

alter table public.integration_items enable row level security;

create or replace function public.slow(seconds double precision) returns text language plpgsql as $$
begin
  perform pg_sleep(seconds);
  return 'done';
end $$;

create or replace function public.request_header(name text) returns text language sql stable as $$
  select current_setting('request.headers', true)::json ->> lower(name)
$$;

revoke execute on all functions in schema public from public;

grant all on all tables in schema public to service_role;

grant execute on all functions in schema public to service_role;


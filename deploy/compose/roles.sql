-- The roles that a Supabase project's database has, for the server's first start. psql runs it as postgres.
\getenv password POSTGRES_PASSWORD

-- PostgREST logs in as authenticator and becomes the role that the request's JWT names.
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit password :'password';
grant anon, authenticated, service_role to authenticator;

-- GoTrue keeps its tables in a schema of its own.
create role supabase_auth_admin login noinherit password :'password';
create schema auth authorization supabase_auth_admin;
alter role supabase_auth_admin set search_path = auth;
grant usage on schema auth to anon, authenticated, service_role;

-- The service keeps its tables in a schema of its own, which it makes.
create role journey login password :'password';
grant create on database postgres to journey;

-- Objects created in public are only the service's until they are granted to others.
revoke create on schema public from public;
grant usage on schema public to anon, authenticated, service_role;
alter default privileges revoke execute on functions from public;
alter default privileges in schema public grant all on tables to service_role;
alter default privileges in schema public grant all on sequences to service_role;
alter default privileges in schema public grant execute on functions to service_role;

-- Roles, database and schemas of Wangge. Run by a superuser with psql, as often as one likes.
--
-- wangge_owner owns the schemas and is used by --migrate alone; each service connects as a role that may do only what the
-- files in its schema folders GRANT: no DDL, no temporary tables, nothing in public, nothing in another service's schema.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT', name)
  FROM unnest(ARRAY['wangge_owner', 'wangge_intake', 'wangge_routing', 'wangge_tracking',
                    'wangge_registry', 'wangge_land']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

-- Whoever reads the land ledger with a GIS is granted wangge_gis: it may read the views gis_… of schema land, nothing else.
SELECT 'CREATE ROLE wangge_gis NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'wangge_gis')
\gexec

-- Texts are compared as bytes: the same order as C.UTF-8 gives, by memcmp in place of strcoll.
SELECT 'CREATE DATABASE wangge ENCODING ''UTF8'' LC_COLLATE ''C'' LC_CTYPE ''C.UTF-8'' TEMPLATE template0'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'wangge')
\gexec

REVOKE ALL ON DATABASE wangge FROM PUBLIC;
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;
GRANT CONNECT, CREATE ON DATABASE wangge TO wangge_owner;
GRANT CONNECT ON DATABASE wangge TO wangge_intake, wangge_routing, wangge_tracking, wangge_registry, wangge_land, wangge_gis;

\connect wangge
SET client_min_messages = warning;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS intake AUTHORIZATION wangge_owner;
CREATE SCHEMA IF NOT EXISTS routing AUTHORIZATION wangge_owner;
CREATE SCHEMA IF NOT EXISTS tracking AUTHORIZATION wangge_owner;
CREATE SCHEMA IF NOT EXISTS registry AUTHORIZATION wangge_owner;
CREATE SCHEMA IF NOT EXISTS land AUTHORIZATION wangge_owner;

-- PostGIS (package postgresql-15-postgis-3) can only be created by a superuser. It is for the registry and the land ledger and has a
-- schema of its own, in which nobody but the superuser may create anything.
CREATE SCHEMA IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS postgis SCHEMA postgis;
GRANT USAGE ON SCHEMA postgis TO wangge_owner, wangge_registry, wangge_land, wangge_gis;

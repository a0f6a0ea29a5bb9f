-- The database, schemas and roles of Kyodo, for psql and a superuser (or a role with CREATEDB and CREATEROLE):
--
--     psql --file=roles.sql "$ADMIN_URL"
--
-- May be run again at any time. Each service has a schema of its own and two roles: kyodo_<service>_owner runs the
-- migrations and owns the tables, kyodo_<service> serves: it reads and writes rows of its own schema, and can neither
-- change the schema nor see that of another service.
--
-- The roles have no password and cannot sign in over the network until they have one:
--
--     \password kyodo_directory
--
-- Rows that must never change (event log, audit, histories) are protected by the migrations, which take UPDATE and
-- DELETE on those tables away from kyodo_<service>. That is why this file grants nothing on existing tables: it would
-- give those rights back.
--
-- Generated from pkg/pg/cluster/roles by `go test ./pkg/pg/cluster -run TestDeployedRoles -update`.

\set ON_ERROR_STOP on

SELECT $$CREATE DATABASE kyodo
    TEMPLATE template0
    ENCODING 'UTF8'
    LOCALE_PROVIDER libc
    LC_COLLATE 'C'$$
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = 'kyodo')
\gexec
\connect kyodo

-- Nobody connects to the database, or makes anything in its public schema, without a grant below.
REVOKE ALL ON DATABASE kyodo FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

-- directory
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'kyodo_directory_owner') THEN
        CREATE ROLE kyodo_directory_owner;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'kyodo_directory') THEN
        CREATE ROLE kyodo_directory;
    END IF;
END
$$;
ALTER ROLE kyodo_directory_owner LOGIN;
ALTER ROLE kyodo_directory LOGIN;
GRANT kyodo_directory_owner TO CURRENT_USER;
GRANT CONNECT ON DATABASE kyodo TO kyodo_directory_owner, kyodo_directory;
CREATE SCHEMA IF NOT EXISTS directory AUTHORIZATION kyodo_directory_owner;
ALTER SCHEMA directory OWNER TO kyodo_directory_owner;
REVOKE ALL ON SCHEMA directory FROM PUBLIC;
GRANT USAGE ON SCHEMA directory TO kyodo_directory;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_directory_owner
    REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_directory_owner IN SCHEMA directory
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO kyodo_directory;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_directory_owner IN SCHEMA directory
    GRANT USAGE, SELECT ON SEQUENCES TO kyodo_directory;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_directory_owner IN SCHEMA directory
    GRANT EXECUTE ON FUNCTIONS TO kyodo_directory;
ALTER ROLE kyodo_directory_owner IN DATABASE kyodo SET search_path = directory;
ALTER ROLE kyodo_directory IN DATABASE kyodo SET search_path = directory;

-- evaluation
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'kyodo_evaluation_owner') THEN
        CREATE ROLE kyodo_evaluation_owner;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'kyodo_evaluation') THEN
        CREATE ROLE kyodo_evaluation;
    END IF;
END
$$;
ALTER ROLE kyodo_evaluation_owner LOGIN;
ALTER ROLE kyodo_evaluation LOGIN;
GRANT kyodo_evaluation_owner TO CURRENT_USER;
GRANT CONNECT ON DATABASE kyodo TO kyodo_evaluation_owner, kyodo_evaluation;
CREATE SCHEMA IF NOT EXISTS evaluation AUTHORIZATION kyodo_evaluation_owner;
ALTER SCHEMA evaluation OWNER TO kyodo_evaluation_owner;
REVOKE ALL ON SCHEMA evaluation FROM PUBLIC;
GRANT USAGE ON SCHEMA evaluation TO kyodo_evaluation;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_evaluation_owner
    REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_evaluation_owner IN SCHEMA evaluation
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO kyodo_evaluation;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_evaluation_owner IN SCHEMA evaluation
    GRANT USAGE, SELECT ON SEQUENCES TO kyodo_evaluation;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_evaluation_owner IN SCHEMA evaluation
    GRANT EXECUTE ON FUNCTIONS TO kyodo_evaluation;
ALTER ROLE kyodo_evaluation_owner IN DATABASE kyodo SET search_path = evaluation;
ALTER ROLE kyodo_evaluation IN DATABASE kyodo SET search_path = evaluation;

-- facilities
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'kyodo_facilities_owner') THEN
        CREATE ROLE kyodo_facilities_owner;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'kyodo_facilities') THEN
        CREATE ROLE kyodo_facilities;
    END IF;
END
$$;
ALTER ROLE kyodo_facilities_owner LOGIN;
ALTER ROLE kyodo_facilities LOGIN;
GRANT kyodo_facilities_owner TO CURRENT_USER;
GRANT CONNECT ON DATABASE kyodo TO kyodo_facilities_owner, kyodo_facilities;
CREATE SCHEMA IF NOT EXISTS facilities AUTHORIZATION kyodo_facilities_owner;
ALTER SCHEMA facilities OWNER TO kyodo_facilities_owner;
REVOKE ALL ON SCHEMA facilities FROM PUBLIC;
GRANT USAGE ON SCHEMA facilities TO kyodo_facilities;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_facilities_owner
    REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_facilities_owner IN SCHEMA facilities
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO kyodo_facilities;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_facilities_owner IN SCHEMA facilities
    GRANT USAGE, SELECT ON SEQUENCES TO kyodo_facilities;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_facilities_owner IN SCHEMA facilities
    GRANT EXECUTE ON FUNCTIONS TO kyodo_facilities;
ALTER ROLE kyodo_facilities_owner IN DATABASE kyodo SET search_path = facilities;
ALTER ROLE kyodo_facilities IN DATABASE kyodo SET search_path = facilities;

-- outreach
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'kyodo_outreach_owner') THEN
        CREATE ROLE kyodo_outreach_owner;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'kyodo_outreach') THEN
        CREATE ROLE kyodo_outreach;
    END IF;
END
$$;
ALTER ROLE kyodo_outreach_owner LOGIN;
ALTER ROLE kyodo_outreach LOGIN;
GRANT kyodo_outreach_owner TO CURRENT_USER;
GRANT CONNECT ON DATABASE kyodo TO kyodo_outreach_owner, kyodo_outreach;
CREATE SCHEMA IF NOT EXISTS outreach AUTHORIZATION kyodo_outreach_owner;
ALTER SCHEMA outreach OWNER TO kyodo_outreach_owner;
REVOKE ALL ON SCHEMA outreach FROM PUBLIC;
GRANT USAGE ON SCHEMA outreach TO kyodo_outreach;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_outreach_owner
    REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_outreach_owner IN SCHEMA outreach
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO kyodo_outreach;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_outreach_owner IN SCHEMA outreach
    GRANT USAGE, SELECT ON SEQUENCES TO kyodo_outreach;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_outreach_owner IN SCHEMA outreach
    GRANT EXECUTE ON FUNCTIONS TO kyodo_outreach;
ALTER ROLE kyodo_outreach_owner IN DATABASE kyodo SET search_path = outreach;
ALTER ROLE kyodo_outreach IN DATABASE kyodo SET search_path = outreach;

-- proposals
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'kyodo_proposals_owner') THEN
        CREATE ROLE kyodo_proposals_owner;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'kyodo_proposals') THEN
        CREATE ROLE kyodo_proposals;
    END IF;
END
$$;
ALTER ROLE kyodo_proposals_owner LOGIN;
ALTER ROLE kyodo_proposals LOGIN;
GRANT kyodo_proposals_owner TO CURRENT_USER;
GRANT CONNECT ON DATABASE kyodo TO kyodo_proposals_owner, kyodo_proposals;
CREATE SCHEMA IF NOT EXISTS proposals AUTHORIZATION kyodo_proposals_owner;
ALTER SCHEMA proposals OWNER TO kyodo_proposals_owner;
REVOKE ALL ON SCHEMA proposals FROM PUBLIC;
GRANT USAGE ON SCHEMA proposals TO kyodo_proposals;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_proposals_owner
    REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_proposals_owner IN SCHEMA proposals
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO kyodo_proposals;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_proposals_owner IN SCHEMA proposals
    GRANT USAGE, SELECT ON SEQUENCES TO kyodo_proposals;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_proposals_owner IN SCHEMA proposals
    GRANT EXECUTE ON FUNCTIONS TO kyodo_proposals;
ALTER ROLE kyodo_proposals_owner IN DATABASE kyodo SET search_path = proposals;
ALTER ROLE kyodo_proposals IN DATABASE kyodo SET search_path = proposals;

-- {{service}}
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'kyodo_{{service}}_owner') THEN
        CREATE ROLE kyodo_{{service}}_owner;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'kyodo_{{service}}') THEN
        CREATE ROLE kyodo_{{service}};
    END IF;
END
$$;
ALTER ROLE kyodo_{{service}}_owner LOGIN;
ALTER ROLE kyodo_{{service}} LOGIN;
GRANT kyodo_{{service}}_owner TO CURRENT_USER;
GRANT CONNECT ON DATABASE {{database}} TO kyodo_{{service}}_owner, kyodo_{{service}};
CREATE SCHEMA IF NOT EXISTS {{service}} AUTHORIZATION kyodo_{{service}}_owner;
ALTER SCHEMA {{service}} OWNER TO kyodo_{{service}}_owner;
REVOKE ALL ON SCHEMA {{service}} FROM PUBLIC;
GRANT USAGE ON SCHEMA {{service}} TO kyodo_{{service}};
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_{{service}}_owner
    REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_{{service}}_owner IN SCHEMA {{service}}
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO kyodo_{{service}};
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_{{service}}_owner IN SCHEMA {{service}}
    GRANT USAGE, SELECT ON SEQUENCES TO kyodo_{{service}};
ALTER DEFAULT PRIVILEGES FOR ROLE kyodo_{{service}}_owner IN SCHEMA {{service}}
    GRANT EXECUTE ON FUNCTIONS TO kyodo_{{service}};
ALTER ROLE kyodo_{{service}}_owner IN DATABASE {{database}} SET search_path = {{service}};
ALTER ROLE kyodo_{{service}} IN DATABASE {{database}} SET search_path = {{service}};

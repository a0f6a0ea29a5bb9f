-- Nobody connects to the database, or makes anything in its public schema, without a grant below.
REVOKE ALL ON DATABASE {{database}} FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

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

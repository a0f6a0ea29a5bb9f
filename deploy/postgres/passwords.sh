#!/bin/sh
# Gives the services' roles, made by roles.sql, their passwords. The image of
# PostgreSQL runs this once, when it makes the data folder.
set -e
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --dbname=kyodo \
	--set=directory="$DB_PASSWORD_DIRECTORY" --set=proposals="$DB_PASSWORD_PROPOSALS" \
	--set=evaluation="$DB_PASSWORD_EVALUATION" --set=outreach="$DB_PASSWORD_OUTREACH" --set=facilities="$DB_PASSWORD_FACILITIES" <<'SQL'
ALTER ROLE kyodo_directory PASSWORD :'directory';
ALTER ROLE kyodo_proposals PASSWORD :'proposals';
ALTER ROLE kyodo_evaluation PASSWORD :'evaluation';
ALTER ROLE kyodo_outreach PASSWORD :'outreach';
ALTER ROLE kyodo_facilities PASSWORD :'facilities';
SQL

#!/usr/bin/env bash
# init-roles.sh: run once by the postgres image when the cluster is made: roles, database, schemas, passwords from files.
set -euo pipefail
psql -X -q -U postgres -d postgres -f /etc/wangge/roles.sql
for role in wangge_owner wangge_intake wangge_routing wangge_tracking wangge_registry wangge_land; do
  psql -X -q -U postgres -d postgres -v ON_ERROR_STOP=1 -v role="$role" -v password="$(<"/secrets/postgres/$role")" <<'SQL'
ALTER ROLE :"role" PASSWORD :'password';
SQL
done

# postgres.sh: the private PostgreSQL cluster under VAR/postgres: unix socket only, peer authentication, and a map that
# says which operating system user may be which role.
# shellcheck shell=bash

# postgres_tools: sets PG_BIN to the programs of PostgreSQL 15 or newer.
postgres_tools() {
  local folder
  for folder in /usr/lib/postgresql/15/bin /usr/lib/postgresql/1[6-9]/bin; do
    if [[ -x $folder/initdb ]]; then
      PG_BIN=$folder
      return
    fi
  done
  die "PostgreSQL 15 is not installed in /usr/lib/postgresql"
}

# postgres_socket: sets PG_SOCKET. The path of a unix socket holds at most 107 bytes, so a deep tree gets a folder
# elsewhere.
postgres_socket() {
  PG_SOCKET=$VAR/run/postgres
  if ((${#PG_SOCKET} > 80)); then
    PG_SOCKET=/tmp/wangge-$(id -u "$POSTGRES_USER")-$(printf '%s' "$VAR" | cksum | cut -d' ' -f1)
    as_user "$POSTGRES_USER" mkdir -p -m 755 "$PG_SOCKET"
    [[ $(stat -c %U "$PG_SOCKET") == "$POSTGRES_USER" && ! -L $PG_SOCKET ]] || die "$PG_SOCKET belongs to somebody else"
  fi
}

# postgres_init: makes the cluster. It gets its final name last, so a half-made one is never taken for a whole one.
postgres_init() {
  [[ -e $VAR/postgres/PG_VERSION ]] && return
  say "Making a private PostgreSQL cluster in $VAR/postgres"
  rm -rf "$VAR/postgres.new"
  mkdir -m 700 "$VAR/postgres.new"
  if ((EUID == 0)); then chown "$POSTGRES_USER:" "$VAR/postgres.new"; fi
  if ! as_user "$POSTGRES_USER" "$PG_BIN/initdb" --pgdata "$VAR/postgres.new" --locale=C.UTF-8 --encoding=UTF8 \
    --username=postgres --auth=peer --data-checksums >"$VAR/log/initdb.log" 2>&1; then
    cat "$VAR/log/initdb.log" >&2
    die "initdb failed"
  fi
  echo "include_if_exists = 'wangge.conf'" >>"$VAR/postgres.new/postgresql.conf"
  mv "$VAR/postgres.new" "$VAR/postgres"
}

# postgres_configure: settings, who may connect, and who is who. Reloaded when something changed in a running cluster.
postgres_configure() {
  local changed='' service
  {
    cat "$ROOT/ops/postgres/postgresql.conf"
    printf "unix_socket_directories = '%s'\n" "$PG_SOCKET"
    printf "logging_collector = on\nlog_directory = '%s'\nlog_filename = 'postgres-%%a.log'\n" "$VAR/log/postgres"
    printf "log_truncate_on_rotation = on\nlog_rotation_age = 1d\nlog_rotation_size = 0\n"
  } | keep_file "$VAR/postgres/wangge.conf" 600 "$POSTGRES_USER" && changed=1
  printf '%s\n' '# TYPE DATABASE USER METHOD' 'local all all peer map=wangge' |
    keep_file "$VAR/postgres/pg_hba.conf" 600 "$POSTGRES_USER" && changed=1
  {
    echo '# MAP SYSTEM-USERNAME PG-USERNAME'
    echo "wangge $POSTGRES_USER postgres"
    [[ $ADMIN_USER == "$POSTGRES_USER" ]] || echo "wangge $ADMIN_USER postgres"
    echo "wangge $ADMIN_USER wangge_owner"
    for service in "${SERVICES[@]}"; do echo "wangge $SERVICE_USER wangge_$service"; done
  } | keep_file "$VAR/postgres/pg_ident.conf" 600 "$POSTGRES_USER" && changed=1
  if [[ -n $changed ]] && running postgres; then
    as_user "$POSTGRES_USER" "$PG_BIN/pg_ctl" reload -s -D "$VAR/postgres"
  fi
}

# postgres_gone: a server whose supervisor was killed is told by the kernel and ends a moment later than it.
postgres_gone() {
  [[ -e $VAR/postgres/postmaster.pid ]] || return 0
  postgres_tools
  ! as_user "$POSTGRES_USER" "$PG_BIN/pg_ctl" status -D "$VAR/postgres" >/dev/null
}

postgres_ready() { "$PG_BIN/pg_isready" -q -h "$PG_SOCKET" -d postgres; }

# postgres_start: the server under a supervisor of its own; returns when it answers.
postgres_start() {
  if ! running postgres; then
    start_supervised postgres "$POSTGRES_USER" INT "$VAR/log/postgres/server.log" \
      "$PG_BIN/postgres" -D "$VAR/postgres"
  fi
  wait_for 120 postgres_ready || {
    tail -n 30 "$VAR/log/postgres/server.log" "$VAR"/log/postgres/postgres-*.log >&2 || true
    die "PostgreSQL does not answer at $PG_SOCKET"
  }
}

# postgres_roles: roles, database, schemas.
postgres_roles() {
  "$PG_BIN/psql" -X -q -h "$PG_SOCKET" -U postgres -d postgres -f "$ROOT/ops/postgres/roles.sql" \
    >"$VAR/log/roles.log" 2>&1 || {
    cat "$VAR/log/roles.log" >&2
    die "the roles of the database could not be made"
  }
}

# migrate: each service's schema, as the owner. Skipped when the files of the last successful run are the same.
migrate() {
  local service now
  now=$(cd "$VAR/share" && find . -name '*.sql' -exec sha256sum {} + | sort)
  [[ -e $VAR/state/migrated && $(<"$VAR/state/migrated") == "$now" ]] && return
  postgres_roles
  for service in "${SERVICES[@]}"; do
    "$VAR/bin/wangge-$service" --config "$VAR/wangge.ini" --migrate >"$VAR/log/migrate-$service.log" 2>&1 || {
      tail -n 30 "$VAR/log/migrate-$service.log" >&2
      die "the schema of $service could not be brought up to date"
    }
  done
  printf '%s\n' "$now" >"$VAR/state/migrated"
}

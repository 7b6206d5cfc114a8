# common.sh: what every part of ops/ shares: where things are, who runs them, how it speaks.
# Sourced by ops/up, ops/down and ops/test; expects ROOT, sets VAR, BUILD and the users.
# shellcheck shell=bash
# shellcheck disable=SC2034  # read by the files that source this one

SERVICES=(registry intake routing tracking land)

say() { printf '%s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# as_user USER COMMAND…: runs COMMAND as USER, from / (a folder that everybody can enter). Only root can be another.
as_user() {
  local user=$1
  shift
  if [[ $user == "$(id -un)" ]]; then
    (cd / && exec "$@")
  else
    (cd / && exec setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups --inh-caps=-all -- "$@")
  fi
}

# as_root COMMAND…: for installing packages, the only thing an ordinary user needs root for.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    die "this needs root and there is no sudo: $*"
  fi
}

# name_users: services run as `wangge` when root starts them, as the caller otherwise. PostgreSQL refuses root too; a
# user of its own keeps the services away from the files of the cluster.
name_users() {
  ADMIN_USER=$(id -un)
  SERVICE_USER=$ADMIN_USER
  POSTGRES_USER=$ADMIN_USER
  if ((EUID == 0)); then
    SERVICE_USER=wangge
    POSTGRES_USER=postgres
  fi
}

# ensure_service_user: makes it if root starts the services for the first time on this machine.
ensure_service_user() {
  name_users
  if ! getent passwd "$SERVICE_USER" >/dev/null; then
    say "Creating system user $SERVICE_USER (services do not run as root)"
    useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin "$SERVICE_USER"
  fi
}

# enters USER FOLDER: can USER pass through FOLDER?
enters() { as_user "$1" test -x "$2"; }

# locate_var: the folder of everything that running makes. Normally var/ in the tree. Where that cannot be (the tree is
# not ours to write, or lies where the service user may not pass), it is a folder of its own; var/ then links to it.
locate_var() {
  local name
  name=$(printf '%s' "$ROOT" | cksum | cut -d' ' -f1)
  if [[ -n ${WANGGE_VAR:-} ]]; then
    VAR=$(realpath -m "$WANGGE_VAR")
  elif [[ -L $ROOT/var ]]; then
    VAR=$(readlink -f "$ROOT/var")
  elif ((EUID == 0)) && getent passwd wangge >/dev/null && ! enters wangge "$ROOT"; then
    VAR=/var/lib/wangge/$name
  elif [[ -w $ROOT && (! -e $ROOT/var || -w $ROOT/var) ]]; then
    VAR=$ROOT/var
  elif ((EUID == 0)); then
    VAR=/var/lib/wangge/$name
  else
    VAR=${XDG_STATE_HOME:-$HOME/.local/state}/wangge/$name
  fi
  BUILD=${WANGGE_BUILD:-$ROOT/build/release}
  if [[ ! -w $ROOT && ! -w $BUILD ]]; then BUILD=$VAR/build; fi
}

# make_var: creates VAR with the owners that its parts need.
make_var() {
  if [[ -e $VAR && ! -w $VAR ]]; then
    die "$VAR belongs to $(stat -c %U "$VAR"); run this as that user, or set WANGGE_VAR to a folder of yours"
  fi
  mkdir -p "$VAR"
  if [[ $VAR != "$ROOT/var" && -z ${WANGGE_VAR:-} && -w $ROOT && ! -e $ROOT/var ]]; then
    ln -s "$VAR" "$ROOT/var"
  fi
  chmod 755 "$VAR"
  mkdir -p "$VAR/state" "$VAR/bin" "$VAR/keys" "$VAR/run" "$VAR/log" "$VAR/log/postgres" "$VAR/run/postgres"
  if ((EUID == 0)); then
    chown "$SERVICE_USER:" "$VAR/run" "$VAR/log"
    chown "$POSTGRES_USER:" "$VAR/log/postgres" "$VAR/run/postgres"
  fi
}

# hold_lock: one ops/up or ops/down at a time; the lock ends with this process. Children are started with fd 9 closed.
hold_lock() {
  exec 9>"$VAR/state/lock"
  flock -w "${1:-600}" 9 || die "another ops/up or ops/down is at work on $VAR"
}

# keep_file TARGET MODE [OWNER]: writes stdin to TARGET if it differs; true when it changed something.
keep_file() {
  local target=$1 mode=$2 owner=${3:-} fresh
  fresh=$(mktemp "$target.XXXXXX")
  cat >"$fresh"
  chmod "$mode" "$fresh"
  if [[ -n $owner && $EUID -eq 0 ]]; then chown "$owner:" "$fresh"; fi
  if [[ -e $target ]] && cmp -s "$fresh" "$target"; then
    rm -f "$fresh"
    return 1
  fi
  mv -f "$fresh" "$target"
}

# ini_get FILE SECTION KEY: prints the value, nothing when there is none.
ini_get() {
  [[ -r $1 ]] || return 0
  awk -v section="[$2]" -v key="$3" '
    /^\[/ { inside = ($0 == section) }
    inside && index($0, "=") {
      k = substr($0, 1, index($0, "=") - 1); gsub(/[ \t]/, "", k)
      if (k == key) { v = substr($0, index($0, "=") + 1); gsub(/^[ \t]+|[ \t]+$/, "", v); print v; exit }
    }' "$1"
}

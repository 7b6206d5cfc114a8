# services.sh: starts, stops and watches the supervised programs of VAR.
# shellcheck shell=bash

# wait_for SECONDS COMMAND…: repeats COMMAND until it succeeds; false when the time is over.
wait_for() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < until)) || return 1
    sleep 0.1
  done
}

# running NAME: does its supervisor live? The lock tells, not the pid file.
running() {
  [[ -e $(run_dir "$1")/$1.lock ]] && ! flock -n "$(run_dir "$1")/$1.lock" true
}

run_dir() {
  if [[ $1 == postgres ]]; then printf '%s' "$VAR/run/postgres"; else printf '%s' "$VAR/run"; fi
}

# start_supervised NAME USER STOP_SIGNAL LOG COMMAND…: in the background, in a session of its own, with a clean environment.
start_supervised() {
  local name=$1 user=$2 stop_signal=$3 log=$4 supervisor=$VAR/bin/supervise
  shift 4
  cmp -s "$ROOT/ops/lib/supervise" "$supervisor" || { # a running bash reads its script as it goes: replace, never write
    install -m 755 "$ROOT/ops/lib/supervise" "$supervisor.new"
    mv -f "$supervisor.new" "$supervisor"
  }
  as_user "$user" env -i PATH=/usr/bin:/bin LANG=C.UTF-8 LC_ALL=C.UTF-8 \
    setsid --fork setpriv --no-new-privs "$supervisor" "$name" "$(run_dir "$name")" "$log" "$stop_signal" "$@" \
    </dev/null >/dev/null 2>&1 9>&-
  wait_for 10 running "$name" || die "the supervisor of $name did not start"
}

# signal_supervisor NAME USER SIGNAL: as that user, so that a forged pid file can hurt nobody else.
signal_supervisor() {
  local pid
  pid=$(cat "$(run_dir "$1")/$1.pid" 2>/dev/null) || return 0
  if [[ ! $pid =~ ^[0-9]+$ ]]; then return 0; fi
  as_user "$2" kill -s "$3" "$pid" 2>/dev/null || true
}

stopped() { ! running "$1"; }

# stop_supervised NAME USER: returns when supervisor and program are gone.
stop_supervised() {
  running "$1" || return 0
  signal_supervisor "$1" "$2" TERM
  wait_for 60 stopped "$1" || die "$1 does not stop"
}

# http_status PORT PATH: prints the status code, nothing when nobody answers.
http_status() {
  (
    exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
    printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$2" >&3
    read -r -t 5 _ code _ <&3 && printf '%s' "$code"
  ) 2>/dev/null
}
service_ready() { [[ $(http_status "$(port_of "$1_http")" /readyz) == 200 ]]; }

# service_stamp NAME: what the running program was started from; another stamp means it has to be started again.
service_stamp() {
  { sha256sum "$VAR/bin/wangge-$1" "$VAR/wangge.ini" && find "$VAR/share" -type f -exec sha256sum {} + | sort; } |
    sha256sum | cut -d' ' -f1
}

# start_services: starts those that do not run, restarts those whose program, settings or reference data changed.
start_services() {
  local service stamp
  for service in "${SERVICES[@]}"; do
    stamp=$(service_stamp "$service")
    if running "$service"; then
      [[ $(cat "$VAR/state/$service.stamp" 2>/dev/null) == "$stamp" ]] && continue
      say "Restarting $service (it changed)"
      stop_supervised "$service" "$SERVICE_USER"
    fi
    start_supervised "$service" "$SERVICE_USER" TERM "$VAR/log/$service.log" \
      "$VAR/bin/wangge-$service" --config "$VAR/wangge.ini"
    printf '%s\n' "$stamp" >"$VAR/state/$service.stamp"
  done
}

# await_service NAME: returns when it says it is ready; shows the log of one that does not.
await_service() {
  wait_for 90 service_ready "$1" || {
    tail -n 30 "$VAR/log/$1.log" >&2
    die "$1 is not ready after 90 s (http://127.0.0.1:$(port_of "${1}_http")/readyz, log $VAR/log/$1.log)"
  }
}

await_services() {
  local service
  for service in "${SERVICES[@]}"; do await_service "$service"; done
}

# replica_position NAME: the newest change of the registry that is in force in it; nothing when nobody answers.
replica_position() {
  (
    exec 3<>"/dev/tcp/127.0.0.1/$(port_of "$1_http")" || exit 1
    printf 'GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
    timeout 5 sed -n 's/^wangge_replica_position{.*} \([0-9]*\)$/\1/p' <&3
  ) 2>/dev/null
}

# in_force NAME CHANGE: is it built on this change of the registry, or on a newer one?
in_force() {
  local position
  position=$(replica_position "$1") && [[ -n $position ]] && ((position >= $2))
}

# await_reference: returns when all that is in the registry now is in force in every service. That a service is ready
# says less: it is with the first district, while the next one is on its way.
await_reference() {
  local service head
  head=$(WANGGE_CONFIG=$VAR/client.ini "$BUILD/ops/cli/wangge" queues --json |
    sed -n 's/.*"stream":"registry.changes","head":"\{0,1\}\([0-9]\{1,\}\).*/\1/p')
  [[ -n $head ]] || die "the registry does not tell how many changes it has (wangge queues --json)"
  for service in "${SERVICES[@]}"; do
    if [[ $service == registry ]]; then continue; fi
    wait_for 90 in_force "$service" "$head" || {
      tail -n 30 "$VAR/log/$service.log" >&2
      die "after 90 s $service is not built on all $head changes of the registry (log $VAR/log/$service.log)"
    }
  done
}

stop_services() {
  local service
  for service in "${SERVICES[@]}"; do stop_supervised "$service" "$SERVICE_USER"; done
}

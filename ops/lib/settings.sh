# settings.sh: ports, var/wangge.ini for the services, var/client.ini for the command.
# shellcheck shell=bash

declare -A PORT
readonly WANTED_PORTS=(intake:7101 routing:7102 tracking:7103 registry:7104 land:7105
  intake_http:7201 routing_http:7202 tracking_http:7203 registry_http:7204 land_http:7205)

port_of() { printf '%s' "${PORT[$1]}"; }

# port_taken PORT: does anybody listen there on this machine? Read from the kernel's table, so nothing is connected to.
port_taken() {
  local hex
  hex=$(printf '%04X' "$1")
  awk -v port=":$hex" '$4 == "0A" && substr($2, length($2) - 4) == port { found = 1 } END { exit !found }' \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# choose_ports: keeps those of var/ports.ini; a port that somebody else occupies is replaced by the next free one.
choose_ports() {
  local entry name port wanted chosen=' '
  for entry in "${WANTED_PORTS[@]}"; do
    name=${entry%%:*}
    wanted=$(ini_get "$VAR/ports.ini" ports "$name")
    wanted=${wanted:-${entry##*:}}
    port=$wanted
    if ! running "${name%_http}"; then
      while port_taken "$port" || [[ $chosen == *" $port "* ]]; do port=$((port + 10)); done
      [[ $port == "$wanted" ]] || say "Port $wanted is taken by another program: $name uses $port (kept in $VAR/ports.ini)"
    fi
    PORT[$name]=$port
    chosen+="$port "
  done
  {
    echo '# Ports of this cell on 127.0.0.1; change them here and run ops/down, ops/up.'
    echo '[ports]'
    for entry in "${WANTED_PORTS[@]}"; do printf '%s = %s\n' "${entry%%:*}" "${PORT[${entry%%:*}]}"; done
  } | keep_file "$VAR/ports.ini" 644 || true
}

service_section() {
  local service=$1
  printf '\n[%s]\n' "$service"
  printf 'listen = tcp://127.0.0.1:%s\n' "$(port_of "$service")"
  printf 'http = 127.0.0.1:%s\n' "$(port_of "${service}_http")"
  printf 'database = host=%s dbname=wangge user=wangge_%s\n' "$PG_SOCKET" "$service"
  printf 'owner_database = host=%s dbname=wangge user=wangge_owner\n' "$PG_SOCKET"
  printf 'key = %s\n' "$VAR/keys/$service.key"
  if [[ -e $VAR/clock ]]; then printf 'clock = %s/clock\n' "$VAR"; fi
  case $service in
  registry) [[ -e $VAR/clock ]] || printf 'intake = tcp://127.0.0.1:%s\n' "$(port_of intake)" ;; # duties are of real days
  routing | land) printf 'intake = tcp://127.0.0.1:%s\n' "$(port_of intake)" ;;
  tracking)
    printf 'intake = tcp://127.0.0.1:%s\n' "$(port_of intake)"
    printf 'routing = tcp://127.0.0.1:%s\n' "$(port_of routing)"
    printf 'clocks = %s/share/ops/demo/reference/clocks.ini\n' "$VAR"
    ;;
  esac
  if [[ $service == routing || $service == land ]]; then printf 'tracking = tcp://127.0.0.1:%s\n' "$(port_of tracking)"; fi
  if [[ $service == routing && -e $VAR/text.model ]]; then printf 'model = %s/text.model\n' "$VAR"; fi
  if [[ $service != registry ]]; then printf 'registry = tcp://127.0.0.1:%s\n' "$(port_of registry)"; fi
}

# write_settings: the services' file. Written anew each time: what it says comes from ports.ini and the tree.
write_settings() {
  {
    echo '# Written by ops/up. Settings: wangge-intake --help and so on; the environment WANGGE_<SECTION>_<KEY> overrides.'
    printf '[common]\nprincipals = %s/principals.ini\nshare = %s/share\n' "$VAR" "$VAR"
    local service
    for service in "${SERVICES[@]}"; do service_section "$service"; done
  } | keep_file "$VAR/wangge.ini" 644 || true
}

# write_client_settings: where the services are and their public keys, for the wangge command.
write_client_settings() {
  local service
  {
    echo '# Written by ops/up. The wangge command looks for ./var/client.ini, the file of WANGGE_CONFIG or --config.'
    echo '[services]'
    for service in "${SERVICES[@]}"; do printf '%s = tcp://127.0.0.1:%s\n' "$service" "$(port_of "$service")"; done
    echo '[keys]'
    for service in "${SERVICES[@]}"; do printf '%s = %s\n' "$service" "$(public_key "$service")"; done
    echo '[client]'
    printf 'key_dir = %s/keys\nas = operator\n' "$VAR"
  } | keep_file "$VAR/client.ini" 644 || true
}

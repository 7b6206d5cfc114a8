# packages.sh: Debian packages from a list, only those that are missing.
# shellcheck shell=bash

# missing_packages FILE: prints the packages of the list that are not installed.
missing_packages() {
  local wanted
  wanted=$(sed 's/#.*//' "$1" | tr -s ' \t' '\n' | sed '/^$/d')
  # shellcheck disable=SC2086  # one word per package
  { dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null || true; } |
    awk -v wanted="$wanted" '
      $2 == "installed" { have[$1] = 1 }
      END { n = split(wanted, w, "\n"); for (i = 1; i <= n; i++) if (!(w[i] in have)) print w[i] }'
}

# install_packages FILE: installs what is missing and says so; without anything missing it touches no network.
install_packages() {
  command -v dpkg-query >/dev/null || die "this needs Debian 12 (dpkg is missing); docker-compose.yml is for other systems"
  local missing
  mapfile -t missing < <(missing_packages "$1")
  ((${#missing[@]})) || return 0
  say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  keep_no_cluster "${missing[@]}"
  local log
  log=$(mktemp)
  if ! apt_get update >"$log" 2>&1 || ! without_starting apt_get install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
    tail -n 40 "$log" >&2
    die "apt-get could not install the packages (whole log: $log)"
  fi
  rm -f "$log"
  # Some are wanted for a tool only; their daemon has no business on this machine.
  if [[ " ${missing[*]} " == *" prometheus "* && -d /run/systemd/system ]]; then as_root systemctl disable --quiet prometheus; fi
}

# without_starting COMMAND…: while it runs, packages start no daemon (policy-rc.d of Debian's invoke-rc.d).
without_starting() {
  local policy=/usr/sbin/policy-rc.d code=0
  if [[ -e $policy ]]; then
    "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod 755 "$policy"
  "$@" || code=$?
  as_root rm -f "$policy"
  return "$code"
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a apt-get -q -o DPkg::Lock::Timeout=300 "$@"
}

# keep_no_cluster PACKAGES…: Debian's PostgreSQL makes and starts a cluster of its own when it is installed; we need none.
keep_no_cluster() {
  local folder=/etc/postgresql-common/createcluster.d
  [[ " $* " == *" postgresql-15 "* && ! -e /etc/postgresql-common/createcluster.conf && ! -e $folder/wangge.conf ]] || return 0
  say "  (telling PostgreSQL's package to make no cluster of its own: $folder/wangge.conf)"
  as_root mkdir -p "$folder"
  echo 'create_main_cluster = false' | as_root tee "$folder/wangge.conf" >/dev/null
}

# keys.sh: a CURVE key per principal under VAR/keys and the principals file that says what each key is for.
# shellcheck shell=bash

# public_key NAME: prints the Z85 public key.
public_key() { sed -n 's/^public[ \t]*=[ \t]*//p' "$VAR/keys/$1.key"; }

is_service() { [[ " ${SERVICES[*]} " == *" $1 "* ]]; }

# make_key NAME: makes the key if there is none. A service's key belongs to the service user, the others to the caller.
make_key() {
  local file=$VAR/keys/$1.key
  if [[ ! -s $file ]]; then
    rm -f "$file"
    "$BUILD/ops/cli/wangge" keys generate "$1" --key-dir "$VAR/keys" >"$VAR/log/keys.log" 2>&1 || {
      cat "$VAR/log/keys.log" >&2
      die "the key of $1 could not be made"
    }
    if ((EUID == 0)) && is_service "$1"; then chown "$SERVICE_USER:" "$file"; fi
  fi
}

# demo_principals: prints "NAME<tab>KEY = VALUE" lines of every principal of the demo cell.
demo_principals() {
  awk '/^\[/ { name = substr($0, 2, length($0) - 2); next }
       /^[a-z]/ { printf "%s\t%s\n", name, $0 }' "$ROOT/ops/demo/principals.ini"
  awk -F, 'FNR > 1 && !seen[$1]++ { printf "%s\troles = department\n%s\tdepartment = %s\n", $1, $1, $1 }' \
    "$ROOT/ops/demo/reference/department.csv"
  # Who plays a year (ops/year) also speaks for the grids.
  if [[ -e $VAR/clock ]]; then
    awk -F, 'FNR > 1 && $2 == "370117" { printf "%s\troles = department\n%s\tdepartment = %s\n", $1, $1, $1 }' \
      "$ROOT/ops/demo/reference/grid.csv" "$ROOT/ops/demo/reference/community.csv"
  fi
}

# ini_put SECTION KEY VALUE: copies stdin, with that line in the section.
ini_put() {
  awk -v section="[$1]" -v key="$2" -v value="$3" '
    /^\[/ { inside = $0 == section }
    inside && $0 ~ "^" key "[ \t]*=" { next }
    { print }
    $0 == section { printf "%s = %s\n", key, value }'
}

# mend_service FILE NAME KEY WANTED: a service of an earlier release may lack what it needs now. Roles are added to those it
# has, another line only where there is none; what somebody has taken from others than services stays taken.
mend_service() {
  local file=$1 name=$2 key=$3 wanted=$4 has role given
  has=$(ini_get "$file" "$name" "$key")
  given=$has
  if [[ $key != roles ]]; then given=${has:-$wanted}; else
    for role in ${wanted//,/ }; do
      [[ " ${given//,/ } " == *" $role "* ]] || given=${given:+$given, }$role
    done
  fi
  [[ $given == "$has" ]] && return
  ini_put "$name" "$key" "$given" <"$file" >"$file.put"
  mv -f "$file.put" "$file"
  say "principals.ini: [$name] $key = $given (was: ${has:-nothing}), which this release needs"
}

# write_principals: makes missing keys and adds missing sections, and what a service lacks. What an operator changed in
# var/principals.ini stays.
write_principals() {
  local name line last='' file=$VAR/principals.ini fresh=$VAR/principals.ini.new known
  known=$(sed -n 's/^\[\(.*\)\]$/\1/p' "$file" 2>/dev/null) || known=''
  if [[ -e $file ]]; then cat "$file" >"$fresh"; else
    echo '# Who may do what, by public key. Services read it again when it changes; format: common/bus/bus.h.' >"$fresh"
  fi
  while IFS=$'\t' read -r name line; do
    if [[ $name != "$last" ]]; then
      last=$name
      if [[ $'\n'$known$'\n' != *$'\n'"$name"$'\n'* ]]; then
        make_key "$name"
        printf '\n[%s]\nkey = %s\n' "$name" "$(public_key "$name")" >>"$fresh"
      fi
    fi
    if [[ $'\n'$known$'\n' != *$'\n'"$name"$'\n'* ]]; then printf '%s\n' "$line" >>"$fresh"
    elif is_service "$name"; then mend_service "$fresh" "$name" "${line%% = *}" "${line#* = }"; fi
  done < <(demo_principals)
  keep_file "$file" 644 <"$fresh" || true
  rm -f "$fresh"
}

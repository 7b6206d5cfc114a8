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
}

# write_principals: makes missing keys and adds missing sections. What an operator changed in var/principals.ini stays.
write_principals() {
  local name line last='' file=$VAR/principals.ini fresh=$VAR/principals.ini.new known
  known=$(sed -n 's/^\[\(.*\)\]$/\1/p' "$file" 2>/dev/null) || known=''
  if [[ -e $file ]]; then cat "$file" >"$fresh"; else
    echo '# Who may do what, by public key. Services read it again when it changes; format: common/bus/bus.h.' >"$fresh"
  fi
  while IFS=$'\t' read -r name line; do
    if [[ $name != "$last" ]]; then
      last=$name
      [[ $'\n'$known$'\n' == *$'\n'"$name"$'\n'* ]] && continue
      make_key "$name"
      printf '\n[%s]\nkey = %s\n' "$name" "$(public_key "$name")" >>"$fresh"
    fi
    [[ $'\n'$known$'\n' == *$'\n'"$name"$'\n'* ]] || printf '%s\n' "$line" >>"$fresh"
  done < <(demo_principals)
  keep_file "$file" 644 <"$fresh" || true
  rm -f "$fresh"
}

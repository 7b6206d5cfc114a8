# suites.sh: the suites of ops/test. Each is a function suite_NAME (with _ for -) that runs in a process of its own, in
# ROOT, writes what it sees to stdout, returns non-zero when it failed, and may say how many tests it ran with `count`.
# shellcheck shell=bash

# name, seconds until it counts as hanging, what it is
readonly SUITE_TABLE='
shell 120 shellcheck over every script
format 120 clang-format over every C file
docs 900 links and commands in the documents exist
compose 120 docker-compose.yml is valid and keeps its promises
rules 120 Prometheus configuration, alert rules and their tests
systemd 120 the units are valid and hardened
build-gcc 900 gcc, every warning an error
build-clang 900 clang, every warning an error
unit 900 cmocka tests
unit-asan 1500 the same under AddressSanitizer and UndefinedBehaviorSanitizer
tidy 1800 clang-tidy with .clang-tidy
fuzz 1200 each fuzz target over its corpus and a fixed number of runs
system 2400 pytest against real services built with the sanitizers
faults 2400 pytest: kills, outages, lost replies
up 1500 a fresh clone: ops/up, a push, ops/up again, ops/down --wipe
'
mapfile -t ALL_SUITES < <(awk 'NF { print $1 }' <<<"$SUITE_TABLE")
# shellcheck disable=SC2034  # read by ops/test
QUICK_SUITES=(shell format docs compose rules systemd build-gcc unit)

list_suites() { awk 'NF { n = $1; $1 = $2 = ""; printf "%-11s%s\n", n, $0 }' <<<"$SUITE_TABLE"; }
suite_limit() { awk -v n="$1" '$1 == n { print $2 }' <<<"$SUITE_TABLE"; }
known_suite() { [[ " ${ALL_SUITES[*]} " == *" $1 "* ]]; }

# count PASSED FAILED [SKIPPED]
count() { printf '%d %d %d\n' "$1" "$2" "${3:-0}" >"$RESULT"; }
jobs_count() { printf '%s' "${WANGGE_JOBS:-$(nproc)}"; }
# check_each LIST-OF-COMMAND-LINES on stdin: runs every line, as many at a time as there are processors, shows what each
# says in one piece, counts those that succeed and those that do not.
check_each() {
  local results passed failed
  results=$(mktemp)
  export -f check_line
  tr '\n' '\0' | xargs -0 -r -n 1 -P "$(jobs_count)" bash -c 'check_line "$@"' check_line "$results"
  passed=$(awk '/passed/ { n++ } END { print n + 0 }' "$results")
  failed=$(awk '/failed/ { n++ } END { print n + 0 }' "$results")
  rm -f "$results"
  count "$passed" "$failed"
  ((failed == 0 && passed > 0))
}
# check_line RESULTS LINE: runs one line of check_each; always succeeds, how it went is one more line of the file RESULTS.
check_line() {
  local said word=passed
  if ! said=$(bash -c "$2" 2>&1 </dev/null); then
    word=failed
    said+="${said:+$'\n'}failed: $2"
  fi
  if [[ -n $said ]]; then printf '%s\n' "$said"; fi
  echo "$word" >>"$1"
}
c_files() { find common services ops tests -name '*.[ch]' -not -path '*/node_modules/*' | sort; }

suite_shell() {
  grep -rlE '^#!(/usr/bin/env bash|/bin/(ba)?sh)|^# shellcheck shell=' ops .ci proto tests --include='*' 2>/dev/null | sort -u |
    sed "s/.*/shellcheck -x '&'/" | check_each
}
# Shows what clang-format would change, at most 20 lines of each file.
suite_format() { c_files | sed "s/.*/clang-format '&' | diff -u --label '&' --label formatted '&' - | head -n 20; ((! PIPESTATUS[1]))/" | check_each; }
suite_compose() {
  docker-compose -f docker-compose.yml config -q && python3 ops/docker/check_compose.py "$RESULT"
}
suite_rules() {
  check_each <<'LINES'
promtool check config ops/prometheus/prometheus.yml
promtool check rules ops/prometheus/alerts.yml
promtool test rules ops/prometheus/alerts_test.yml
ops/prometheus/check_names
LINES
}
suite_systemd() { ops/systemd/check; }

# build_folder NAME: configures build/NAME and prints its path; options differ, sources do not.
build_folder() {
  local folder=$ROOT/build/$1
  case $1 in
  gcc) CC=gcc configure "$folder" --buildtype=debugoptimized ;;
  clang) CC=clang configure "$folder" --buildtype=debugoptimized ;;
  # -O1 and line tables are compiled in half the time; the instrumented code runs as fast, and reports name the line. gcc
  # warns of truncation by what -O2 knows of ranges: that is the other build's matter.
  asan) CC=gcc configure "$folder" --buildtype=debug -Doptimization=1 -Db_sanitize=address,undefined \
    -Dc_args='-fno-sanitize-recover=all -fno-omit-frame-pointer -g1 -Wno-format-truncation' ;;
  fuzz) CC=clang configure "$folder" --buildtype=debugoptimized -Dfuzz=true -Dtests=false -Db_lundef=false \
    -Db_sanitize=address,undefined -Dc_args='-fno-sanitize-recover=all -fsanitize=fuzzer-no-link' ;;
  esac
}
# build NAME [TARGETS…]: everything of it, or only these.
build() { build_folder "$1" && ninja -C "$ROOT/build/$1" -j "$(jobs_count)" "${@:2}"; }
suite_build_gcc() { build gcc; }
# The documents are checked against the command of this very tree, never against whatever was built last.
suite_docs() {
  build_folder gcc && ninja -C build/gcc -j "$(jobs_count)" ops/cli/wangge &&
    python3 ops/lib/check_docs.py "$RESULT" build/gcc/ops/cli/wangge
}
suite_build_clang() { build clang; }

# unit_tests FOLDER: runs meson's tests; every cmocka case counts.
unit_tests() {
  local code=0 log=$ROOT/build/$1/meson-logs/testlog.txt
  rm -f "$log"
  meson test -C "$ROOT/build/$1" --no-rebuild --num-processes "$(jobs_count)" --timeout-multiplier 10 --print-errorlogs || code=$?
  if [[ ! -e $log ]]; then
    count 0 0 1
    return "$code"
  fi
  count "$(sed -n 's/.*\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')" \
    "$(sed -n 's/.*\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')" \
    "$(sed -n 's/.*\[  SKIPPED \] \([0-9]*\) test.*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')"
  return "$code"
}
suite_unit() { build gcc && unit_tests gcc; }
suite_unit_asan() { build asan && unit_tests asan; }

suite_tidy() {
  build clang || return
  local files
  mapfile -t files < <(c_files | grep '\.c$' | grep -v '^tests/fuzz/')
  if ((${#files[@]} == 0)); then
    count 0 0 1
    return
  fi
  # "file": entries that are not ours (generated code) are never named here.
  run-clang-tidy -quiet -j "$(jobs_count)" -p build/clang "${files[@]/#/$ROOT/}" 2>&1 |
    sed 's/\x1b\[[0-9;]*m//g' | grep -v -e '^clang-tidy' -e 'warnings generated' -e '^$'
  return "${PIPESTATUS[0]}"
}

# fuzz_target NAME: a fixed number of runs over its corpus; what it finds new goes to a folder that is removed.
fuzz_target() {
  local scratch code=0
  scratch=$(mktemp -d)
  echo "--- fuzz_$1"
  "build/fuzz/tests/fuzz/fuzz_$1" -runs="${WANGGE_FUZZ_RUNS:-20000}" -seed=1 -timeout=25 -rss_limit_mb=2048 \
    -max_total_time=60 -artifact_prefix="var/test/fuzz_$1-" "$scratch" "tests/fuzz/corpus/$1" || code=$?
  rm -rf "$scratch"
  return "$code"
}
suite_fuzz() {
  local names
  mapfile -t names < <(basename -a -s .c tests/fuzz/fuzz_*.c | sed 's/^fuzz_//')
  # Only the targets: the services and the command are not run in this build.
  build fuzz "${names[@]/#/tests/fuzz/fuzz_}" || return
  mkdir -p "${names[@]/#/tests/fuzz/corpus/}"
  export -f fuzz_target
  printf 'fuzz_target %s\n' "${names[@]}" | check_each
}

# python_tests FOLDER BUILD WORKERS: pytest with the services of that build; counts come from its report.
python_tests() {
  local report code=0
  if [[ ! -x build/$2/services/tracking/wangge-tracking ]] || ! compgen -G "tests/$1/test_*.py" >/dev/null; then
    echo "nothing to run yet: no services or no tests/$1"
    count 0 0 1
    return
  fi
  report=$(mktemp)
  # A file is the unit, because its tests share a cell.
  WANGGE_TEST_BUILD=$ROOT/build/$2 python3 -m pytest -p no:cacheprovider -ra --durations=10 -o junit_family=xunit1 \
    -n "$3" --dist loadfile -o faulthandler_timeout=600 --junitxml="$report" "tests/$1" || code=$?
  python3 ops/lib/junit_count.py "$report" >"$RESULT" || true
  rm -f "$report"
  return "$code"
}
# One more than there are processors: some wait for what takes its time, a backoff or a lease.
suite_system() { build asan && python_tests system asan $(($(jobs_count) + 1)); }
suite_faults() { build gcc && python_tests faults gcc "$(jobs_count)"; }
suite_up() {
  # Without all services and the command there is no system to start.
  if [[ ! -e ops/cli/main.c || ! -e services/intake/main.c || ! -e services/tracking/main.c ]]; then
    count 0 0 1
    return
  fi
  ops/lib/check_up
}

# demo.sh: pushes the demo feed once, as the sources whose names the files have.
# shellcheck shell=bash

# push_demo: ops/demo/feed/SOURCE.jsonl is pushed as SOURCE. Pushing again would be harmless (same keys, same answers);
# the mark only saves the time.
push_demo() {
  local file source
  [[ -e $VAR/state/demo-pushed ]] && return
  for file in "$ROOT"/ops/demo/feed/*.jsonl "$ROOT"/ops/demo/feed/*.csv; do
    [[ -e $file ]] || continue
    source=$(basename "${file%.*}")
    say "Pushing the demo feed ${file#"$ROOT"/} as $source"
    WANGGE_CONFIG=$VAR/client.ini "$BUILD/ops/cli/wangge" push --source "$source" "$file" >"$VAR/log/demo-$source.log" 2>&1 || {
      tail -n 20 "$VAR/log/demo-$source.log" >&2
      die "the demo feed of $source was not taken"
    }
  done
  touch "$VAR/state/demo-pushed"
}

say_next() {
  cat <<NEXT
Wangge is up: registry $(port_of registry), intake $(port_of intake), routing $(port_of routing), tracking $(port_of tracking) on 127.0.0.1; settings, keys and logs in ${VAR#"$PWD"/}

Try next:
  ops/wangge queues                              # every stream and consumer
  ops/wangge top                                 # the same, live
  ops/wangge follow --department water           # what the water department gets
  ops/wangge push --source hotline-12345 FILE    # push orders of your own (.jsonl or .csv)
  ops/wangge show 1                              # one order's whole way
  ops/down                                       # stop; ops/down --wipe forgets the data too
NEXT
}

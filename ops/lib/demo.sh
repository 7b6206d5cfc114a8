# demo.sh: imports the demo districts and pushes the demo feed, each once.
# shellcheck shell=bash

# import_demo: the demo districts' records into the registry, from which the other services take them. Only once: what is
# changed in the registry afterwards stays.
import_demo() {
  local log=$VAR/log/demo-reference.log
  [[ -e $VAR/state/demo-imported ]] && return
  await_service registry
  say "Importing the demo districts into the registry"
  WANGGE_CONFIG=$VAR/client.ini "$BUILD/ops/cli/wangge" registry import "$ROOT/ops/demo/reference" --as registrar \
    --reason 演示数据 >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    die "the demo districts were not taken"
  }
  touch "$VAR/state/demo-imported"
}

# train_demo: a model of texts from the demo feed, so that similar orders are found and categories are suggested. Only
# once: a model of one's own (wangge train --out var/text.model) stays.
train_demo() {
  local log=$VAR/log/demo-model.log
  [[ -e $VAR/text.model ]] && return
  say "Training the demo's model of texts"
  cat "$ROOT"/ops/demo/feed/*.jsonl | "$BUILD/ops/cli/wangge" train --labels - --out "$VAR/text.model" >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    die "no model of texts was made"
  }
  touch "$VAR/state/demo-model" # made here: --wipe forgets it
}

# push_demo: ops/demo/feed/SOURCE.jsonl is pushed as SOURCE. Pushing again would be harmless (same keys, same answers);
# the mark only saves the time.
push_demo() {
  local file source
  [[ -e $VAR/state/demo-pushed ]] && return
  await_reference
  for file in "$ROOT"/ops/demo/feed/*.jsonl "$ROOT"/ops/demo/feed/*.csv; do
    [[ -e $file ]] || continue
    source=$(basename "${file%.*}")
    say "Pushing the demo feed ${file#"$ROOT"/} as $source"
    WANGGE_CONFIG=$VAR/client.ini "$BUILD/ops/cli/wangge" push --source "$source" "$file" >"$VAR/log/demo-$source.log" 2>&1 || {
      tail -n 20 "$VAR/log/demo-$source.log" >&2
      die "the demo feed of $source was not taken"
    }
  done
  WANGGE_CONFIG=$VAR/client.ini "$BUILD/ops/cli/wangge" themes sweep >"$VAR/log/demo-themes.log" 2>&1 ||
    die "no sweep for themes began ($VAR/log/demo-themes.log)"
  touch "$VAR/state/demo-pushed"
}

# answer_demo brings the photo that the lists name, applies them and answers the questionnaire with 40 tokens.
answer_demo() {
  local wangge=$BUILD/ops/cli/wangge token n=0
  "$wangge" attach put "$ROOT/ops/demo/scene.png" --district 370117 --as registrar || return
  "$wangge" lists apply "$VAR/state/demo-lists.jsonl" || return
  "$wangge" questionnaire tokens 2027-needs --count 40 --request-id demo >"$VAR/state/demo-tokens" || return
  while read -r token; do
    n=$((n + 1))
    "$wangge" questionnaire answer 2027-needs "$token" --as gateway --request-id "demo-answer-of-number-$n" "1=$((n % 4 + 1))" "2=$((n % 3 + 1)),4" "3=$((n % 3 + 3))" \
      "4=$((n % 2 + 1))" "5=建议$n" || return
  done <"$VAR/state/demo-tokens"
}

# fill_demo_lists: pledges, meetings and a questionnaire with some answers. The questionnaire is open for the next 90 days.
fill_demo_lists() {
  local log=$VAR/log/demo-lists.log
  [[ -e $VAR/state/demo-lists ]] && return
  say "Filling the demo district's lists"
  sed "s/@CLOSES_AT@/$((($(date +%s) + 90 * 86400) * 1000000))/" "$ROOT/ops/demo/lists.jsonl" >"$VAR/state/demo-lists.jsonl"
  WANGGE_CONFIG=$VAR/client.ini answer_demo >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    die "the demo district's lists were not taken"
  }
  rm -f "$VAR/state/demo-tokens"
  touch "$VAR/state/demo-lists"
}

say_next() {
  if [[ ! -e $VAR/state/demo-imported ]]; then
    cat <<NEXT
Wangge is up, its registry empty: intake, routing, tracking and land become ready when they have reference data. Import yours:
  ops/wangge registry export all FOLDER --template    # empty forms to fill in
  ops/wangge registry import FOLDER --as registrar --reason '初次建库'
NEXT
    return
  fi
  cat <<NEXT
Wangge is up: registry $(port_of registry), intake $(port_of intake), routing $(port_of routing), tracking $(port_of tracking), land $(port_of land) on 127.0.0.1; settings, keys and logs in ${VAR#"$PWD"/}

Try next:
  ops/wangge queues                              # every stream and consumer
  ops/wangge top                                 # the same, live
  ops/wangge follow --department water           # what the water department gets
  ops/wangge push --source hotline-12345 FILE    # push orders of your own (.jsonl or .csv)
  ops/wangge show 1                              # one order's whole way
  ops/wangge pledge list                         # what was promised this year; also meeting, questionnaire
  ops/wangge suggestions                         # orders that may be one problem
  ops/villages                                   # a year of the land of 21 villages, in a cell of its own
  ops/down                                       # stop; ops/down --wipe forgets the data too
NEXT
}

// Which categories the orders of a bench run have, and which departments follow.

#include "ops/cli/bench.h"

#include "common/base/clock.h"
#include "common/wire/wire.h"

#include "wangge/v1/routing.pb-c.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool prefix_of(const char *prefix, const char *category) {
  size_t length = strlen(prefix);
  return strncmp(prefix, category, length) == 0 && (category[length] == 0 || category[length] == '/');
}

static bool unconditional(const Wangge__V1__Rule *rule) {
  return rule->area[0] == 0 && rule->source[0] == 0 && rule->valid_from[0] == 0 && rule->valid_to[0] == 0 &&
         rule->place_text[0] == 0 && rule->parcel_ownership[0] == 0 && rule->channel == 0 && rule->kind == 0 &&
         rule->urgency == 0 && rule->from_minute == rule->to_minute && strcmp(rule->department, "grid") != 0;
}

// decide finds the department of a category by the first rule that can match. NULL: none, or it depends on more than
// category and district.
static const char *decide(const Wangge__V1__RulesResponse *rules, const char *district, const char *category) {
  for (size_t i = 0; i < rules->n_rules; i++) {
    const Wangge__V1__Rule *rule = rules->rules[i];
    if (rule->category_prefix[0] != 0 && !prefix_of(rule->category_prefix, category)) continue;
    if (rule->district[0] != 0 && strcmp(rule->district, district) != 0) continue;
    // Orders of a run have no grid and an address of their own kind: a rule for an area does not meet them.
    if (rule->area[0] != 0) continue;
    return unconditional(rule) ? rule->department : NULL;
  }
  return NULL;
}

static bool add_department(struct bench *bench, const char *department, int64_t most) {
  for (int i = 0; i < bench->department_count; i++)
    if (strcmp(bench->departments[i], department) == 0) return true;
  if (bench->department_count == most) return false;
  bench->departments[bench->department_count++] = department;
  return true;
}

// A category to use and the department its orders go to.
struct choice {
  const char *category, *department;
};
struct choices {
  struct choice choice[BENCH_CATEGORIES];
  int count;
};

static void add_choice(struct bench *bench, struct choices *choices, const Wangge__V1__RulesResponse *rules,
                       const char *category) {
  const char *department = decide(rules, bench->district, category);
  if (category[0] != 0 && department != NULL && choices->count < BENCH_CATEGORIES)
    choices->choice[choices->count++] = (struct choice){category, department};
}

static wg_status read_categories(struct bench *bench, struct choices *choices, const Wangge__V1__RulesResponse *rules,
                                 const char *path, struct wg_error *error) {
  FILE *file = fopen(path, "re");
  if (file == NULL) return wg_fail(error, WG_NOT_FOUND, "categories", "cannot open %s", path);
  char line[1024];
  while (fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\r\n")] = 0;
    add_choice(bench, choices, rules, wg_arena_strdup(bench->cli->arena, line));
  }
  fclose(file);
  return WG_OK;
}

// probe pushes one order of each category (rules may name categories that the tree does not have) and keeps those that
// intake takes. At most `BENCH_BATCH` categories are tried.
static wg_status probe(struct bench *bench, struct choices *choices, struct wg_error *error) {
  static Wangge__V1__NewOrder order[BENCH_BATCH], *pointer[BENCH_BATCH];
  Wangge__V1__PushRequest request = WANGGE__V1__PUSH_REQUEST__INIT;
  if (choices->count > BENCH_BATCH) choices->count = BENCH_BATCH;
  for (int i = 0; i < choices->count; i++) {
    wangge__v1__new_order__init(&order[i]);
    order[i].external_id = wg_arena_printf(bench->cli->arena, "bench-%s-probe-%d", bench->run, i);
    order[i].district = (char *)(uintptr_t)bench->district;
    order[i].kind = WANGGE__V1__ORDER_KIND__ORDER_KIND_SUGGESTION;
    order[i].category = (char *)(uintptr_t)choices->choice[i].category;
    order[i].title = order[i].text = order[i].external_id;
    order[i].occurred_at = wg_now_us();
    pointer[i] = &order[i];
  }
  request.source = (char *)(uintptr_t)bench->sources[0];
  request.orders = pointer;
  request.n_orders = (size_t)choices->count;
  const char *before = bench->cli->principal;
  bench->cli->principal = bench->sources[0];
  ProtobufCMessage *message = NULL;
  wg_status status = cli_call(bench->cli, 0, "wangge.v1.Intake/Push", &request.base,
                              &wangge__v1__push_response__descriptor, &message, error);
  bench->cli->principal = before;
  if (status != WG_OK) return status;
  const Wangge__V1__PushResponse *response = (Wangge__V1__PushResponse *)message;
  int kept = 0;
  for (int i = 0; i < choices->count && (size_t)i < response->n_results; i++) {
    const Wangge__V1__PushResult *result = response->results[i];
    if (result->outcome == WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_ACCEPTED)
      choices->choice[kept++] = choices->choice[i];
    else if (result->error != NULL && strstr(result->error->field, "category") == NULL)
      wg_status_read(result->error, error);
  }
  choices->count = kept;
  if (kept > 0) *error = (struct wg_error){0};
  return error->code;
}

// bench_choose asks routing for its rules and takes categories that lead to at most `most` departments. Is their number
// smaller, further departments of the rules follow too, as long as their keys are here: subscribers that get nothing.
wg_status bench_choose(struct bench *bench, int64_t most, struct wg_error *error) {
  static struct choices choices;
  Wangge__V1__RulesRequest request = WANGGE__V1__RULES_REQUEST__INIT;
  ProtobufCMessage *message = NULL;
  if (cli_call(bench->cli, 1, "wangge.v1.Routing/Rules", &request.base, &wangge__v1__rules_response__descriptor,
               &message, error) != WG_OK)
    return error->code;
  const Wangge__V1__RulesResponse *rules = (Wangge__V1__RulesResponse *)message;
  const char *path = cli_text(&bench->cli->parsed, "categories");
  if (path != NULL && read_categories(bench, &choices, rules, path, error) != WG_OK) return error->code;
  for (size_t i = 0; path == NULL && i < rules->n_rules; i++)
    add_choice(bench, &choices, rules, rules->rules[i]->category_prefix);
  if (choices.count > 0 && probe(bench, &choices, error) != WG_OK) return error->code;
  if (choices.count == 0)
    return wg_fail(error, WG_FAILED_PRECONDITION, "categories", "no category leads to a department by itself");
  for (int i = 0; i < choices.count; i++)
    if (add_department(bench, choices.choice[i].department, most))
      bench->categories[bench->category_count++] = choices.choice[i].category;
  for (size_t i = 0; i < rules->n_rules; i++) {
    const char *name = rules->rules[i]->department;
    if (access(wg_arena_printf(bench->cli->arena, "%s/%s.key", bench->cli->key_dir, name), R_OK) == 0)
      add_department(bench, name, most);
  }
  return WG_OK;
}

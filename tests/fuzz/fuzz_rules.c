// Any bytes as rule file: refused with a message, or a table in which every line is a rule or a finding, and whose
// index decides as a plain walk through the rules would.
#include "services/routing/rules.h"

#include "services/routing/csv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct routing_departments *departments(void) {
  static struct routing_departments *made;
  if (made) return made;
  const char text[] = "[water]\nname = a\nlevel = district\n";
  struct wg_error error;
  char path[] = "/tmp/fuzz-rules-XXXXXX";
  const int fd = mkstemp(path);
  if (fd < 0 || write(fd, text, sizeof text - 1) < 0 || routing_departments_open(path, &made, &error) != WG_OK) abort();
  close(fd);
  unlink(path);
  return made;
}

// A rule must be met by the order that is made of its own conditions, unless an earlier one takes it.
static void check_rule(const struct routing_rules *rules, size_t at, struct wg_arena *arena) {
  struct routing_rule *rule = &rules->rules[at];
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.category = (char *)(uintptr_t)rule->category;
  order.district = (char *)(uintptr_t)(*rule->district ? rule->district : "370117");
  order.source = (char *)(uintptr_t)rule->source;
  if (rule->area_is_grid) order.grid_code = (char *)(uintptr_t)rule->area;
  else order.address = (char *)(uintptr_t)rule->area;
  order.channel = (Wangge__V1__Channel)rule->channel;
  order.kind = (Wangge__V1__OrderKind)rule->kind;
  order.urgency = (Wangge__V1__Urgency)rule->urgency;
  const int64_t day = rule->from_day != INT32_MIN ? rule->from_day : rule->to_day != INT32_MAX ? rule->to_day : 20000;
  order.received_at = day * INT64_C(86400000000);
  const struct routing_rule *found = routing_rules_match(rules, &order);
  if (!found || found > rule) abort();
  if (!*routing_rule_evidence(found, &order, arena)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct routing_rules *rules = NULL;
  struct wg_error error = {0};
  if (routing_rules_parse((struct wg_bytes){data, size}, departments(), &rules, &error) != WG_OK) {
    if (!*error.message || rules) abort();
    return 0;
  }
  struct wg_arena *arena = wg_arena_create(4096);
  size_t count = 0, lines = 0, broken = 0;
  const struct routing_finding *findings = routing_rules_findings(rules, 20000, arena, &count);
  for (size_t i = 0; i < count; i++)
    broken += findings[i].kind == ROUTING_BROKEN;
  struct routing_csv csv;
  routing_csv_open(&csv, (struct wg_bytes){data, size}, arena);
  while (routing_csv_next(&csv))
    lines++;
  if (rules->count + broken + 1 != lines) abort();
  for (size_t i = 0; i < rules->count; i++)
    check_rule(rules, i, arena);
  wg_arena_destroy(arena);
  routing_rules_close(rules);
  return 0;
}

// Any bytes as a packed list of records (those of a Put): every rule is in force or a finding, the index decides as a
// plain walk through the rules would, and what is said is UTF-8. Bytes that are no such message are taken as a
// dispatch_rule.csv.
#include "common/base/text.h"
#include "common/records/records.h"
#include "common/wire/wire.h"
#include "services/routing/rules.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth) {
  if (!truth) abort();
}

// input_of makes an order that meets a rule's own conditions.
static struct routing_rule_input input_of(const struct routing_rule *rule, Wangge__V1__Order *order) {
  *order = (Wangge__V1__Order)WANGGE__V1__ORDER__INIT;
  order->category = (char *)(uintptr_t)rule->category;
  order->district = (char *)(uintptr_t)rule->district;
  order->source = (char *)(uintptr_t)rule->source;
  order->address = (char *)(uintptr_t)rule->place_text;
  order->channel = (Wangge__V1__Channel)rule->channel;
  order->kind = (Wangge__V1__OrderKind)rule->kind;
  order->urgency = (Wangge__V1__Urgency)rule->urgency;
  const int64_t day = rule->from_day != INT32_MIN ? rule->from_day : rule->to_day != INT32_MAX ? rule->to_day : 20000;
  order->received_at = (day * 1440 + rule->from_minute - 480) * INT64_C(60000000);
  struct routing_rule_input input = routing_rule_input_make(order, NULL);
  if (rule->area_kind == ROUTING_AREA_CODE) input.area = rule->area;
  if (rule->area_kind == ROUTING_AREA_PLACE) input.places[input.place_count++] = rule->area;
  input.parcel = rule->parcel;
  return input;
}

static void check_rule(const struct routing_rules *rules, size_t at, struct wg_arena *arena) {
  const struct routing_rule *rule = routing_rules_at(rules, at);
  Wangge__V1__Order order;
  const struct routing_rule_input input = input_of(rule, &order);
  must(rule->from_day > rule->to_day || !routing_rule_failing(rule, &input) || rule->area_kind == ROUTING_AREA_CODE);
  struct routing_ruling ruling;
  routing_rules_match(rules, &input, &ruling);
  const struct routing_rule *expected = NULL;
  const struct routing_rule *one;
  for (size_t i = 0; !expected && (one = routing_rules_at(rules, i)); i++) {
    if (routing_rule_failing(one, &input)) continue;
    if (!one->lead_is_grid || !ruling.department_duty) expected = one;
  }
  must(ruling.rule == expected);
  must(wg_utf8_valid(wg_bytes_of(routing_ruling_evidence(&ruling, &input, arena))));
  size_t count = 0, others = 0;
  const struct routing_trace *trace = routing_rules_explain(rules, &input, arena, &count, &others);
  for (size_t i = 0; i < count; i++)
    must(*trace[i].text && wg_utf8_valid(wg_bytes_of(trace[i].text)));
}

static void check(const Wangge__V1__Record *const *records, size_t count, struct wg_arena *arena) {
  struct routing_rules *rules = routing_rules_build(records, count, NULL);
  size_t finding_count = 0, broken = 0, given = 0;
  const struct routing_finding *findings = routing_rules_findings(rules, 20000, arena, &finding_count);
  for (size_t i = 0; i < finding_count; i++) {
    broken += findings[i].kind == ROUTING_BROKEN;
    must(wg_utf8_valid(wg_bytes_of(findings[i].message)));
  }
  for (size_t i = 0; i < count; i++)
    given += records[i]->body_case == WANGGE__V1__RECORD__BODY_DISPATCH_RULE && !records[i]->deleted &&
             *records[i]->code && strlen(records[i]->code) < 180;
  must(routing_rules_count(rules) + broken == given);
  for (size_t i = 0; i < routing_rules_count(rules) && i < 64; i++)
    check_rule(rules, i, arena);
  struct routing_rules *again = routing_rules_build(records, count, rules);
  must(strcmp(routing_rules_version(again, ""), routing_rules_version(rules, "")) == 0);
  routing_rules_close(again);
  routing_rules_close(rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct wg_arena *arena = wg_arena_create(16 << 10);
  ProtobufCMessage *message = NULL;
  struct wg_error error = {0};
  const struct wg_bytes bytes = {data, size};
  if (wg_unpack(&wangge__v1__put_request__descriptor, bytes, arena, &message, &error) == WG_OK) {
    const Wangge__V1__PutRequest *put = (const Wangge__V1__PutRequest *)message;
    check((const Wangge__V1__Record *const *)put->records, put->n_records, arena);
  } else {
    struct wg_reading reading;
    wg_reading_start(&reading, arena, "370117");
    if (wg_records_read_bytes(&reading, "dispatch_rule.csv", bytes, wg_kind_find("dispatch_rule"), &error) == WG_OK)
      check((const Wangge__V1__Record *const *)reading.set.record, reading.set.count, arena);
    wg_reading_stop(&reading);
  }
  wg_arena_destroy(arena);
  return 0;
}

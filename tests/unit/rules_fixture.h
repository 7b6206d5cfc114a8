// Catalogues for tests, written down as short rows.
#pragma once

#include "services/routing/rules.h"
#include "tests/unit/unit.h"

#include <string.h>

struct rule_row { // NULL and 0: nothing said
  const char *id, *lead, *category, *area, *place_text, *source, *from, *to, *parcel, *assist, *district;
  int rank, channel, kind, urgency, from_minute, to_minute;
};
struct category_row {
  const char *path;
  bool duty;
};

struct rules_fixture { // records in memory of an arena
  struct wg_arena *arena;
  const Wangge__V1__Record *record[24000];
  size_t count;
};

static inline char *fixture_text(const char *text) {
  return (char *)(uintptr_t)(text ? text : "");
}

static inline Wangge__V1__Record *fixture_record(struct rules_fixture *fixture, const char *district, const char *code,
                                                 Wangge__V1__Record__BodyCase body_case) {
  Wangge__V1__Record *record = wg_arena_alloc(fixture->arena, sizeof *record);
  wangge__v1__record__init(record);
  record->district = fixture_text(district ? district : "370117");
  record->code = fixture_text(code);
  record->body_case = body_case;
  assert_true(fixture->count < sizeof fixture->record / sizeof *fixture->record);
  fixture->record[fixture->count++] = record;
  return record;
}

static inline void fixture_department(struct rules_fixture *fixture, const char *district, const char *code) {
  Wangge__V1__Department *body = wg_arena_alloc(fixture->arena, sizeof *body);
  wangge__v1__department__init(body);
  fixture_record(fixture, district, code, WANGGE__V1__RECORD__BODY_DEPARTMENT)->department = body;
}

static inline void fixture_category(struct rules_fixture *fixture, const char *path, bool duty) {
  Wangge__V1__Category *body = wg_arena_alloc(fixture->arena, sizeof *body);
  wangge__v1__category__init(body);
  body->path = fixture_text(path);
  body->department_duty = duty;
  fixture_record(fixture, NULL, wg_arena_printf(fixture->arena, "test/%s", path), WANGGE__V1__RECORD__BODY_CATEGORY)
      ->category = body;
}

static inline void fixture_grid(struct rules_fixture *fixture, const char *code) {
  Wangge__V1__Grid *body = wg_arena_alloc(fixture->arena, sizeof *body);
  wangge__v1__grid__init(body);
  fixture_record(fixture, NULL, code, WANGGE__V1__RECORD__BODY_GRID)->grid = body;
}

static inline void fixture_place(struct rules_fixture *fixture, const char *code) {
  Wangge__V1__Place *body = wg_arena_alloc(fixture->arena, sizeof *body);
  wangge__v1__place__init(body);
  fixture_record(fixture, NULL, code, WANGGE__V1__RECORD__BODY_PLACE)->place = body;
}

static inline void fixture_rule(struct rules_fixture *fixture, const struct rule_row *row) {
  Wangge__V1__DispatchRule *body = wg_arena_alloc(fixture->arena, sizeof *body);
  wangge__v1__dispatch_rule__init(body);
  body->rank = row->rank;
  body->category_prefix = fixture_text(row->category);
  body->area = fixture_text(row->area);
  body->place_text = fixture_text(row->place_text);
  body->source = fixture_text(row->source);
  body->valid_from = fixture_text(row->from);
  body->valid_to = fixture_text(row->to);
  body->parcel_ownership = fixture_text(row->parcel);
  body->lead = fixture_text(row->lead);
  body->channel = (Wangge__V1__Channel)row->channel;
  body->kind = (Wangge__V1__OrderKind)row->kind;
  body->urgency = (Wangge__V1__Urgency)row->urgency;
  body->from_minute = row->from_minute;
  body->to_minute = row->to_minute;
  if (row->assist) { // joined by "|"
    body->assists = wg_arena_alloc(fixture->arena, 16 * sizeof *body->assists);
    char *rest = wg_arena_strdup(fixture->arena, row->assist);
    for (char *one; (one = strsep(&rest, "|"));)
      body->assists[body->n_assists++] = one;
  }
  fixture_record(fixture, row->district, row->id, WANGGE__V1__RECORD__BODY_DISPATCH_RULE)->dispatch_rule = body;
}

// fixture_build takes rules and categories; ranks that are not given are those of the rows. Departments: water,
// housing, urban, police.
static inline struct routing_rules *fixture_build(struct rules_fixture *fixture, const struct rule_row *rules,
                                                  size_t count, const struct category_row *categories,
                                                  size_t category_count) {
  static const char *const departments[] = {"water", "housing", "urban", "police"};
  for (size_t i = 0; i < sizeof departments / sizeof *departments; i++)
    fixture_department(fixture, NULL, departments[i]);
  for (size_t i = 0; i < category_count; i++)
    fixture_category(fixture, categories[i].path, categories[i].duty);
  for (size_t i = 0; i < count; i++) {
    struct rule_row row = rules[i];
    if (!row.rank) row.rank = (int)i + 1;
    fixture_rule(fixture, &row);
  }
  return routing_rules_build(fixture->record, fixture->count, NULL);
}

static inline Wangge__V1__Order fixture_order(const char *category, const char *address, const char *grid) {
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.order_id = 1;
  order.district = fixture_text("370117");
  order.source = fixture_text("hotline-12345");
  order.channel = WANGGE__V1__CHANNEL__CHANNEL_HOTLINE_12345;
  order.kind = WANGGE__V1__ORDER_KIND__ORDER_KIND_HELP;
  order.urgency = WANGGE__V1__URGENCY__URGENCY_NORMAL;
  order.category = fixture_text(category);
  order.address = fixture_text(address);
  order.grid_code = fixture_text(grid);
  return order;
}

static inline const struct routing_finding *fixture_finding(const struct routing_finding *findings, size_t count,
                                                            const char *rule_id, enum routing_finding_kind kind) {
  for (size_t i = 0; i < count; i++) {
    if (findings[i].kind == kind && strcmp(findings[i].rule_id, rule_id) == 0) return &findings[i];
  }
  return NULL;
}

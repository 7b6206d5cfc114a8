// Reading calls of works, in reader threads.
#include "services/land/read.h"

#include "common/base/text.h"
#include "services/land/topic.h"
#include "services/land/works/works.h"

#include <string.h>

// --- UseRules ---
wg_status land_check_use_rules(const struct wg_principal *caller, const ProtobufCMessage *message,
                               struct wg_error *error) {
  const Wangge__V1__UseRulesRequest *request = (const Wangge__V1__UseRulesRequest *)message;
  if (!*request->village) return WG_OK;
  const wg_status status = land_check_village(caller, request->village, error);
  if (status == WG_OK && strlen(request->village) != 12)
    return wg_fail(error, WG_INVALID_ARGUMENT, "village", "must be the 12 digits of a village, or empty");
  return status;
}

static Wangge__V1__UseRulesResponse__Row *make_row(struct wg_arena *arena, const char *id, Wangge__V1__UseRule *rule,
                                                   bool own) {
  Wangge__V1__UseRulesResponse__Row *row = wg_arena_alloc(arena, sizeof *row);
  wangge__v1__use_rules_response__row__init(row);
  row->id = (char *)(uintptr_t)id;
  row->rule = rule;
  row->own = own;
  return row;
}

static Wangge__V1__UseRule *of_program(struct wg_arena *arena, const struct land_use_rule *rule) {
  Wangge__V1__UseRule *one = wg_arena_alloc(arena, sizeof *one);
  wangge__v1__use_rule__init(one);
  one->use = rule->use;
  one->standard = (char *)(uintptr_t)rule->standard;
  one->class_prefix = (char *)(uintptr_t)rule->class_prefix;
  one->basic_farmland = rule->basic_farmland;
  one->surface_farmed = rule->surface_farmed;
  one->result = rule->result;
  one->law = (char *)(uintptr_t)rule->law;
  one->document = (char *)(uintptr_t)rule->document;
  one->confirmed = rule->confirmed;
  return one;
}

// own_rules gives the rules of a village; a village has a few dozen, a page holds 1,000.
static wg_status own_rules(struct wg_read_call *call, char *village, Wangge__V1__ListLandResponse **own,
                           struct wg_error *error) {
  Wangge__V1__ListLandRequest list = WANGGE__V1__LIST_LAND_REQUEST__INIT;
  list.village = village;
  list.kind = (char *)(uintptr_t)land_kind_name(LAND_KIND(USE_RULE));
  list.limit = 1000;
  struct wg_read_call inner = *call;
  inner.request = &list.base;
  ProtobufCMessage *answer = NULL;
  const wg_status status = land_read_list(&inner, &answer, error);
  if (status == WG_OK) *own = (Wangge__V1__ListLandResponse *)answer;
  return status;
}

wg_status land_read_use_rules(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__UseRulesRequest *request = (const Wangge__V1__UseRulesRequest *)call->request;
  Wangge__V1__ListLandResponse *own = NULL;
  const wg_status status = *request->village ? own_rules(call, request->village, &own, error) : WG_OK;
  if (status != WG_OK) return status;
  const size_t own_count = own ? own->n_records : 0;
  Wangge__V1__UseRulesResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__use_rules_response__init(response);
  response->rules = wg_arena_alloc(call->arena, (own_count + LAND_USE_RULE_COUNT) * sizeof *response->rules);
  for (size_t i = 0; i < own_count; i++) {
    const Wangge__V1__LandRecord *record = own->records[i]->record;
    response->rules[response->n_rules++] = make_row(call->arena, record->id, record->use_rule, true);
  }
  for (size_t i = 0; i < LAND_USE_RULE_COUNT; i++)
    response->rules[response->n_rules++] =
        make_row(call->arena, LAND_USE_RULES[i].id, of_program(call->arena, &LAND_USE_RULES[i]), false);
  *reply = &response->base;
  return WG_OK;
}

// --- Figures ---
static wg_status check_day(const char *text, const char *field, struct wg_error *error) {
  int32_t day;
  if (!*text || (land_day_read(text, &day))) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be a civil day, YYYY-MM-DD, or empty");
}

wg_status land_check_figures(const struct wg_principal *caller, const ProtobufCMessage *message,
                             struct wg_error *error) {
  const Wangge__V1__LandFiguresRequest *request = (const Wangge__V1__LandFiguresRequest *)message;
  wg_status status = land_check_village(caller, request->village, error);
  if (status == WG_OK) status = check_day(request->from, "from", error);
  if (status == WG_OK) status = check_day(request->to, "to", error);
  if (status == WG_OK && (request->by < 0 || request->by > WANGGE__V1__FIGURES_BY__FIGURES_BY_DISTRICT))
    status = wg_fail(error, WG_INVALID_ARGUMENT, "by", "must be village, town or district");
  return status;
}

enum { PAGE = 2000 };
// Villages by the primary key of village_head, and of each the kinds that count by the primary key of record: parcels,
// which are most of it, are not read. The village itself comes last of its records.
static const struct wg_statement FIGURES = {
    "land_figures",
    "SELECT r.village, r.kind, r.id, r.body FROM village_head h JOIN record r ON r.district = h.district "
    "AND r.village = h.village WHERE h.district = $1 AND h.village >= $2 AND h.village < $3 "
    "AND r.kind IN ('cleaning_cost', 'homestay', 'land_work', 'outcome', 'planting', 'site_plan', 'village_info') "
    "AND (r.state IN ('accepted', 'admitted', 'opened') OR (r.attributes->>'accepted')::boolean "
    "OR r.kind = 'village_info') AND NOT r.ended AND (r.village, r.kind, r.id) > ($4, $5, $6) ORDER BY r.village, "
    "r.kind, r.id LIMIT $7",
    7};

struct place { // of the last record of the page before
  char village[16], kind[64], id[72];
};

static wg_status add_rows(const PGresult *result, struct wg_arena *page, struct land_figures *figures,
                          struct place *place, struct wg_error *error) {
  const int rows = PQntuples(result);
  for (int row = 0; row < rows; row++) {
    Wangge__V1__LandRecord *record;
    if (land_read_record(wg_get_bytea(result, row, 3), page, &record, error) != WG_OK) return error->code;
    land_figures_add(figures, record);
  }
  if (!rows) return WG_OK;
  snprintf(place->village, sizeof place->village, "%s", wg_get_text(result, rows - 1, 0));
  snprintf(place->kind, sizeof place->kind, "%s", wg_get_text(result, rows - 1, 1));
  snprintf(place->id, sizeof place->id, "%s", wg_get_text(result, rows - 1, 2));
  return WG_OK;
}

static wg_status add_page(struct wg_read_call *call, struct wg_arena *page, struct land_figures *figures,
                          struct place *place, int *rows, struct wg_error *error) {
  const char *village = figures->request->village;
  struct wg_params *params = wg_params(page, 7);
  wg_param_text(params, wg_arena_printf(page, "%.6s", village));
  wg_param_text(params, village);
  wg_param_text(params, wg_arena_printf(page, "%s:", village)); // ':' follows '9'
  wg_param_text(params, place->village);
  wg_param_text(params, place->kind);
  wg_param_text(params, place->id);
  wg_param_i64(params, PAGE);
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, &FIGURES, params, &result, error);
  if (status != WG_OK) return status;
  *rows = PQntuples(result);
  status = add_rows(result, page, figures, place, error);
  PQclear(result);
  return status;
}

wg_status land_read_figures(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  struct land_figures figures = {.arena = call->arena,
                                 .request = (const Wangge__V1__LandFiguresRequest *)call->request};
  land_figures_begin(&figures);
  struct wg_arena *page = wg_arena_create(256 * 1024);
  struct place place = {"", "", ""};
  wg_status status = WG_OK;
  for (int rows = PAGE; rows == PAGE && status == WG_OK; wg_arena_reset(page))
    status = add_page(call, page, &figures, &place, &rows, error);
  wg_arena_destroy(page);
  if (status != WG_OK) return status;
  land_figures_end(&figures);
  *reply = &figures.response->base;
  return WG_OK;
}

// See yard.h: the Puts of simple kinds as tables, and what the topic consists of.
#include "services/land/yard/yard.h"

#include "common/base/text.h"
#include "services/land/shape.h"

#include <string.h>

#define TYPE(NAME) &wangge__v1__##NAME##_request__descriptor
enum { NAME_BYTES = 128, LINE_BYTES = 512, COUNT_MOST = 1000000, ROOMS_MOST = 1000 };
#define AREA_MOST INT64_C(10000000) // 100,000 m²
#define MONEY_MOST INT64_C(100000000000)

static const struct land_spec PLOT[] = {
    {"name", LAND_SPEC_TEXT, true, 0, NAME_BYTES, 0}, {"household", LAND_SPEC_RECORD, true, 0, 0, LAND_KIND(PARTY)},
    {"use", LAND_SPEC_CHOICE, true, 0, 0, 0},         {"area_dm2", LAND_SPEC_NUMBER, true, 100, AREA_MOST, 0},
    {"boundary", LAND_SPEC_AREA, false, 0, 0, 0},     {NULL},
};
static const struct land_spec RULE[] = {
    {"name", LAND_SPEC_TEXT, true, 0, NAME_BYTES, 0},
    {"text", LAND_SPEC_LONG, true, 0, 8192, 0},
    {"decision", LAND_SPEC_RECORD, true, 0, 0, LAND_KIND(DECISION)},
    {"adopted_on", LAND_SPEC_DAY, true, 0, 0, 0},
    {"state", LAND_SPEC_CHOICE, true, 0, 0, 0},
    {NULL},
};
static const struct land_spec RESPONSIBILITY[] = {
    {"name", LAND_SPEC_TEXT, true, 0, NAME_BYTES, 0},
    {"household", LAND_SPEC_RECORD, true, 0, 0, LAND_KIND(PARTY)},
    {"duty", LAND_SPEC_TEXT, true, 0, LINE_BYTES, 0},
    {"from", LAND_SPEC_DAY, true, 0, 0, 0},
    {"to", LAND_SPEC_DAY, false, 0, 0, 0},
    {"boundary", LAND_SPEC_AREA, false, 0, 0, 0},
    {NULL},
};
static const struct land_spec PLANTING[] = {
    {"name", LAND_SPEC_TEXT, true, 0, NAME_BYTES, 0},
    {"use", LAND_SPEC_CHOICE, true, 0, 0, 0},
    {"count", LAND_SPEC_NUMBER, true, 1, COUNT_MOST, 0},
    {"alive", LAND_SPEC_NUMBER, true, 0, COUNT_MOST, 0},
    {"planted_on", LAND_SPEC_DAY, true, 0, 0, 0},
    {"funder", LAND_SPEC_TEXT, false, 0, NAME_BYTES, 0},
    {"accepted_on", LAND_SPEC_DAY, false, 0, 0, 0},
    {"photos", LAND_SPEC_HASHES, false, 0, 20, 0},
    {NULL},
};
static const struct land_spec STREET[] = {
    {"name", LAND_SPEC_TEXT, true, 0, NAME_BYTES, 0},
    {"round", LAND_SPEC_TEXT, true, 0, 64, 0},
    {NULL},
};
static const struct land_spec COST[] = {
    {"name", LAND_SPEC_TEXT, true, 0, NAME_BYTES, 0},
    {"budget_fen", LAND_SPEC_NUMBER, true, 0, MONEY_MOST, 0},
    {"actual_fen", LAND_SPEC_NUMBER, true, 0, MONEY_MOST, 0},
    {"evidence", LAND_SPEC_TEXT, false, 0, LINE_BYTES, 0},
    {NULL},
};
static const struct land_spec PURCHASE[] = {
    {"name", LAND_SPEC_TEXT, true, 0, NAME_BYTES, 0},
    {"unit", LAND_SPEC_TEXT, true, 0, 32, 0},
    {"unit_price_fen", LAND_SPEC_NUMBER, true, 1, MONEY_MOST, 0},
    {"quotes", LAND_SPEC_HASHES, true, 2, 20, 0},
    {"bought_on", LAND_SPEC_DAY, true, 0, 0, 0},
    {NULL},
};
static const struct land_spec HOMESTEAD[] = {
    {"name", LAND_SPEC_TEXT, true, 0, NAME_BYTES, 0},
    {"holder", LAND_SPEC_RECORD, true, 0, 0, LAND_KIND(PARTY)},
    {"area_dm2", LAND_SPEC_NUMBER, true, 100, AREA_MOST, 0},
    {"certificate", LAND_SPEC_TEXT, false, 0, NAME_BYTES, 0},
    {"boundary", LAND_SPEC_AREA, false, 0, 0, 0},
    {"idle_since", LAND_SPEC_DAY, false, 0, 0, 0},
    {NULL},
};
static const struct land_spec HOUSE[] = {
    {"name", LAND_SPEC_TEXT, true, 0, NAME_BYTES, 0},
    {"homestead", LAND_SPEC_RECORD, true, 0, 0, LAND_KIND(HOMESTEAD)},
    {"rooms", LAND_SPEC_NUMBER, true, 1, ROOMS_MOST, 0},
    {"grade", LAND_SPEC_CHOICE, true, 0, 0, 0},
    {"idle_since", LAND_SPEC_DAY, false, 0, 0, 0},
    {"wish", LAND_SPEC_TEXT, false, 0, LINE_BYTES, 0},
    {NULL},
};
static const struct land_spec BED[] = {
    {"name", LAND_SPEC_TEXT, true, 0, NAME_BYTES, 0},
    {"plot", LAND_SPEC_RECORD, false, 0, 0, LAND_KIND(YARD_PLOT)},
    {"homestead", LAND_SPEC_RECORD, false, 0, 0, LAND_KIND(HOMESTEAD)},
    {"tenant", LAND_SPEC_RECORD, false, 0, 0, LAND_KIND(PARTY)},
    {"season", LAND_SPEC_TEXT, true, 0, 32, 0},
    {"area_dm2", LAND_SPEC_NUMBER, true, 1, AREA_MOST, 0},
    {"price_fen", LAND_SPEC_NUMBER, false, 0, MONEY_MOST, 0},
    {NULL},
};
static const struct land_spec HOMESTAY[] = {
    {"name", LAND_SPEC_TEXT, true, 0, NAME_BYTES, 0},
    {"homestead", LAND_SPEC_RECORD, true, 0, 0, LAND_KIND(HOMESTEAD)},
    {"licence", LAND_SPEC_TEXT, true, 0, NAME_BYTES, 0},
    {"opened_on", LAND_SPEC_DAY, true, 0, 0, 0},
    {"rooms", LAND_SPEC_NUMBER, true, 1, ROOMS_MOST, 0},
    {NULL},
};

// --- what one field alone cannot show ---
static wg_status village_rule(struct land_write *write, ProtobufCMessage *body, const ProtobufCMessage *before,
                              struct wg_error *error) {
  (void)before, (void)error;
  const Wangge__V1__VillageRule *rule = (const Wangge__V1__VillageRule *)body;
  const Wangge__V1__LandRecord *decision = land_get(write, LAND_KIND(DECISION), rule->decision);
  if (decision && strcmp(land_state(decision, write->arena), "passed") != 0)
    land_refuse(write, (struct land_what){.code = "village_rule.decision",
                                          .pointer = "/rule/decision",
                                          .zh = "村规须由已通过的决议采纳",
                                          .en = "a rule is adopted by a decision that has passed",
                                          .kind = LAND_KIND(DECISION),
                                          .id = rule->decision});
  return WG_OK;
}

static wg_status responsibility(struct land_write *write, ProtobufCMessage *body, const ProtobufCMessage *before,
                                struct wg_error *error) {
  (void)write, (void)before;
  const Wangge__V1__Responsibility *one = (const Wangge__V1__Responsibility *)body;
  if (!*one->to || land_day(one->to) >= land_day(one->from)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "responsibility.to", "must not be before `from`");
}

static wg_status planting(struct land_write *write, ProtobufCMessage *body, const ProtobufCMessage *before,
                          struct wg_error *error) {
  (void)before;
  const Wangge__V1__Planting *one = (const Wangge__V1__Planting *)body;
  if (one->alive > one->count)
    return wg_fail(error, WG_INVALID_ARGUMENT, "planting.alive", "must be at most `count`, %d", one->count);
  if (land_day(one->planted_on) > write->today)
    return wg_fail(error, WG_INVALID_ARGUMENT, "planting.planted_on", "must not be in the future");
  if (one->accepted && (!*one->accepted_on || !one->n_photos))
    return land_refuse(write, (struct land_what){.code = "planting.acceptance",
                                                 .pointer = "/planting/photos",
                                                 .zh = "验收需要日期和照片",
                                                 .en = "an acceptance needs its day and a photo"});
  return WG_OK;
}

char *yard_accepted_on(const struct land_write *write, bool accepted, const char *before) {
  if (!accepted) return (char *)(uintptr_t)protobuf_c_empty_string;
  return *before ? wg_arena_strdup(write->arena, before) : land_day_text(write->arena, write->today);
}

static wg_status cleaning_cost(struct land_write *write, ProtobufCMessage *body, const ProtobufCMessage *before,
                               struct wg_error *error) {
  (void)error;
  Wangge__V1__CleaningCost *cost = (Wangge__V1__CleaningCost *)body;
  const Wangge__V1__CleaningCost *stood = (const Wangge__V1__CleaningCost *)before;
  cost->accepted_on = yard_accepted_on(write, cost->accepted, stood ? stood->accepted_on : "");
  if (cost->accepted && !*cost->evidence)
    land_refuse(write, (struct land_what){.code = "cleaning_cost.acceptance",
                                          .pointer = "/cost/evidence",
                                          .zh = "核定费用需要凭据",
                                          .en = "an account that is accepted needs its evidence"});
  return WG_OK;
}

// The quantity is what the households take together.
static wg_status purchase(struct land_write *write, ProtobufCMessage *body, const ProtobufCMessage *before,
                          struct wg_error *error) {
  (void)before;
  Wangge__V1__BulkPurchase *one = (Wangge__V1__BulkPurchase *)body;
  int64_t sum = 0;
  if (one->n_shares < 1 || one->n_shares > 1000)
    return wg_fail(error, WG_INVALID_ARGUMENT, "purchase.shares", "must be 1 to 1,000");
  for (size_t i = 0; i < one->n_shares; i++) {
    if (one->shares[i]->quantity < 1 || one->shares[i]->quantity > COUNT_MOST)
      return wg_fail(error, WG_INVALID_ARGUMENT, "purchase.shares", "a share is 1 to %d", COUNT_MOST);
    if (!land_get(write, LAND_KIND(PARTY), one->shares[i]->household))
      return land_unknown(write, land_text(write, "/purchase/shares/%zu/household", i), LAND_KIND(PARTY),
                          one->shares[i]->household);
    sum += one->shares[i]->quantity;
  }
  if (sum > COUNT_MOST) return wg_fail(error, WG_INVALID_ARGUMENT, "purchase.shares", "are more than %d", COUNT_MOST);
  one->quantity = (int32_t)sum;
  return WG_OK;
}

static const struct land_put PUTS[] = {
    {TYPE(put_yard_plot), LAND_KIND(YARD_PLOT), PLOT, NULL},
    {TYPE(put_village_rule), LAND_KIND(VILLAGE_RULE), RULE, village_rule},
    {TYPE(put_responsibility), LAND_KIND(RESPONSIBILITY), RESPONSIBILITY, responsibility},
    {TYPE(put_planting), LAND_KIND(PLANTING), PLANTING, planting},
    {TYPE(put_street_evaluation), LAND_KIND(STREET_EVALUATION), STREET, yard_street},
    {TYPE(put_cleaning_cost), LAND_KIND(CLEANING_COST), COST, cleaning_cost},
    {TYPE(put_bulk_purchase), LAND_KIND(BULK_PURCHASE), PURCHASE, purchase},
    {TYPE(put_homestead), LAND_KIND(HOMESTEAD), HOMESTEAD, yard_homestead},
    {TYPE(put_house), LAND_KIND(HOUSE), HOUSE, NULL},
    {TYPE(put_garden_bed), LAND_KIND(GARDEN_BED), BED, yard_bed},
    {TYPE(put_homestay), LAND_KIND(HOMESTAY), HOMESTAY, yard_homestay},
};

static wg_status put(struct land_write *write, struct wg_error *error) {
  size_t i = 0;
  while (PUTS[i].request != write->request->descriptor)
    i++;
  return land_put_body(write, &PUTS[i], error);
}

// --- the topic ---
static const struct land_action ACTIONS[] = {
    {"put_yard_plot", TYPE(put_yard_plot), put},
    {"put_village_rule", TYPE(put_village_rule), put},
    {"put_responsibility", TYPE(put_responsibility), put},
    {"put_planting", TYPE(put_planting), put},
    {"put_street_evaluation", TYPE(put_street_evaluation), put},
    {"close_round", TYPE(close_round), yard_close_round},
    {"put_cleaning_cost", TYPE(put_cleaning_cost), put},
    {"put_bulk_purchase", TYPE(put_bulk_purchase), put},
    {"report_breach", TYPE(report_breach), yard_report_breach},
    {"advance_breach", TYPE(advance_breach), yard_advance_breach},
    {"put_homestead", TYPE(put_homestead), put},
    {"put_house", TYPE(put_house), put},
    {"put_garden_bed", TYPE(put_garden_bed), put},
    {"put_homestay", TYPE(put_homestay), put},
    {"sign_agreement", TYPE(sign_agreement), yard_sign_agreement},
    {"end_agreement", TYPE(end_agreement), yard_end_agreement},
    {"place_service", TYPE(place_service), yard_place_service},
    {"advance_service", TYPE(advance_service), yard_advance_service},
    {NULL},
};

static const struct wg_method METHODS[] = {
    LAND_METHOD_WRITE("LandYard/PutYardPlot", put_yard_plot, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandYard/PutVillageRule", put_village_rule, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandYard/PutResponsibility", put_responsibility, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandYard/PutPlanting", put_planting, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandYard/PutStreetEvaluation", put_street_evaluation, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandYard/CloseRound", close_round, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandYard/PutCleaningCost", put_cleaning_cost, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandYard/PutBulkPurchase", put_bulk_purchase, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandYard/ReportBreach", report_breach, LAND_KEEPERS | WG_ROLE_TOWNSHIP | WG_ROLE_SOURCE),
    LAND_METHOD_WRITE("LandYard/AdvanceBreach", advance_breach, WG_ROLE_VILLAGE | WG_ROLE_TOWNSHIP),
    {.name = "wangge.v1.LandYard/YardFigures",
     .request = TYPE(yard_figures),
     .response = &wangge__v1__yard_figures_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_ANY,
     .check = yard_check_figures,
     .read = yard_read_figures},
    LAND_METHOD_WRITE("LandHomestead/PutHomestead", put_homestead, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandHomestead/PutHouse", put_house, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandHomestead/PutGardenBed", put_garden_bed, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandHomestead/PutHomestay", put_homestay, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandHomestead/SignAgreement", sign_agreement, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandHomestead/EndAgreement", end_agreement, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandHomestead/PlaceService", place_service, WG_ROLE_VILLAGE | WG_ROLE_SERVICE),
    LAND_METHOD_WRITE("LandHomestead/AdvanceService", advance_service, WG_ROLE_VILLAGE),
    {.name = NULL},
};

static const struct land_timer TIMERS[] = {
    {LAND_KIND(RULE_BREACH), yard_breach_due}, {LAND_KIND(OPERATION_AGREEMENT), yard_agreement_due}, {0, NULL}};

static struct wg_bytes plot_wkb(const Wangge__V1__LandRecord *record, struct wg_arena *arena) {
  return land_wkb_of_wkt(record->yard_plot->boundary, arena);
}
static struct wg_bytes zone_wkb(const Wangge__V1__LandRecord *record, struct wg_arena *arena) {
  return land_wkb_of_wkt(record->responsibility->boundary, arena);
}
static struct wg_bytes homestead_wkb(const Wangge__V1__LandRecord *record, struct wg_arena *arena) {
  return land_wkb_of_wkt(record->homestead->boundary, arena);
}
static const struct land_shape SHAPES[] = {{LAND_KIND(YARD_PLOT), plot_wkb},
                                           {LAND_KIND(RESPONSIBILITY), zone_wkb},
                                           {LAND_KIND(HOMESTEAD), homestead_wkb},
                                           {0, NULL}};

const struct land_topic LAND_YARD_TOPIC = {.methods = METHODS,
                                           .actions = ACTIONS,
                                           .timers = TIMERS,
                                           .shapes = SHAPES,
                                           .states = YARD_STATES,
                                           .news = yard_breach_news};

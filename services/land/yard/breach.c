// Breaches of the three bans (三禁) and of village rules: reported, looked at by another person, notified with a
// deadline, put right with a photo. One whose deadline passes becomes an order: it is pushed to intake and goes the way
// of all orders. What becomes of the order comes back (news.h): closed, open again, or ended without effect, after
// which the breach is notified anew and may become another order. That it was put right still needs the photo here.
#include "services/land/survey/survey.h"
#include "services/land/yard/yard.h"

#include "common/base/text.h"
#include "services/land/base.h"
#include "services/land/news.h"

#include <inttypes.h>
#include <string.h>

#define STATE(NAME) WANGGE__V1__BREACH_STATE__BREACH_STATE_##NAME
enum { PHOTOS_MOST = 20, NOTE_BYTES = 1024 };

static const struct land_move MOVES[] = {
    {"verify", STATE(REPORTED), STATE(VERIFIED)}, {"dismiss", STATE(REPORTED), STATE(DISMISSED)},
    {"notify", STATE(VERIFIED), STATE(NOTIFIED)}, {"fix", STATE(NOTIFIED), STATE(FIXED)},
    {"fix", STATE(ESCALATED), STATE(FIXED)},      {"fix", STATE(CLOSED), STATE(FIXED)},
};
// What the day and the order do; the order of a fixed breach is reopened when residents say that it was not fixed.
static const struct land_move FOLLOWS[] = {
    {"its deadline passed", STATE(NOTIFIED), STATE(ESCALATED)},
    {"its order was closed", STATE(ESCALATED), STATE(CLOSED)},
    {"its order is open again", STATE(CLOSED), STATE(ESCALATED)},
    {"its order was reopened", STATE(CLOSED), STATE(ESCALATED)},
    {"its order was reopened", STATE(FIXED), STATE(ESCALATED)},
    {"its order is void or withdrawn", STATE(ESCALATED), STATE(VERIFIED)},
};

const struct land_states YARD_STATES[] = {{.kind = LAND_KIND(RULE_BREACH),
                                           .calls = MOVES,
                                           .call_count = sizeof MOVES / sizeof *MOVES,
                                           .follows = FOLLOWS,
                                           .follow_count = sizeof FOLLOWS / sizeof *FOLLOWS},
                                          {0}};

static const struct land_spec SPECS[] = {
    {"kind", LAND_SPEC_CHOICE, true, 0, 0, 0},
    {"plot", LAND_SPEC_RECORD, false, 0, 0, LAND_KIND(YARD_PLOT)},
    {"parcel", LAND_SPEC_RECORD, false, 0, 0, LAND_KIND(PARCEL)},
    {"homestead", LAND_SPEC_RECORD, false, 0, 0, LAND_KIND(HOMESTEAD)},
    {"rule", LAND_SPEC_RECORD, false, 0, 0, LAND_KIND(VILLAGE_RULE)},
    {"text", LAND_SPEC_LONG, true, 0, 2048, 0},
    {"photos", LAND_SPEC_HASHES, true, 0, PHOTOS_MOST, 0},
    {NULL},
};

wg_status yard_report_breach(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__ReportBreachRequest *request = (const void *)write->request;
  const Wangge__V1__RuleBreach *given = request->breach;
  if (!given) return wg_fail(error, WG_INVALID_ARGUMENT, "breach", "must be given");
  if (land_spec_check(write, &given->base, SPECS, "breach", error) != WG_OK) return error->code;
  if ((*given->plot != 0) + (*given->parcel != 0) + (*given->homestead != 0) != 1)
    return wg_fail(error, WG_INVALID_ARGUMENT, "breach.plot", "one of plot, parcel and homestead must say where it is");
  if (write->refused) return WG_OK;
  Wangge__V1__RuleBreach *breach = land_make(write, LAND_KIND(RULE_BREACH), land_new_id(write, "breach"));
  breach->state = STATE(REPORTED);
  breach->kind = given->kind;
  breach->plot = given->plot;
  breach->parcel = given->parcel;
  breach->homestead = given->homestead;
  breach->rule = given->rule;
  breach->text = given->text;
  breach->photos = given->photos;
  breach->n_photos = given->n_photos;
  breach->reported_on = land_day_text(write->arena, write->today);
  breach->reported_by = write->write->person;
  return WG_OK;
}

static wg_status check_photos(const Wangge__V1__AdvanceBreachRequest *request, struct wg_error *error) {
  if (request->n_photos > PHOTOS_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "photos", "must be at most %d", PHOTOS_MOST);
  for (size_t i = 0; i < request->n_photos; i++) {
    if (wg_hash_check(request->photos[i], "photos", error) != WG_OK) return error->code;
  }
  return wg_text_check(request->note, NOTE_BYTES, WG_TEXT_PLAIN, "note", error);
}

// What an event needs besides the state; a finding says what is missing.
static wg_status check_event(struct land_write *write, const Wangge__V1__RuleBreach *breach,
                             const Wangge__V1__AdvanceBreachRequest *request, struct wg_error *error) {
  if (strcmp(request->event, "verify") == 0 && strcmp(breach->reported_by, write->write->person) == 0)
    return land_refuse(write, (struct land_what){.code = "rule_breach.same_person",
                                                 .pointer = "/write/person",
                                                 .zh = "上报人不能自己核实，请由他人核实",
                                                 .en = "who reported it does not verify it; another person must"});
  if (strcmp(request->event, "fix") == 0 && !request->n_photos)
    return land_refuse(write, (struct land_what){.code = "rule_breach.photo",
                                                 .pointer = "/photos",
                                                 .zh = "整改完成需要照片",
                                                 .en = "that it was put right needs a photo"});
  if (strcmp(request->event, "notify") != 0) return WG_OK;
  int32_t day;
  if (!land_day_read(request->deadline, &day))
    return wg_fail(error, WG_INVALID_ARGUMENT, "deadline", "must be a civil day, YYYY-MM-DD");
  if (day > write->today) return WG_OK;
  return land_refuse(write, (struct land_what){.code = "rule_breach.deadline",
                                               .pointer = "/deadline",
                                               .zh = "整改期限最早为明天",
                                               .en = "the deadline is tomorrow at the earliest",
                                               .earliest = write->today + 1});
}

wg_status yard_advance_breach(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__AdvanceBreachRequest *request = (const void *)write->request;
  if (wg_token_check(request->id, 64, "id", error) != WG_OK || check_photos(request, error) != WG_OK)
    return error->code;
  static const char *const events[] = {"verify", "dismiss", "notify", "fix"};
  size_t known = 0;
  while (known < 4 && strcmp(request->event, events[known]) != 0)
    known++;
  if (known == 4) return wg_fail(error, WG_INVALID_ARGUMENT, "event", "must be verify, dismiss, notify or fix");
  const Wangge__V1__RuleBreach *stands = LAND_GET(write, RULE_BREACH, rule_breach, request->id);
  if (!stands) return land_unknown(write, "/id", LAND_KIND(RULE_BREACH), request->id);
  const int state = land_move_to(write, LAND_KIND(RULE_BREACH), request->id, (int)stands->state, MOVES,
                                 sizeof MOVES / sizeof *MOVES, request->event, "/event");
  if (state < 0) return WG_OK;
  if (check_event(write, stands, request, error) != WG_OK || write->refused) return error->code;
  Wangge__V1__RuleBreach *breach = land_change(write, LAND_KIND(RULE_BREACH), request->id);
  breach->state = (Wangge__V1__BreachState)state;
  if (*request->note) breach->note = request->note;
  land_due(write, LAND_KIND(RULE_BREACH), request->id, LAND_NO_DAY);
  if (state == STATE(VERIFIED)) breach->verified_by = write->write->person;
  if (state == STATE(NOTIFIED)) {
    breach->deadline = request->deadline;
    land_due(write, LAND_KIND(RULE_BREACH), request->id, land_day(request->deadline) + 1);
  }
  if (state == STATE(FIXED)) {
    breach->fixed_on = land_day_text(write->arena, write->today);
    breach->fixed_photos = request->photos;
    breach->n_fixed_photos = request->n_photos;
  }
  return WG_OK;
}

// ownership_of gives the words that dispatch rules have for 所有权性质 of NY/T 2539.
static char *ownership_of(struct land_write *write, const char *parcel_id) {
  const Wangge__V1__Parcel *parcel = *parcel_id ? LAND_GET(write, PARCEL, parcel, parcel_id) : NULL;
  if (parcel && parcel->ownership == 10) return (char *)"state";
  return (char *)(parcel && parcel->ownership >= 30 && parcel->ownership <= 34 ? "collective" : "");
}

static void push_order(struct land_write *write, const Wangge__V1__RuleBreach *breach) {
  static const char *const kinds[] = {"违反村规", "私搭乱建", "乱堆乱放", "私下流转"};
  const Wangge__V1__VillageInfo *village = LAND_GET(write, VILLAGE_INFO, village_info, LAND_VILLAGE_ID);
  const char *kind = kinds[breach->kind <= WANGGE__V1__BREACH_KIND__BREACH_KIND_PRIVATE_TRANSFER ? breach->kind : 0];
  const char *where = *breach->plot ? breach->plot : *breach->parcel ? breach->parcel : breach->homestead;
  Wangge__V1__NewOrder *order = land_order_push(write, breach->external_id);
  order->kind = WANGGE__V1__ORDER_KIND__ORDER_KIND_REPORT;
  order->title = land_text(write, "%s%s逾期未整改", village->name, kind);
  order->text = land_text(write, "%s：%s。整改期限%s已过。位置：%s %s", kind, breach->text, breach->deadline,
                          village->name, where);
  order->address = land_text(write, "%s %s", village->name, where);
  order->parcel_ownership = ownership_of(write, breach->parcel);
}

// follow gives the state that something which is no call leads to; -1: it changes nothing.
static int follow(int state, const char *event) {
  for (size_t i = 0; i < sizeof FOLLOWS / sizeof *FOLLOWS; i++)
    if (FOLLOWS[i].from == state && strcmp(FOLLOWS[i].event, event) == 0) return FOLLOWS[i].to;
  return -1;
}

wg_status yard_breach_due(struct land_write *write, const Wangge__V1__LandRecord *record, struct wg_error *error) {
  const int state = follow((int)record->rule_breach->state, FOLLOWS[0].event);
  if (state < 0) return wg_fail(error, WG_INTERNAL, "due_on", "only a breach that was notified has a day");
  Wangge__V1__RuleBreach *breach = land_change(write, LAND_KIND(RULE_BREACH), record->id);
  breach->state = (Wangge__V1__BreachState)state;
  breach->escalations++;
  // intake takes each number once
  breach->external_id = breach->escalations == 1
                            ? land_text(write, "%s-%s", write->write->village, record->id)
                            : land_text(write, "%s-%s-%d", write->write->village, record->id, (int)breach->escalations);
  breach->order_id = breach->order_step = 0;
  push_order(write, breach);
  land_due(write, LAND_KIND(RULE_BREACH), record->id, LAND_NO_DAY);
  return WG_OK;
}

static const Wangge__V1__LandRecord *find_order(const struct land_write *write, const char *external_id) {
  struct wg_book_walk walk = land_each(write, LAND_KIND(RULE_BREACH));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));)
    if (strcmp(record->rule_breach->external_id, external_id) == 0) return record;
  return NULL;
}

wg_status yard_breach_news(struct land_write *write, const struct land_news *news, struct wg_error *error) {
  (void)error;
  static const char *const events[] = {[LAND_NEWS_OPEN] = "its order is open again",
                                       [LAND_NEWS_CLOSED] = "its order was closed",
                                       [LAND_NEWS_VOID] = "its order is void or withdrawn",
                                       [LAND_NEWS_REOPENED] = "its order was reopened"};
  const Wangge__V1__LandRecord *record = find_order(write, news->external_id);
  if (!record || news->step <= record->rule_breach->order_step) return WG_OK;
  const int state = follow((int)record->rule_breach->state, events[news->kind]);
  if (state < 0) return WG_OK;
  Wangge__V1__RuleBreach *breach = land_change(write, LAND_KIND(RULE_BREACH), record->id);
  breach->state = (Wangge__V1__BreachState)state;
  breach->order_id = news->order_id;
  breach->order_step = news->step;
  return WG_OK;
}

const char *yard_transferred_privately(const struct land_write *write, const char *homestead) {
  struct wg_book_walk walk = land_each(write, LAND_KIND(RULE_BREACH));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    const Wangge__V1__RuleBreach *breach = record->rule_breach;
    if (breach->kind != WANGGE__V1__BREACH_KIND__BREACH_KIND_PRIVATE_TRANSFER ||
        strcmp(breach->homestead, homestead) != 0)
      continue;
    if (breach->state != STATE(FIXED) && breach->state != STATE(DISMISSED)) return record->id;
  }
  return NULL;
}

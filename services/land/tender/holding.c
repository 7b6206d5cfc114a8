// Who has land of the village, and since when: rights of before the ledger, contracts, and what is not free for that.
#include "services/land/tender/parts.h"

#include "services/land/tender/parcel.h"
#include "services/land/tender/term.h"

#include <string.h>

int32_t tender_contract_end(const Wangge__V1__Contract *contract) {
  return land_day_or(*contract->ended_on ? contract->ended_on : contract->to, INT32_MAX);
}

int32_t tender_holding_end(const Wangge__V1__Holding *holding) {
  return land_day_or(*holding->ended_on ? holding->ended_on : holding->to, INT32_MAX);
}

// --- what is taken ---
static bool meets(const struct land_write *write, const struct tender_line *line, const char *boundary, int32_t from,
                  int32_t to) {
  if (to < line->from || line->to < from) return false;
  if (!*boundary || !*line->boundary) return true;
  return tender_parts_meet(write, boundary, line->boundary);
}

const Wangge__V1__LandRecord *tender_taken(const struct land_write *write, const struct tender_line *line,
                                           const char *except, int32_t *free_from) {
  const Wangge__V1__LandRecord *found = NULL;
  int32_t last = INT32_MIN;
  struct wg_book_walk walk = land_each(write, LAND_KIND(CONTRACT));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    const Wangge__V1__Contract *contract = record->contract;
    if (except && strcmp(record->id, except) == 0) continue;
    const int32_t from = land_day_or(contract->from, 0), end = tender_contract_end(contract);
    for (size_t i = 0; i < contract->n_lines; i++) {
      if (strcmp(contract->lines[i]->parcel_id, line->parcel_id) != 0 ||
          !meets(write, line, contract->lines[i]->boundary, from, end))
        continue;
      found = record;
      if (end > last) last = end;
    }
  }
  walk = land_each(write, LAND_KIND(HOLDING));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    const Wangge__V1__Holding *holding = record->holding;
    const int32_t end = tender_holding_end(holding);
    if (strcmp(holding->parcel_id, line->parcel_id) != 0 || !meets(write, line, "", land_day_or(holding->from, 0), end))
      continue;
    found = record;
    if (end > last) last = end;
  }
  if (found && free_from) *free_from = last < INT32_MAX ? last + 1 : 0;
  return found;
}

// --- rights of before the ledger ---
static wg_status check_holding(const Wangge__V1__Holding *given, int32_t *from, int32_t *to, struct wg_error *error) {
  if (!given) return wg_fail(error, WG_INVALID_ARGUMENT, "holding", "must be given");
  static const int METHODS[] = {110, 121, 122, 123, 129};
  bool known = given->homestead && !given->method;
  for (size_t i = 0; i < sizeof METHODS / sizeof *METHODS; i++)
    known |= given->method == METHODS[i];
  if (!known) return wg_fail(error, WG_INVALID_ARGUMENT, "holding.method", "must be 110, 121, 122, 123 or 129");
  wg_status status = tender_check_day(given->from, "holding.from", from, error);
  *to = INT32_MAX;
  if (status == WG_OK && (*given->to || !given->homestead))
    status = tender_check_day(given->to, "holding.to", to, error);
  if (status == WG_OK) status = tender_check_document(given->document, true, "holding.document", error);
  if (status == WG_OK && given->area_dm2 < 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "holding.area_dm2", "must be 0 (the whole parcel) or above");
  return status;
}

static wg_status end_holding(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__PutHoldingRequest *request = (const void *)write->request;
  int32_t day;
  const wg_status status = tender_check_day(request->holding->ended_on, "holding.ended_on", &day, error);
  if (status != WG_OK) return status;
  const Wangge__V1__Holding *stands = LAND_GET(write, HOLDING, holding, request->holding_id);
  if (!stands) return land_unknown(write, "/holding_id", LAND_KIND(HOLDING), request->holding_id);
  if (day < land_day_or(stands->from, 0) || day > tender_holding_end(stands) || day > write->today)
    return tender_wrong(write, "holding.days", "/holding/ended_on", "终止日须在承包期内，且不能在今天之后",
                        "it ends within its term, and not in the future");
  Wangge__V1__Holding *holding = land_change(write, LAND_KIND(HOLDING), request->holding_id);
  holding->ended_on = request->holding->ended_on;
  holding->breach = request->holding->breach;
  return WG_OK;
}

wg_status tender_put_holding(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__PutHoldingRequest *request = (const void *)write->request;
  const Wangge__V1__Holding *given = request->holding;
  if (*request->holding_id && given) return end_holding(write, error);
  int32_t from = 0, to = 0;
  const wg_status status = check_holding(given, &from, &to, error);
  if (status != WG_OK) return status;
  if (to <= from || from > write->today)
    tender_wrong(write, "holding.days", "/holding/from", "起止日期不对：止期须晚于起期，起期须已到",
                 "it begins before it ends, and not in the future");
  if (!land_get(write, LAND_KIND(PARTY), given->party_id))
    land_unknown(write, "/holding/party_id", LAND_KIND(PARTY), given->party_id);
  struct tender_parcel parcel;
  if (!tender_parcel(write, given->parcel_id, &parcel))
    tender_refuse(write, "holding.parcel", "/holding/parcel_id", 0, "本村没有这块地",
                  "this village has no such parcel");
  else if (parcel.confirmed)
    tender_refuse(write, "holding.parcel", "/holding/parcel_id", 0, "地块已经确认；原有承包须在公示以前登记",
                  "the parcel is confirmed: rights of before are recorded before it is posted");
  else if (given->area_dm2 > parcel.area_dm2)
    tender_wrong(write, "holding.area", "/holding/area_dm2", "面积大于地块的采用面积", "more than the parcel has");
  const struct tender_line line = {.parcel_id = given->parcel_id, .boundary = "", .from = from, .to = to};
  const Wangge__V1__LandRecord *other = write->refused ? NULL : tender_taken(write, &line, NULL, NULL);
  if (other)
    land_refuse(write, (struct land_what){.code = "holding.twice",
                                          .pointer = "/holding/parcel_id",
                                          .zh = land_text(write, "与 %s 的期限重叠", other->id),
                                          .en = land_text(write, "%s has it in the same time", other->id),
                                          .kind = (int)other->body_case,
                                          .id = other->id});
  if (write->refused) return WG_OK;
  Wangge__V1__Holding *holding = land_make(write, LAND_KIND(HOLDING), land_new_id(write, "holding"));
  *holding = *given;
  holding->ended_on = tender_copy(write, "");
  holding->breach = false;
  return WG_OK;
}

// Neighbours' signatures, explanations of flags, occupations and rights.
#include "services/land/survey/actions.h"

#include "common/base/text.h"
#include "services/land/base.h"

#include <string.h>

static bool is_day(const char *text, int32_t *day) {
  return land_day_read(text, day);
}

// --- signatures ---
static wg_status check_signature(const Wangge__V1__SignNeighbourRequest *request, struct wg_error *error) {
  if (request->side <= 0 || request->side > WANGGE__V1__NEIGHBOUR_SIDE__NEIGHBOUR_SIDE_NORTH)
    return wg_fail(error, WG_INVALID_ARGUMENT, "side", "must be east, south, west or north");
  if (request->seq < 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "seq", "must be 1 or more; 0: all of this direction");
  if (request->verdict != WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_MATCH &&
      request->verdict != WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_MISSING &&
      request->verdict != WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_DISPUTED)
    return wg_fail(error, WG_INVALID_ARGUMENT, "verdict", "must be match, missing or disputed");
  int line = WG_TEXT_ONE_LINE | WG_TEXT_PLAIN;
  wg_status status = wg_text_check(request->signer, 128, line, "signer", error);
  if (status == WG_OK) status = wg_text_check(request->doc, 128, line, "doc", error);
  if (status == WG_OK) status = wg_text_check(request->note, 512, line, "note", error);
  return status;
}

static void check_witness(struct land_write *write, const Wangge__V1__SignNeighbourRequest *request,
                          const Wangge__V1__Parcel *parcel) {
  const Wangge__V1__SurveyTask *task = LAND_GET(write, SURVEY_TASK, survey_task, parcel->survey_task);
  bool signs = request->verdict == WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_MATCH;
  int32_t signed_day = 0, survey_day = 0;
  if (!signs && !*request->note)
    land_refuse(write, (struct land_what){.code = "neighbour.reason",
                                          .status = WG_INVALID_ARGUMENT,
                                          .pointer = "/note",
                                          .zh = "未签字或有争议须说明原因。",
                                          .en = "A missing or disputing neighbour needs the reason."});
  if (!signs) return;
  if (!*request->signer)
    land_refuse(write, (struct land_what){.code = "neighbour.signer",
                                          .status = WG_INVALID_ARGUMENT,
                                          .pointer = "/signer",
                                          .zh = "须填写签字人。",
                                          .en = "Say who has signed."});
  if (!is_day(request->signed_on, &signed_day) || signed_day > write->today ||
      (task && is_day(task->surveyed_on, &survey_day) && signed_day < survey_day))
    land_refuse(write, (struct land_what){
                           .code = "neighbour.day",
                           .status = WG_INVALID_ARGUMENT,
                           .pointer = "/signed_on",
                           .zh = "签字日期应在测量日之后、今天或以前，格式YYYY-MM-DD。",
                           .en = "The day of signing, YYYY-MM-DD, is not before the survey and not after today."});
  if (task && *request->signer && strcmp(task->surveyor, request->signer) == 0)
    land_refuse(write, (struct land_what){.code = "neighbour.surveyor",
                                          .pointer = "/signer",
                                          .zh = "测量人不能作为邻宗签字人。",
                                          .en = "Who measured may not sign as a neighbour."});
}

wg_status land_sign_neighbour(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__SignNeighbourRequest *request = (const void *)write->request;
  wg_status status = check_signature(request, error);
  if (status != WG_OK) return status;
  const Wangge__V1__Parcel *parcel = LAND_GET(write, PARCEL, parcel, request->parcel_id);
  if (!parcel) return land_unknown(write, "/parcel_id", LAND_KIND(PARCEL), request->parcel_id);
  if (parcel->state > WANGGE__V1__PARCEL_STATE__PARCEL_STATE_SIGNED)
    return land_refuse(write, (struct land_what){.code = "parcel.fixed",
                                                 .pointer = "/parcel_id",
                                                 .zh = "地块已公示或确认，签界结果不能再改。",
                                                 .en = "The parcel is posted or confirmed: signatures stay.",
                                                 .kind = LAND_KIND(PARCEL),
                                                 .id = request->parcel_id});
  check_witness(write, request, parcel);
  bool found = false;
  for (size_t i = 0; i < parcel->n_neighbours; i++)
    found |=
        parcel->neighbours[i]->side == request->side && (!request->seq || parcel->neighbours[i]->seq == request->seq);
  if (!found)
    land_refuse(write, (struct land_what){.code = "neighbour.unknown",
                                          .status = WG_NOT_FOUND,
                                          .pointer = "/side",
                                          .zh = "这个方向没有这个邻宗。",
                                          .en = "There is no such neighbour in this direction."});
  if (write->refused) return WG_OK;
  Wangge__V1__Parcel *next = land_change(write, LAND_KIND(PARCEL), request->parcel_id);
  for (size_t i = 0; i < next->n_neighbours; i++) {
    Wangge__V1__Neighbour *neighbour = next->neighbours[i];
    if (neighbour->side != request->side || (request->seq && neighbour->seq != request->seq)) continue;
    neighbour->verdict = request->verdict;
    neighbour->signer = request->signer;
    neighbour->signed_on = request->signed_on;
    neighbour->doc = request->doc;
    neighbour->note = request->note;
  }
  if (request->verdict == WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_DISPUTED)
    next->state = WANGGE__V1__PARCEL_STATE__PARCEL_STATE_SURVEYED; // SIGNED no longer
  return WG_OK;
}

// --- flags ---
wg_status land_explain_flag(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__ExplainFlagRequest *request = (const void *)write->request;
  if (!*write->write->reason) return wg_fail(error, WG_INVALID_ARGUMENT, "write.reason", "is the explanation");
  const Wangge__V1__Parcel *parcel = LAND_GET(write, PARCEL, parcel, request->parcel_id);
  if (!parcel) return land_unknown(write, "/parcel_id", LAND_KIND(PARCEL), request->parcel_id);
  bool found = false;
  for (size_t i = 0; i < parcel->n_flags; i++)
    found |= strcmp(parcel->flags[i]->code, request->code) == 0;
  if (!found)
    return land_refuse(write, (struct land_what){.code = "parcel.flag",
                                                 .status = WG_NOT_FOUND,
                                                 .pointer = "/code",
                                                 .zh = "地块没有这个待说明的问题。",
                                                 .en = "The parcel has no such flag.",
                                                 .kind = LAND_KIND(PARCEL),
                                                 .id = request->parcel_id});
  if (parcel->state > WANGGE__V1__PARCEL_STATE__PARCEL_STATE_SIGNED)
    return land_refuse(write, (struct land_what){.code = "parcel.fixed",
                                                 .pointer = "/parcel_id",
                                                 .zh = "地块已公示或确认，不能再改。",
                                                 .en = "The parcel is posted or confirmed: it stays.",
                                                 .kind = LAND_KIND(PARCEL),
                                                 .id = request->parcel_id});
  Wangge__V1__Parcel *next = land_change(write, LAND_KIND(PARCEL), request->parcel_id);
  for (size_t i = 0; i < next->n_flags; i++)
    if (strcmp(next->flags[i]->code, request->code) == 0) next->flags[i]->explanation = write->write->reason;
  return WG_OK;
}

// --- rights ---
static void refuse_right(struct land_write *write, const char *code, size_t index, const char *zh, const char *en) {
  land_refuse(write, (struct land_what){.code = code,
                                        .status = WG_INVALID_ARGUMENT,
                                        .pointer = land_text(write, "/rights/%zu", index),
                                        .zh = zh,
                                        .en = en});
}

// Shares of one type that run at the same time may not be more than the whole.
static void check_shares(struct land_write *write, const Wangge__V1__PutRightsRequest *request) {
  for (size_t i = 0; i < request->n_rights; i++) {
    const Wangge__V1__LandRight *right = request->rights[i];
    if (right->kind != WANGGE__V1__RIGHT_KIND__RIGHT_KIND_RIGHT) continue;
    double sum = 0;
    for (size_t k = 0; k < request->n_rights; k++) {
      const Wangge__V1__LandRight *other = request->rights[k];
      bool together = other->kind == right->kind && strcmp(other->type, right->type) == 0 &&
                      strcmp(other->from, right->from) <= 0 && (!*other->to || strcmp(other->to, right->from) > 0);
      if (together) sum += other->share_d ? (double)other->share_n / other->share_d : 1;
    }
    if (sum > 1 + 1e-9)
      refuse_right(write, "right.share", i, "同一种权利在同一时间的份额之和超过1。",
                   "Shares of one type of right at one time are more than the whole.");
  }
}

static void check_right(struct land_write *write, const Wangge__V1__LandRight *right, size_t index) {
  int32_t from = 0, to = INT32_MAX;
  if (!land_get(write, LAND_KIND(PARTY), right->party_id))
    land_unknown(write, land_text(write, "/rights/%zu/party_id", index), LAND_KIND(PARTY), right->party_id);
  if (right->kind <= 0 || right->kind > WANGGE__V1__RIGHT_KIND__RIGHT_KIND_RESPONSIBILITY || !*right->type)
    refuse_right(write, "right.kind", index, "须说明是权利、限制还是责任，以及名称。",
                 "Say whether it is a right, a restriction or a responsibility, and its type.");
  if (right->share_n < 0 || right->share_d < 0 || (right->share_d == 0) != (right->share_n == 0) ||
      right->share_n > right->share_d)
    refuse_right(write, "right.share", index, "份额应为n/d，0<n≤d；全部时都为0。", "A share is n of d, or both 0.");
  if (!is_day(right->from, &from) || (*right->to && (!is_day(right->to, &to) || to <= from)))
    refuse_right(write, "right.days", index, "起止日期应为YYYY-MM-DD，止日在起日之后。",
                 "Days are YYYY-MM-DD, and the end is after the beginning.");
}

wg_status land_put_rights(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__PutRightsRequest *request = (const void *)write->request;
  if (request->n_occupations > 100 || request->n_rights > 100)
    return wg_fail(error, WG_INVALID_ARGUMENT, request->n_rights > 100 ? "rights" : "occupations", "at most 100");
  const Wangge__V1__Parcel *parcel = LAND_GET(write, PARCEL, parcel, request->parcel_id);
  if (!parcel) return land_unknown(write, "/parcel_id", LAND_KIND(PARCEL), request->parcel_id);
  if (parcel->state > WANGGE__V1__PARCEL_STATE__PARCEL_STATE_SIGNED)
    return land_refuse(write, (struct land_what){.code = "parcel.fixed",
                                                 .pointer = "/parcel_id",
                                                 .zh = "地块已公示或确认，权属调查结果不能再改。",
                                                 .en = "The parcel is posted or confirmed: what was surveyed stays.",
                                                 .kind = LAND_KIND(PARCEL),
                                                 .id = request->parcel_id});
  for (size_t i = 0; i < request->n_rights; i++)
    check_right(write, request->rights[i], i);
  check_shares(write, request);
  for (size_t i = 0; i < request->n_occupations; i++) {
    const Wangge__V1__Occupation *occupation = request->occupations[i];
    int32_t since;
    if (!land_get(write, LAND_KIND(PARTY), occupation->party_id))
      land_unknown(write, land_text(write, "/occupations/%zu/party_id", i), LAND_KIND(PARTY), occupation->party_id);
    if (!is_day(occupation->since, &since) || since > write->today)
      land_refuse(write, (struct land_what){.code = "occupation.since",
                                            .status = WG_INVALID_ARGUMENT,
                                            .pointer = land_text(write, "/occupations/%zu/since", i),
                                            .zh = "占用起始日应为YYYY-MM-DD，不晚于今天。",
                                            .en = "Since when it is used: YYYY-MM-DD, not after today."});
  }
  if (write->refused) return WG_OK;
  Wangge__V1__Parcel *next = land_change(write, LAND_KIND(PARCEL), request->parcel_id);
  next->occupations = request->occupations;
  next->n_occupations = request->n_occupations;
  next->rights = request->rights;
  next->n_rights = request->n_rights;
  return WG_OK;
}

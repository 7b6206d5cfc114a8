// Decisions (四议两公开): proposed, brought through their steps, approved for outsiders.
#include "services/land/tender/parts.h"

#include "common/base/text.h"
#include "services/land/notice/notice.h"
#include "services/land/tender/votes.h"

#include <inttypes.h>
#include <string.h>

#define KIND(NAME) WANGGE__V1__DECISION_KIND__DECISION_KIND_##NAME
#define STATE(NAME) WANGGE__V1__DECISION_STATE__DECISION_STATE_##NAME

static const struct {
  const char *zh, *en;
} STEPS[] = {{"", ""}, {"提议", "propose"}, {"商议", "discuss"}, {"审议", "review"}, {"决议", "resolve"}};

// --- steps ---
static wg_status check_step(const Wangge__V1__DecisionStep *step, int32_t *day, struct wg_error *error) {
  if (!step) return wg_fail(error, WG_INVALID_ARGUMENT, "step", "must be given");
  if (step->kind <= 0 || (int)step->kind > LAND_STEP_RESOLVE)
    return wg_fail(error, WG_INVALID_ARGUMENT, "step.kind", "must be propose, discuss, review or resolve");
  wg_status status = tender_check_day(step->day, "step.day", day, error);
  if (status == WG_OK) status = tender_check_document(step->minutes, true, "step.minutes", error);
  if (status == WG_OK) status = tender_check_line(step->place, false, "step.place", error);
  if (status != WG_OK) return status;
  if ((int)step->kind >= LAND_STEP_REVIEW && !step->vote)
    return wg_fail(error, WG_INVALID_ARGUMENT, "step.vote", "a review and a resolution need their vote");
  return WG_OK;
}

static struct land_vote vote_of(const Wangge__V1__Vote *vote) {
  return (struct land_vote){vote->eligible, vote->present, vote->in_favour, vote->against, vote->abstained};
}

// step_fits refuses a step that cannot be the next one.
static void step_fits(struct land_write *write, const Wangge__V1__DecisionStep *step, int last_step, int32_t last_day,
                      int32_t day) {
  const int due = land_step_next(last_step);
  const bool all = land_policy(write, "vote.four_steps") != 0;
  switch (land_step_check(last_step, last_day, all, (int)step->kind, day, write->today)) {
  case LAND_STEP_ORDER:
    tender_refuse(write, "decision.step_order", "/step/kind", 0,
                  land_text(write, "四议须按顺序进行，下一步是“%s”", STEPS[due].zh),
                  land_text(write, "the steps come in order; the next one is %s", STEPS[due].en));
    break;
  case LAND_STEP_BEFORE:
    tender_wrong(
        write, "decision.step_before", "/step/day",
        land_text(write, "日期不能早于上一步(%s)", land_day_text(write->arena, last_day)),
        land_text(write, "the day is before that of the step before it, %s", land_day_text(write->arena, last_day)));
    break;
  case LAND_STEP_FUTURE:
    tender_wrong(write, "decision.step_future", "/step/day", "日期还没有到，会开过以后再登记",
                 "this day has not come: record the meeting when it has been held");
    break;
  case LAND_STEP_FITS:
    break;
  }
  if (!step->vote) return;
  const struct land_vote vote = vote_of(step->vote);
  const char *fault = land_vote_fault(&vote);
  if (!fault) return;
  tender_wrong(write, "decision.vote", land_text(write, "/step/vote/%s", fault),
               "表决人数不合理：赞成+反对+弃权≤到会≤应到，应到至少1人",
               "these numbers cannot be: in favour + against + abstained <= present <= eligible, and 1 <= eligible");
}

static Wangge__V1__DecisionStep *copy_step(const struct land_write *write, const Wangge__V1__DecisionStep *step) {
  Wangge__V1__DecisionStep *copy = wg_arena_alloc(write->arena, sizeof *copy);
  *copy = *step; // the request lives as long as the write
  return copy;
}

// --- subjects ---
static bool subject_fits(struct land_write *write, const Wangge__V1__LandDecision *given,
                         uint8_t sha256[LAND_SUBJECT_BYTES]) {
  if (given->kind == KIND(OTHER) && !*given->subject_kind) return false;
  const char *wanted = given->kind == KIND(PLAN) ? "tender" : given->kind == KIND(RENEWAL) ? "contract" : "";
  if (*wanted && strcmp(given->subject_kind, wanted) != 0) {
    tender_wrong(write, "decision.subject", "/decision/subject_kind", land_text(write, "这种决议的对象应为 %s", wanted),
                 land_text(write, "a decision of this kind is about a %s", wanted));
    return false;
  }
  const int kind = land_kind_find(given->subject_kind);
  if (!kind || !land_get(write, kind, given->subject_id)) {
    land_unknown(write, "/decision/subject_id", kind ? kind : LAND_KIND(TENDER), given->subject_id);
    return false;
  }
  const Wangge__V1__Tender *tender =
      kind == LAND_KIND(TENDER) ? LAND_GET(write, TENDER, tender, given->subject_id) : NULL;
  if (tender && tender->state != TENDER_STATE(DRAFT)) {
    tender_refuse(write, "decision.subject", "/decision/subject_id", 0, "这个招标已经有了决议，或已取消",
                  "this tender is no draft any more: it was decided or cancelled");
    return false;
  }
  if (land_subject_sha256(write, kind, given->subject_id, sha256)) return true;
  tender_wrong(write, "decision.subject", "/decision/subject_kind", "这种记录不能作为决议的对象",
               "nothing is decided about records of this kind");
  return false;
}

wg_status tender_propose_decision(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__ProposeDecisionRequest *request = (const void *)write->request;
  const Wangge__V1__LandDecision *given = request->decision;
  if (!given) return wg_fail(error, WG_INVALID_ARGUMENT, "decision", "must be given");
  if (given->kind <= 0 || given->kind > KIND(OTHER))
    return wg_fail(error, WG_INVALID_ARGUMENT, "decision.kind", "must be plan, renewal or other");
  if (given->body <= 0 || given->body > WANGGE__V1__DECISION_BODY__DECISION_BODY_REPRESENTATIVES)
    return wg_fail(error, WG_INVALID_ARGUMENT, "decision.body", "must be members or representatives");
  wg_status status = wg_text_check(given->title, TENDER_TITLE_BYTES,
                                   WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE | WG_TEXT_PLAIN, "decision.title", error);
  if (status == WG_OK) status = wg_text_check(given->text, TENDER_TEXT_BYTES, WG_TEXT_PLAIN, "decision.text", error);
  if (status == WG_OK) status = tender_check_line(given->zero_rent_reason, false, "decision.zero_rent_reason", error);
  if (status == WG_OK && !request->step) status = wg_fail(error, WG_INVALID_ARGUMENT, "step", "must be given");
  if (status != WG_OK) return status;
  Wangge__V1__DecisionStep first = *request->step;
  if (!first.kind) first.kind = WANGGE__V1__DECISION_STEP_KIND__DECISION_STEP_KIND_PROPOSE;
  int32_t day = 0;
  status = check_step(&first, &day, error);
  if (status != WG_OK) return status;
  step_fits(write, &first, 0, 0, day);
  uint8_t sha256[LAND_SUBJECT_BYTES];
  const bool bound = subject_fits(write, given, sha256);
  if (write->refused) return WG_OK;
  Wangge__V1__LandDecision *decision = land_make(write, LAND_KIND(DECISION), land_new_id(write, "decision"));
  decision->state = STATE(OPEN);
  decision->kind = given->kind;
  decision->title = given->title;
  decision->text = given->text;
  decision->body = given->body;
  decision->subject_kind = given->subject_kind;
  decision->subject_id = given->subject_id;
  if (bound) decision->subject_sha256 = tender_bytes(write, sha256, sizeof sha256);
  decision->outsiders_allowed = given->outsiders_allowed;
  decision->ratifies = given->ratifies;
  decision->zero_rent_reason = given->zero_rent_reason;
  TENDER_PUSH(write, decision, steps, copy_step(write, &first));
  return WG_OK;
}

static bool subject_changed(const struct land_write *write, const Wangge__V1__LandDecision *decision) {
  if (!decision->subject_sha256.len) return false;
  uint8_t sha256[LAND_SUBJECT_BYTES];
  return !land_subject_sha256(write, land_kind_find(decision->subject_kind), decision->subject_id, sha256) ||
         memcmp(sha256, decision->subject_sha256.data, sizeof sha256) != 0;
}

// resolve counts the vote of the last step.
static void resolve(struct land_write *write, const char *id, Wangge__V1__LandDecision *decision,
                    const Wangge__V1__DecisionStep *step) {
  const struct land_vote vote = vote_of(step->vote);
  const int64_t n = land_policy(write, "vote.share_n"), d = land_policy(write, "vote.share_d");
  decision->share_n = (int32_t)n, decision->share_d = (int32_t)d;
  decision->needed = (int32_t)land_vote_needed(vote.eligible, n, d);
  decision->resolved_on = step->day;
  const bool passes = n <= d && land_vote_passes(&vote, n, d);
  decision->state = passes ? STATE(PASSED) : STATE(NOT_PASSED);
  if (!passes) {
    tender_warn(write, "decision.not_passed", "/step/vote/in_favour",
                land_text(write, "未通过：应到%" PRId64 "人，需赞成%d票，实得%" PRId64 "票", vote.eligible,
                          decision->needed, vote.in_favour),
                land_text(write, "not passed: of %" PRId64 " eligible %d in favour are needed, there are %" PRId64,
                          vote.eligible, decision->needed, vote.in_favour));
    return;
  }
  if (strcmp(decision->subject_kind, "tender") != 0) return;
  Wangge__V1__Tender *tender = tender_move(write, decision->subject_id, "record_step");
  if (!tender) return;
  if (!tender->progress) {
    tender->progress = wg_arena_alloc(write->arena, sizeof *tender->progress);
    wangge__v1__tender_progress__init(tender->progress);
  }
  tender->progress->decision_id = tender_copy(write, id);
}

wg_status tender_record_step(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__RecordStepRequest *request = (const void *)write->request;
  int32_t day = 0;
  const wg_status status = check_step(request->step, &day, error);
  if (status != WG_OK) return status;
  const Wangge__V1__LandDecision *stands = LAND_GET(write, DECISION, decision, request->decision_id);
  if (!stands) return land_unknown(write, "/decision_id", LAND_KIND(DECISION), request->decision_id);
  if (stands->state != STATE(OPEN))
    return tender_refuse(write, "decision.state", "/decision_id", 0, "这个决议已经有了结果，要改变须另行提议",
                         "this decision has its result; to change it another one must be proposed");
  const Wangge__V1__DecisionStep *before = stands->steps[stands->n_steps - 1];
  step_fits(write, request->step, (int)before->kind, land_day_or(before->day, 0), day);
  if (subject_changed(write, stands))
    tender_refuse(write, "decision.subject_changed", "/decision_id", 0, "提议以后内容已经改变，须重新提议",
                  "what it is about was changed after it was proposed: propose it again");
  if (write->refused) return WG_OK;
  Wangge__V1__LandDecision *decision = land_change(write, LAND_KIND(DECISION), request->decision_id);
  TENDER_PUSH(write, decision, steps, copy_step(write, request->step));
  if ((int)request->step->kind == LAND_STEP_RESOLVE) resolve(write, request->decision_id, decision, request->step);
  return WG_OK;
}

wg_status tender_approve_decision(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__ApproveDecisionRequest *request = (const void *)write->request;
  const wg_status status = tender_check_document(request->document, true, "document", error);
  if (status != WG_OK) return status;
  const Wangge__V1__LandDecision *stands = LAND_GET(write, DECISION, decision, request->decision_id);
  if (!stands) return land_unknown(write, "/decision_id", LAND_KIND(DECISION), request->decision_id);
  if (stands->state != STATE(PASSED))
    return tender_refuse(write, "decision.state", "/decision_id", 0, "决议还没有通过", "the decision has not passed");
  if (!stands->outsiders_allowed)
    return tender_refuse(write, "decision.outsiders", "/decision_id", 0, "决议没有允许本集体以外的人承包",
                         "the decision does not let outsiders take part");
  Wangge__V1__LandDecision *decision = land_change(write, LAND_KIND(DECISION), request->decision_id);
  decision->approval = request->document;
  decision->approved_on = tender_copy(write, land_day_text(write->arena, write->today));
  return WG_OK;
}

// What land brought: crops, income, jobs. Reported by one person, accepted by another, with evidence; never typed into
// a figure.
#include "common/base/text.h"
#include "services/land/works/works.h"

#include <string.h>

enum { LINE = WG_TEXT_ONE_LINE | WG_TEXT_PLAIN, CROP_BYTES = 128, CODE_BYTES = 64, JOBS_MOST = 1000000 };
#define KG_MOST INT64_C(10000000000)
#define INCOME_MOST_FEN INT64_C(10000000000000)

static int move(struct land_write *write, const char *id, const Wangge__V1__Outcome *outcome, const char *event) {
  return land_move_to(write, LAND_KIND(OUTCOME), id, (int)outcome->state, LAND_OUTCOME_MOVES, LAND_OUTCOME_MOVE_COUNT,
                      event, "/outcome_id");
}

// --- reporting ---
static wg_status check_day(const char *text, const char *field, int32_t *day, struct wg_error *error) {
  if (land_day_read(text, day)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be a civil day, YYYY-MM-DD");
}

static wg_status check_report(const Wangge__V1__Outcome *outcome, int32_t *from, int32_t *to, struct wg_error *error) {
  if (!outcome) return wg_fail(error, WG_INVALID_ARGUMENT, "outcome", "must be given");
  wg_status status = check_day(outcome->from, "outcome.from", from, error);
  if (status == WG_OK) status = check_day(outcome->to, "outcome.to", to, error);
  if (status == WG_OK) status = wg_text_check(outcome->crop, CROP_BYTES, LINE, "outcome.crop", error);
  if (status == WG_OK) status = wg_text_check(outcome->subject_id, CODE_BYTES, LINE, "outcome.subject_id", error);
  if (status == WG_OK) status = land_check_files(outcome->docs, outcome->n_docs, WORK_DOCS, "outcome.docs", error);
  if (status != WG_OK) return status;
  if (outcome->kg < 0 || outcome->kg > KG_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "outcome.kg", "must be 0 to %lld", (long long)KG_MOST);
  if (outcome->income_fen < 0 || outcome->income_fen > INCOME_MOST_FEN)
    return wg_fail(error, WG_INVALID_ARGUMENT, "outcome.income_fen", "must be 0 to %lld", (long long)INCOME_MOST_FEN);
  if (outcome->jobs < 0 || outcome->jobs > JOBS_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "outcome.jobs", "must be 0 to %d", JOBS_MOST);
  if (!outcome->kg && !outcome->income_fen && !outcome->jobs)
    return wg_fail(error, WG_INVALID_ARGUMENT, "outcome.income_fen", "kg, income_fen or jobs must be above 0");
  return WG_OK;
}

static void refuse_period(struct land_write *write, const char *zh, const char *en, const char *id) {
  land_refuse(write, (struct land_what){
                         .code = "outcome.period",
                         .pointer = "/outcome/to",
                         .zh = zh,
                         .en = en,
                         .kind = id ? LAND_KIND(OUTCOME) : 0,
                         .id = id,
                     });
}

// check_twice: the same crop of the same thing in days that overlap was reported before.
static void check_twice(struct land_write *write, const Wangge__V1__Outcome *given, int32_t from, int32_t to) {
  struct wg_book_walk walk = land_each(write, LAND_KIND(OUTCOME));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    const Wangge__V1__Outcome *other = record->outcome;
    if (other->state == OUTCOME_STATE(REJECTED) || strcmp(other->crop, given->crop) != 0) continue;
    if (strcmp(other->subject_kind, given->subject_kind) != 0 || strcmp(other->subject_id, given->subject_id) != 0)
      continue;
    if (land_day(other->from) > to || land_day(other->to) < from) continue;
    refuse_period(write, land_text(write, "这段时间的成效已报过：%s", record->id),
                  land_text(write, "this period was reported before: %s", record->id), record->id);
    return;
  }
}

wg_status land_report_outcome(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__ReportOutcomeRequest *request = (const void *)write->request;
  const Wangge__V1__Outcome *given = request->outcome;
  int32_t from, to;
  const wg_status status = check_report(given, &from, &to, error);
  if (status != WG_OK) return status;
  const int kind = land_kind_find(given->subject_kind);
  if (!kind || !land_get(write, kind, given->subject_id))
    land_refuse(write,
                (struct land_what){
                    .code = "outcome.subject",
                    .status = WG_NOT_FOUND,
                    .pointer = "/outcome/subject_id",
                    .zh = land_text(write, "本村没有%s “%s”", given->subject_kind, given->subject_id),
                    .en = land_text(write, "this village has no %s \"%s\"", given->subject_kind, given->subject_id),
                });
  if (to < from) refuse_period(write, "结束日早于开始日", "it ends before it begins", NULL);
  else if (to > write->today) refuse_period(write, "结束日还没有到", "it is not over yet", NULL);
  else check_twice(write, given, from, to);
  if (write->refused) return WG_OK;
  Wangge__V1__Outcome *outcome = land_make(write, LAND_KIND(OUTCOME), land_new_id(write, "outcome"));
  *outcome = *given;
  outcome->state = OUTCOME_STATE(REPORTED);
  outcome->reporter = write->write->person;
  outcome->acceptor = outcome->note = (char *)(uintptr_t)protobuf_c_empty_string;
  return WG_OK;
}

// --- accepting ---
wg_status land_accept_outcome(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__AcceptOutcomeRequest *request = (const void *)write->request;
  wg_status status = land_check_files(request->docs, request->n_docs, WORK_DOCS, "docs", error);
  if (status == WG_OK && !request->accepted && !*write->write->reason)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "write.reason", "must say why it is rejected");
  if (status != WG_OK) return status;
  const char *id = request->outcome_id;
  const Wangge__V1__Outcome *stands = LAND_GET(write, OUTCOME, outcome, id);
  if (!stands) return land_unknown(write, "/outcome_id", LAND_KIND(OUTCOME), id);
  const int to = move(write, id, stands, request->accepted ? "accept" : "reject");
  if (to < 0) return WG_OK;
  if (strcmp(stands->reporter, write->write->person) == 0)
    land_refuse(write, (struct land_what){
                           .code = "outcome.acceptor",
                           .pointer = "/write/person",
                           .zh = land_text(write, "“%s”上报的，须由他人认定", stands->reporter),
                           .en = land_text(write, "\"%s\" reported it: another person accepts it", stands->reporter)});
  if (request->accepted && stands->n_docs + request->n_docs == 0)
    land_refuse(write, (struct land_what){.code = "outcome.evidence",
                                          .pointer = "/docs",
                                          .zh = "认定成效须有凭证，至少一份",
                                          .en = "evidence is needed, one document at least"});
  if (write->refused) return WG_OK;
  Wangge__V1__Outcome *outcome = land_change(write, LAND_KIND(OUTCOME), id);
  outcome->state = (Wangge__V1__OutcomeState)to;
  outcome->acceptor = write->write->person;
  outcome->note = write->write->reason;
  char **docs = wg_arena_alloc(write->arena, (outcome->n_docs + request->n_docs + 1) * sizeof *docs);
  if (outcome->n_docs) memcpy(docs, outcome->docs, outcome->n_docs * sizeof *docs);
  if (request->n_docs) memcpy(docs + outcome->n_docs, request->docs, request->n_docs * sizeof *docs);
  outcome->docs = docs;
  outcome->n_docs += request->n_docs;
  return WG_OK;
}

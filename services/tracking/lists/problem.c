// The problem list (治理问题清单): who is in charge, measures and due date, verification on the spot by another person
// with a photo, recurrence.
#include "services/tracking/lists/check.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/wire/attachments.h"

#include <string.h>

static wg_status check_orders(const int64_t *order_ids, size_t count, struct wg_error *error) {
  if (count > LISTS_ORDERS)
    return wg_fail(error, WG_INVALID_ARGUMENT, "order_ids", "%zu orders: at most %d", count, LISTS_ORDERS);
  for (size_t i = 0; i < count; i++) {
    if (order_ids[i] <= 0) return wg_fail(error, WG_INVALID_ARGUMENT, "order_ids", "must be numbers of orders");
  }
  return WG_OK;
}

wg_status lists_problem_put(struct lists_change *change, struct wg_error *error) {
  Wangge__V1__ListEntry *entry = change->entry;
  Wangge__V1__ProblemText *text = change->request->problem_put;
  wg_status status = lists_check_area(entry->district, text->area, error);
  if (status == WG_OK) status = lists_check_year(text->year, error);
  if (status == WG_OK) status = lists_check_title(text->title, "title", error);
  if (status == WG_OK) status = lists_check_title(text->nature, "nature", error);
  if (status == WG_OK) status = lists_check_text(text->text, LISTS_TEXT_BYTES, 0, "text", error);
  if (status == WG_OK && text->problem_id < 0)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "problem_id", "must be 0 or the number of a problem");
  if (status == WG_OK) status = check_orders(text->order_ids, text->n_order_ids, error);
  if (status != WG_OK) return status;
  entry->problem->text = text;
  entry->area = text->area;
  entry->year = text->year;
  entry->title = text->title;
  return WG_OK;
}

wg_status lists_problem_assign(struct lists_change *change, struct wg_error *error) {
  Wangge__V1__ProblemAssignment *assignment = change->request->problem_assign;
  int32_t day = 0;
  wg_status status = lists_check_title(assignment->owner, "owner", error);
  if (status == WG_OK)
    status = lists_check_text(assignment->measures, LISTS_TEXT_BYTES, WG_TEXT_REQUIRED, "measures", error);
  if (status == WG_OK) status = lists_check_day(assignment->due_on, "due_on", &day, error);
  if (status != WG_OK) return status;
  change->entry->problem->assignment = assignment;
  change->entry->disclosed = true;
  return WG_OK;
}

// acting gives the person who acts; NULL: refused, since here it must be told.
static char *acting(const struct lists_change *change, struct wg_error *error) {
  if (*change->request->acting_person) return change->request->acting_person;
  wg_fail(error, WG_INVALID_ARGUMENT, "acting_person", "who reports and who verifies must be told by staff numbers");
  return NULL;
}

wg_status lists_problem_report(struct lists_change *change, struct wg_error *error) {
  Wangge__V1__ProblemReport *report = change->request->problem_report;
  char *person = acting(change, error);
  if (!person) return error->code;
  wg_status status = lists_check_text(report->result, LISTS_TEXT_BYTES, WG_TEXT_REQUIRED, "result", error);
  if (status == WG_OK) status = wg_attachments_check(report->evidence, report->n_evidence, LISTS_ATTACHMENTS, error);
  if (status != WG_OK) return status;
  change->entry->problem->report = report;
  change->entry->problem->reported_by = person;
  return WG_OK;
}

static char *day_text(int32_t day, struct wg_arena *arena) {
  char text[WG_DAY_TEXT];
  return wg_arena_strdup(arena, wg_day_format(day, text));
}

static bool is_photo(const Wangge__V1__Attachment *attachment) {
  return strncmp(attachment->media_type, "image/", strlen("image/")) == 0;
}

static wg_status check_photos(const Wangge__V1__ProblemVerification *seen, struct wg_error *error) {
  if (!seen->n_photos)
    return wg_fail(error, WG_INVALID_ARGUMENT, "photos", "at least one photo of the place is required");
  for (size_t i = 0; i < seen->n_photos; i++) {
    if (is_photo(seen->photos[i])) return WG_OK;
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, "photos", "at least one must be a picture (media type image/…), not %s",
                 seen->photos[0]->media_type);
}

// add_evidence names attachments by their hashes, each once.
static void add_evidence(Wangge__V1__SharedSolution *solution, Wangge__V1__Attachment *const *attachments,
                         size_t count) {
  for (size_t i = 0; i < count; i++) {
    bool known = false;
    for (size_t k = 0; k < solution->n_evidence && !known; k++)
      known = strcmp(solution->evidence[k], attachments[i]->sha256) == 0;
    if (!known) solution->evidence[solution->n_evidence++] = attachments[i]->sha256;
  }
}

// share makes of report and verification what every order of the problem is given.
static Wangge__V1__SharedSolution *share(const struct lists_change *change) {
  const Wangge__V1__ListedProblem *problem = change->entry->problem;
  const Wangge__V1__ProblemReport *report = problem->report;
  const Wangge__V1__ProblemVerification *seen = problem->verification;
  Wangge__V1__SharedSolution *solution = wg_arena_alloc(change->arena, sizeof *solution);
  wangge__v1__shared_solution__init(solution);
  solution->code = change->entry->code;
  solution->problem_id = problem->text->problem_id;
  solution->order_ids = problem->text->order_ids;
  solution->n_order_ids = problem->text->n_order_ids;
  solution->result = report->result;
  solution->evidence =
      wg_arena_alloc(change->arena, (report->n_evidence + seen->n_photos + 1) * sizeof *solution->evidence);
  add_evidence(solution, report->evidence, report->n_evidence);
  add_evidence(solution, seen->photos, seen->n_photos);
  solution->reporter = wg_arena_alloc(change->arena, sizeof *solution->reporter);
  wangge__v1__case_actor__init(solution->reporter);
  solution->reporter->person = problem->reported_by;
  solution->solved_at = change->now;
  return solution;
}

wg_status lists_problem_verify(struct lists_change *change, struct wg_error *error) {
  Wangge__V1__ListedProblem *problem = change->entry->problem;
  Wangge__V1__ProblemVerification *seen = change->request->problem_verify;
  char *person = acting(change, error);
  if (!person) return error->code;
  if (strcmp(person, problem->reported_by) == 0)
    return wg_fail(error, WG_FAILED_PRECONDITION, "acting_person", "%s reported it; another person must verify",
                   problem->reported_by);
  wg_status status = lists_check_text(seen->note, LISTS_NOTE_BYTES, seen->solved ? 0 : WG_TEXT_REQUIRED, "note", error);
  if (status == WG_OK) status = wg_attachments_check(seen->photos, seen->n_photos, LISTS_ATTACHMENTS, error);
  if (status == WG_OK) status = check_photos(seen, error);
  if (status != WG_OK) return status;
  problem->verification = seen;
  problem->verified_by = person;
  if (seen->solved) {
    problem->solved_on = day_text(change->today, change->arena);
    change->solution = share(change);
  }
  change->entry->state =
      seen->solved ? WANGGE__V1__ENTRY_STATE__ENTRY_STATE_SOLVED : WANGGE__V1__ENTRY_STATE__ENTRY_STATE_IN_PROGRESS;
  return WG_OK;
}

wg_status lists_problem_recur(struct lists_change *change, struct wg_error *error) {
  Wangge__V1__ListedProblem *problem = change->entry->problem;
  Wangge__V1__ProblemText *text = problem->text;
  const Wangge__V1__ProblemRecurrence *again = change->request->problem_recur;
  const wg_status status = check_orders(again->order_ids, again->n_order_ids, error);
  if (status != WG_OK) return status;
  if (again->n_order_ids > LISTS_ORDERS - text->n_order_ids)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "order_ids", "a problem has at most %d orders", LISTS_ORDERS);
  int64_t *all = wg_arena_alloc(change->arena, (text->n_order_ids + again->n_order_ids + 1) * sizeof *all);
  if (text->n_order_ids) memcpy(all, text->order_ids, text->n_order_ids * sizeof *all);
  if (again->n_order_ids) memcpy(all + text->n_order_ids, again->order_ids, again->n_order_ids * sizeof *all);
  text->order_ids = all;
  text->n_order_ids += again->n_order_ids;
  problem->solved_on = (char *)(uintptr_t)protobuf_c_empty_string;
  problem->recurrences++;
  return WG_OK;
}

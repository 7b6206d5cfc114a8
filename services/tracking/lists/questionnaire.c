// Questionnaires (网上问卷): questions of fixed kinds, drawn up, opened, closed. Answers are in answer.c.
#include "services/tracking/lists/check.h"

#include "common/base/clock.h"

#include <string.h>

enum { QUESTION_BYTES = 512, TOKENS_MOST = 100000, OPEN_DAYS_MOST = 366 };
#define QUESTION(name) WANGGE__V1__QUESTION_KIND__QUESTION_KIND_##name

static wg_status check_options(const Wangge__V1__Question *question, struct wg_error *error) {
  const bool chosen = question->kind == QUESTION(SINGLE) || question->kind == QUESTION(MULTIPLE);
  if (!chosen && question->n_options)
    return wg_fail(error, WG_INVALID_ARGUMENT, "options", "only questions of kind SINGLE and MULTIPLE have options");
  if (chosen && (question->n_options < 2 || question->n_options > LISTS_OPTIONS))
    return wg_fail(error, WG_INVALID_ARGUMENT, "options", "%zu options: 2 to %d are wanted", question->n_options,
                   LISTS_OPTIONS);
  for (size_t i = 0; i < question->n_options; i++) {
    if (lists_check_title(question->options[i], "", error) != WG_OK) return lists_path("options", i, error);
  }
  return WG_OK;
}

static wg_status check_questions(const Wangge__V1__Questionnaire *text, struct wg_error *error) {
  if (!text->n_questions || text->n_questions > LISTS_QUESTIONS)
    return wg_fail(error, WG_INVALID_ARGUMENT, "questions", "%zu questions: 1 to %d are wanted", text->n_questions,
                   LISTS_QUESTIONS);
  for (size_t i = 0; i < text->n_questions; i++) {
    const Wangge__V1__Question *question = text->questions[i];
    wg_status status = WG_OK;
    if (question->n != (int32_t)i + 1)
      status = wg_fail(error, WG_INVALID_ARGUMENT, "n", "must be %zu: questions are numbered 1, 2, 3 …", i + 1);
    if (status == WG_OK && (question->kind < QUESTION(SINGLE) || question->kind > QUESTION(TEXT)))
      status = wg_fail(error, WG_INVALID_ARGUMENT, "kind", "must be a value of QuestionKind");
    if (status == WG_OK) status = lists_check_text(question->text, QUESTION_BYTES, 1, "text", error);
    if (status == WG_OK) status = check_options(question, error);
    if (status != WG_OK) return lists_path("questions", i, error);
  }
  return WG_OK;
}

static wg_status check_closing(int64_t closes_at, int64_t now, struct wg_error *error) {
  if (closes_at > now && closes_at <= now + OPEN_DAYS_MOST * WG_DAY_US) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "closes_at", "must be in the next %d days", OPEN_DAYS_MOST);
}

wg_status lists_questionnaire_draft(struct lists_change *change, struct wg_error *error) {
  Wangge__V1__ListEntry *entry = change->entry;
  Wangge__V1__Questionnaire *text = change->request->questionnaire_draft;
  wg_status status = lists_check_area(entry->district, text->area, error);
  if (status == WG_OK) status = lists_check_year(text->year, error);
  if (status == WG_OK) status = lists_check_title(text->title, "title", error);
  if (status == WG_OK) status = lists_check_text(text->introduction, LISTS_TEXT_BYTES, 0, "introduction", error);
  if (status == WG_OK) status = check_closing(text->closes_at, change->now, error);
  if (status == WG_OK) status = check_questions(text, error);
  if (status == WG_OK && (text->most_tokens < 1 || text->most_tokens > TOKENS_MOST))
    status = wg_fail(error, WG_INVALID_ARGUMENT, "most_tokens", "must be 1 to %d", TOKENS_MOST);
  if (status != WG_OK) return status;
  text->issued = 0;
  entry->questionnaire = text;
  entry->area = text->area;
  entry->year = text->year;
  entry->title = text->title;
  return WG_OK;
}

wg_status lists_questionnaire_open(struct lists_change *change, struct wg_error *error) {
  const wg_status status = check_closing(change->entry->questionnaire->closes_at, change->now, error);
  if (status != WG_OK) {
    error->code = WG_FAILED_PRECONDITION; // the draft stands; its day has passed
    return error->code;
  }
  change->entry->disclosed = true;
  return WG_OK;
}

// Pledges (为民办实事): draft, promise, what becomes of it, year-end review.
#include "services/tracking/lists/check.h"
#include "services/tracking/lists/votes.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/wire/attachments.h"

#include <string.h>

static wg_status check_sources(Wangge__V1__SourceReference *const *sources, size_t count, struct wg_error *error) {
  if (count > LISTS_SOURCES)
    return wg_fail(error, WG_INVALID_ARGUMENT, "sources", "%zu sources: at most %d", count, LISTS_SOURCES);
  for (size_t i = 0; i < count; i++) {
    const Wangge__V1__SourceReference *source = sources[i];
    const ProtobufCEnumValue *known =
        protobuf_c_enum_descriptor_get_value(&wangge__v1__pledge_source__descriptor, (int)source->source);
    wg_status status = WG_OK;
    if (!known || !source->source)
      status = wg_fail(error, WG_INVALID_ARGUMENT, "source", "must be a value of PledgeSource");
    if (status == WG_OK) status = lists_check_title(source->reference, "reference", error);
    if (status == WG_OK) status = lists_check_text(source->note, LISTS_NOTE_BYTES, 0, "note", error);
    if (status != WG_OK) return lists_path("sources", i, error);
  }
  return WG_OK;
}

static wg_status check_milestones(const Wangge__V1__PledgeText *text, struct wg_error *error) {
  if (text->n_milestones > LISTS_MILESTONES)
    return wg_fail(error, WG_INVALID_ARGUMENT, "milestones", "%zu milestones: at most %d", text->n_milestones,
                   LISTS_MILESTONES);
  for (size_t i = 0; i < text->n_milestones; i++) {
    const Wangge__V1__Milestone *milestone = text->milestones[i];
    int32_t day = 0;
    wg_status status = WG_OK;
    if (milestone->n != (int32_t)i + 1)
      status = wg_fail(error, WG_INVALID_ARGUMENT, "n", "must be %zu: milestones are numbered 1, 2, 3 …", i + 1);
    if (status == WG_OK) status = lists_check_title(milestone->title, "title", error);
    if (status == WG_OK) status = lists_check_day(milestone->due_on, "due_on", &day, error);
    if (status == WG_OK && (milestone->started || *milestone->done_on || *milestone->note || milestone->n_evidence))
      status = wg_fail(error, WG_INVALID_ARGUMENT, "done_on", "how it goes is told by pledge_milestone");
    if (status != WG_OK) return lists_path("milestones", i, error);
  }
  return WG_OK;
}

static wg_status check_text(const char *district, const Wangge__V1__PledgeText *text, struct wg_error *error) {
  int32_t day = 0;
  int year = 0, month = 0, day_of_month = 0;
  wg_status status = lists_check_area(district, text->area, error);
  if (status == WG_OK) status = lists_check_year(text->year, error);
  if (status == WG_OK) status = lists_check_title(text->title, "title", error);
  if (status == WG_OK) status = lists_check_text(text->promise, LISTS_TEXT_BYTES, WG_TEXT_REQUIRED, "promise", error);
  if (status == WG_OK) status = lists_check_title(text->owner, "owner", error);
  if (status == WG_OK) status = lists_check_day(text->due_on, "due_on", &day, error);
  if (status != WG_OK) return status;
  wg_day_civil(day, &year, &month, &day_of_month);
  if (year != text->year)
    return wg_fail(error, WG_INVALID_ARGUMENT, "due_on", "must be in the year %d", (int)text->year);
  status = check_sources(text->sources, text->n_sources, error);
  return status == WG_OK ? check_milestones(text, error) : status;
}

static void take_text(Wangge__V1__ListEntry *entry, Wangge__V1__PledgeText *text) {
  entry->pledge->text = text;
  entry->area = text->area;
  entry->year = text->year;
  entry->title = text->title;
}

wg_status lists_pledge_draft(struct lists_change *change, struct wg_error *error) {
  Wangge__V1__ListEntry *entry = change->entry;
  Wangge__V1__PledgeText *text = change->request->pledge_draft;
  const wg_status status = check_text(entry->district, text, error);
  if (status == WG_OK) take_text(entry, text);
  return status;
}

wg_status lists_pledge_promise(struct lists_change *change, struct wg_error *error) {
  Wangge__V1__ListEntry *entry = change->entry;
  Wangge__V1__Pledge *pledge = entry->pledge;
  if (!pledge->text->n_sources)
    return wg_fail(error, WG_FAILED_PRECONDITION, "sources",
                   "nothing is promised without a source: a patrol, follow-up, theme day, questionnaire or visit");
  if (!pledge->text->n_milestones)
    return wg_fail(error, WG_FAILED_PRECONDITION, "milestones", "nothing is promised without a milestone");
  pledge->promised_at = change->now;
  pledge->promise_version = 1;
  pledge->first_due_on = pledge->text->due_on;
  entry->disclosed = true;
  return WG_OK;
}

static bool has_source(const Wangge__V1__PledgeText *text, const Wangge__V1__SourceReference *wanted) {
  for (size_t i = 0; i < text->n_sources; i++) {
    if (text->sources[i]->source == wanted->source && strcmp(text->sources[i]->reference, wanted->reference) == 0)
      return true;
  }
  return false;
}

// keep_reports takes what was reported of milestones into the new text; one that has begun may not go or change.
static wg_status keep_reports(const Wangge__V1__PledgeText *old, Wangge__V1__PledgeText *text, struct wg_error *error) {
  for (size_t i = 0; i < old->n_milestones; i++) {
    Wangge__V1__Milestone *before = old->milestones[i];
    if (!before->started) continue;
    if (i >= text->n_milestones || strcmp(text->milestones[i]->title, before->title) != 0)
      return wg_fail(error, WG_FAILED_PRECONDITION, "milestones", "milestone %d has begun: it stays as it is",
                     (int)before->n);
    if (*before->done_on && strcmp(text->milestones[i]->due_on, before->due_on) != 0)
      return wg_fail(error, WG_FAILED_PRECONDITION, "milestones", "milestone %d is done: its due date stays",
                     (int)before->n);
    before->due_on = text->milestones[i]->due_on;
    text->milestones[i] = before;
  }
  return WG_OK;
}

wg_status lists_pledge_amend(struct lists_change *change, struct wg_error *error) {
  Wangge__V1__ListEntry *entry = change->entry;
  Wangge__V1__PledgeText *old = entry->pledge->text, *text = change->request->pledge_amend;
  wg_status status = check_text(entry->district, text, error);
  if (status == WG_OK && text->year != old->year)
    status = wg_fail(error, WG_FAILED_PRECONDITION, "year", "a promise stays in its year");
  for (size_t i = 0; i < old->n_sources && status == WG_OK; i++) {
    if (!has_source(text, old->sources[i]))
      status = wg_fail(error, WG_FAILED_PRECONDITION, "sources", "source \"%s\" stays", old->sources[i]->reference);
  }
  if (status == WG_OK && !text->n_milestones)
    status = wg_fail(error, WG_FAILED_PRECONDITION, "milestones", "nothing is promised without a milestone");
  if (status == WG_OK) status = keep_reports(old, text, error);
  if (status != WG_OK) return status;
  take_text(entry, text);
  entry->pledge->promise_version++;
  return WG_OK;
}

wg_status lists_pledge_update(struct lists_change *change, struct wg_error *error) {
  Wangge__V1__Pledge *pledge = change->entry->pledge;
  Wangge__V1__PledgeUpdate *update = change->request->pledge_update;
  wg_status status = lists_check_text(update->text, LISTS_TEXT_BYTES, WG_TEXT_REQUIRED, "text", error);
  if (status == WG_OK) status = check_sources(update->sources, update->n_sources, error);
  if (status == WG_OK)
    status = wg_attachments_check(update->attachments, update->n_attachments, LISTS_ATTACHMENTS, error);
  if (status != WG_OK) return status;
  if (pledge->n_updates >= LISTS_UPDATES)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "text", "a pledge has at most %d updates", LISTS_UPDATES);
  for (size_t i = 0; i < update->n_sources; i++) {
    if (has_source(pledge->text, update->sources[i])) continue;
    if (pledge->text->n_sources >= LISTS_SOURCES)
      return wg_fail(error, WG_RESOURCE_EXHAUSTED, "sources", "a pledge has at most %d sources", LISTS_SOURCES);
    pledge->text->sources =
        lists_append(change->arena, pledge->text->sources, &pledge->text->n_sources, update->sources[i]);
  }
  update->at = change->now;
  pledge->updates = lists_append(change->arena, pledge->updates, &pledge->n_updates, update);
  return WG_OK;
}

wg_status lists_pledge_milestone(struct lists_change *change, struct wg_error *error) {
  const Wangge__V1__PledgeText *text = change->entry->pledge->text;
  const Wangge__V1__PledgeMilestoneReport *report = change->request->pledge_milestone;
  if (report->n < 1 || (size_t)report->n > text->n_milestones)
    return wg_fail(error, WG_INVALID_ARGUMENT, "n", "there are milestones 1 to %zu", text->n_milestones);
  Wangge__V1__Milestone *milestone = text->milestones[report->n - 1];
  int32_t day = 0;
  wg_status status = lists_check_text(report->note, LISTS_NOTE_BYTES, 0, "note", error);
  if (status == WG_OK && *report->done_on)
    status = lists_check_past(report->done_on, "done_on", change->today, &day, error);
  if (status == WG_OK) status = wg_attachments_check(report->evidence, report->n_evidence, LISTS_ATTACHMENTS, error);
  if (status != WG_OK) return status;
  if (*milestone->done_on)
    return wg_fail(error, WG_FAILED_PRECONDITION, "n", "milestone %d was done on %s", (int)report->n,
                   milestone->done_on);
  milestone->started = true;
  milestone->done_on = report->done_on;
  milestone->note = report->note;
  milestone->evidence = report->evidence;
  milestone->n_evidence = report->n_evidence;
  return WG_OK;
}

static const Wangge__V1__Milestone *not_done(const Wangge__V1__PledgeText *text) {
  for (size_t i = 0; i < text->n_milestones; i++) {
    if (!*text->milestones[i]->done_on) return text->milestones[i];
  }
  return NULL;
}

wg_status lists_pledge_finish(struct lists_change *change, struct wg_error *error) {
  Wangge__V1__Pledge *pledge = change->entry->pledge;
  const Wangge__V1__PledgeFinish *finish = change->request->pledge_finish;
  int32_t day = 0;
  wg_status status = lists_check_text(finish->result, LISTS_TEXT_BYTES, WG_TEXT_REQUIRED, "result", error);
  if (status == WG_OK) status = wg_attachments_check(finish->evidence, finish->n_evidence, LISTS_ATTACHMENTS, error);
  if (status == WG_OK && finish->fulfilled)
    status = lists_check_past(finish->finished_on, "finished_on", change->today, &day, error);
  if (status == WG_OK && !finish->fulfilled && *finish->finished_on)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "finished_on", "what is not fulfilled has no day it was done");
  if (status != WG_OK) return status;
  const Wangge__V1__Milestone *left = not_done(pledge->text);
  if (finish->fulfilled && left)
    return wg_fail(error, WG_FAILED_PRECONDITION, "fulfilled", "milestone %d \"%s\" is not done", (int)left->n,
                   left->title);
  pledge->finished_on = finish->finished_on;
  pledge->result = finish->result;
  pledge->evidence = finish->evidence;
  pledge->n_evidence = finish->n_evidence;
  change->entry->state = finish->fulfilled ? WANGGE__V1__ENTRY_STATE__ENTRY_STATE_FULFILLED
                                           : WANGGE__V1__ENTRY_STATE__ENTRY_STATE_UNFULFILLED;
  return WG_OK;
}

static struct lists_votes review_of(Wangge__V1__Pledge *pledge) {
  return (struct lists_votes){&pledge->review, &pledge->n_review};
}

wg_status lists_review_open(struct lists_change *change, struct wg_error *error) {
  const Wangge__V1__ReviewOpening *opening = change->request->review_open;
  return lists_votes_open(review_of(change->entry->pledge), opening->party_members, opening->residents, change->arena,
                          error);
}

wg_status lists_review_vote(struct lists_change *change, struct wg_error *error) {
  return lists_votes_add(review_of(change->entry->pledge), change->request->review_vote, error);
}

wg_status lists_review_close(struct lists_change *change, struct wg_error *error) {
  Wangge__V1__Pledge *pledge = change->entry->pledge;
  if (!lists_votes_cast(review_of(pledge)))
    return wg_fail(error, WG_FAILED_PRECONDITION, "action", "nobody has voted yet; possible: review_vote");
  pledge->review_closed_at = change->now;
  return WG_OK;
}

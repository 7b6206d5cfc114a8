// Deliberation meetings (主题党日+阳光议事): plan, topics, votes, resolution, disclosure, and what becomes of a topic.
#include "services/tracking/lists/check.h"
#include "services/tracking/lists/votes.h"

#include "common/base/text.h"

#include <string.h>

wg_status lists_meeting_plan(struct lists_change *change, struct wg_error *error) {
  Wangge__V1__ListEntry *entry = change->entry;
  Wangge__V1__MeetingText *text = change->request->meeting_plan;
  int32_t day = 0;
  wg_status status = lists_check_area(entry->district, text->area, error);
  if (status == WG_OK) status = lists_check_year(text->year, error);
  if (status == WG_OK) status = lists_check_title(text->title, "title", error);
  if (status == WG_OK) status = lists_check_day(text->planned_on, "planned_on", &day, error);
  if (status == WG_OK) status = lists_check_text(text->place, LISTS_TITLE_BYTES, 0, "place", error);
  if (status == WG_OK) status = lists_check_title(text->host, "host", error);
  if (status != WG_OK) return status;
  entry->meeting->text = text;
  entry->area = text->area;
  entry->year = text->year;
  entry->title = text->title;
  return WG_OK;
}

wg_status lists_meeting_topic(struct lists_change *change, struct wg_error *error) {
  Wangge__V1__Meeting *meeting = change->entry->meeting;
  const Wangge__V1__TopicText *text = change->request->meeting_topic;
  wg_status status = lists_check_title(text->title, "title", error);
  if (status == WG_OK) status = lists_check_text(text->text, LISTS_TEXT_BYTES, 0, "text", error);
  if (status != WG_OK) return status;
  if (meeting->n_topics >= LISTS_TOPICS)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "title", "a meeting has at most %d topics", LISTS_TOPICS);
  Wangge__V1__Topic *topic = wg_arena_alloc(change->arena, sizeof *topic);
  wangge__v1__topic__init(topic);
  topic->n = (int32_t)meeting->n_topics + 1;
  topic->title = text->title;
  topic->text = text->text;
  meeting->topics = lists_append(change->arena, meeting->topics, &meeting->n_topics, topic);
  return WG_OK;
}

wg_status lists_meeting_hold(struct lists_change *change, struct wg_error *error) {
  Wangge__V1__Meeting *meeting = change->entry->meeting;
  const Wangge__V1__MeetingHolding *holding = change->request->meeting_hold;
  int32_t day = 0;
  const wg_status status = lists_check_past(holding->held_on, "held_on", change->today, &day, error);
  if (status != WG_OK) return status;
  // Whether the numbers of who took part are possible is what opening a vote looks at.
  Wangge__V1__Topic trial = WANGGE__V1__TOPIC__INIT;
  const struct lists_votes votes = {&trial.votes, &trial.n_votes};
  if (lists_votes_open(votes, holding->party_members, holding->residents, change->arena, error) != WG_OK)
    return error->code;
  meeting->held_on = holding->held_on;
  meeting->party_members = holding->party_members;
  meeting->residents = holding->residents;
  return WG_OK;
}

// topic_of gives topic n; NULL: refused.
static Wangge__V1__Topic *topic_of(const Wangge__V1__Meeting *meeting, int32_t n, struct wg_error *error) {
  if (n >= 1 && (size_t)n <= meeting->n_topics) return meeting->topics[n - 1];
  wg_fail(error, WG_INVALID_ARGUMENT, "n", "there are topics 1 to %zu", meeting->n_topics);
  return NULL;
}

// open_topic gives a topic that is not resolved yet: a closed vote is final.
static Wangge__V1__Topic *open_topic(const Wangge__V1__Meeting *meeting, int32_t n, struct wg_error *error) {
  Wangge__V1__Topic *topic = topic_of(meeting, n, error);
  if (!topic || !topic->resolved) return topic;
  wg_fail(error, WG_FAILED_PRECONDITION, "n", "topic %d is resolved; its votes are final", (int)n);
  return NULL;
}

wg_status lists_topic_position(struct lists_change *change, struct wg_error *error) {
  const Wangge__V1__TopicPosition *position = change->request->topic_position;
  Wangge__V1__Topic *topic = open_topic(change->entry->meeting, position->n, error);
  if (!topic) return error->code;
  const wg_status status = lists_check_text(position->text, LISTS_NOTE_BYTES, WG_TEXT_REQUIRED, "text", error);
  if (status != WG_OK) return status;
  if (topic->n_positions >= LISTS_POSITIONS)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "text", "a topic has at most %d positions", LISTS_POSITIONS);
  topic->positions = lists_append(change->arena, topic->positions, &topic->n_positions, position->text);
  return WG_OK;
}

wg_status lists_topic_vote(struct lists_change *change, struct wg_error *error) {
  const Wangge__V1__Meeting *meeting = change->entry->meeting;
  const Wangge__V1__TopicVotes *vote = change->request->topic_vote;
  Wangge__V1__Topic *topic = open_topic(meeting, vote->n, error);
  if (!topic) return error->code;
  if (!vote->votes) return wg_fail(error, WG_INVALID_ARGUMENT, "votes", "votes are required");
  const struct lists_votes votes = {&topic->votes, &topic->n_votes};
  wg_status status = WG_OK;
  if (!topic->n_votes)
    status = lists_votes_open(votes, meeting->party_members, meeting->residents, change->arena, error);
  return status == WG_OK ? lists_votes_add(votes, vote->votes, error) : status;
}

wg_status lists_topic_resolve(struct lists_change *change, struct wg_error *error) {
  const Wangge__V1__TopicResolution *resolution = change->request->topic_resolve;
  Wangge__V1__Topic *topic = open_topic(change->entry->meeting, resolution->n, error);
  if (!topic) return error->code;
  const struct lists_votes votes = {&topic->votes, &topic->n_votes};
  const wg_status status =
      lists_check_text(resolution->resolution, LISTS_TEXT_BYTES, WG_TEXT_REQUIRED, "resolution", error);
  if (status != WG_OK) return status;
  if (!lists_votes_cast(votes))
    return wg_fail(error, WG_FAILED_PRECONDITION, "n", "nobody has voted about topic %d yet; possible: topic_vote",
                   (int)topic->n);
  topic->resolved = true;
  topic->adopted = lists_votes_adopt(votes);
  topic->resolution = resolution->resolution;
  return WG_OK;
}

wg_status lists_meeting_disclose(struct lists_change *change, struct wg_error *error) {
  Wangge__V1__Meeting *meeting = change->entry->meeting;
  if (!meeting->n_topics)
    return wg_fail(error, WG_FAILED_PRECONDITION, "action", "it has no topic; possible: meeting_topic");
  for (size_t i = 0; i < meeting->n_topics; i++) {
    if (!meeting->topics[i]->resolved)
      return wg_fail(error, WG_FAILED_PRECONDITION, "action",
                     "topic %zu is not resolved; possible: topic_vote, topic_resolve", i + 1);
  }
  meeting->disclosed_at = change->now;
  change->entry->disclosed = true;
  return WG_OK;
}

static Wangge__V1__Topic *adopted_topic(const Wangge__V1__Meeting *meeting, int32_t n, struct wg_error *error) {
  Wangge__V1__Topic *topic = topic_of(meeting, n, error);
  if (!topic || topic->adopted) return topic;
  wg_fail(error, WG_FAILED_PRECONDITION, "n", "topic %d was not adopted", (int)n);
  return NULL;
}

// The order's text must be whole in intake's eyes; what else is wrong with it intake says, and the answer keeps.
wg_status lists_topic_task(struct lists_change *change, struct wg_error *error) {
  const Wangge__V1__TopicTask *task = change->request->topic_task;
  Wangge__V1__ListEntry *entry = change->entry;
  Wangge__V1__Topic *topic = adopted_topic(entry->meeting, task->n, error);
  if (!topic) return error->code;
  wg_status status = lists_check_title(task->title, "title", error);
  if (status == WG_OK) status = lists_check_text(task->text, LISTS_TEXT_BYTES, WG_TEXT_REQUIRED, "text", error);
  if (status == WG_OK) status = lists_check_text(task->category, LISTS_TITLE_BYTES, 0, "category", error);
  if (status == WG_OK) status = lists_check_text(task->address, 2 * LISTS_TITLE_BYTES, 0, "address", error);
  if (status == WG_OK && *task->grid_code &&
      (!wg_all_digits(task->grid_code, 15) || strncmp(task->grid_code, entry->district, 6) != 0))
    status = wg_fail(error, WG_INVALID_ARGUMENT, "grid_code", "must be empty or 15 digits that begin with %s",
                     entry->district);
  if (status != WG_OK) return status;
  if (topic->n_tasks >= LISTS_TASKS)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "n", "a topic becomes at most %d orders", LISTS_TASKS);
  Wangge__V1__NewOrder *order = wg_arena_alloc(change->arena, sizeof *order);
  wangge__v1__new_order__init(order);
  order->external_id =
      wg_arena_printf(change->arena, "m-%s-%d-%d", entry->code, (int)task->n, (int)(entry->version + 1));
  order->district = entry->district;
  order->channel = WANGGE__V1__CHANNEL__CHANNEL_THEME_DAY;
  order->kind = task->kind ? task->kind : WANGGE__V1__ORDER_KIND__ORDER_KIND_HELP;
  order->category = task->category;
  order->title = task->title;
  order->text = task->text;
  order->address = task->address;
  order->grid_code = task->grid_code;
  order->occurred_at = change->now;
  topic->tasks = lists_append(change->arena, topic->tasks, &topic->n_tasks, order->external_id);
  change->order = order;
  return WG_OK;
}

wg_status lists_topic_pledge(struct lists_change *change, struct wg_error *error) {
  const Wangge__V1__TopicPledge *asked = change->request->topic_pledge;
  Wangge__V1__Topic *topic = adopted_topic(change->entry->meeting, asked->n, error);
  if (!topic) return error->code;
  if (*topic->pledge)
    return wg_fail(error, WG_FAILED_PRECONDITION, "n", "topic %d became pledge \"%s\"", (int)asked->n, topic->pledge);
  if (!change->pledge || change->pledge->version)
    return wg_fail(error, WG_ALREADY_EXISTS, "code", "there is a pledge \"%s\"; choose another code", asked->code);
  if (!asked->text) return wg_fail(error, WG_INVALID_ARGUMENT, "text", "the pledge's text is required");
  Wangge__V1__SourceReference *source = wg_arena_alloc(change->arena, sizeof *source);
  wangge__v1__source_reference__init(source);
  source->source = WANGGE__V1__PLEDGE_SOURCE__PLEDGE_SOURCE_THEME_DAY;
  source->reference = wg_arena_printf(change->arena, "meeting %s %d", change->entry->code, (int)asked->n);
  asked->text->sources = lists_append(change->arena, asked->text->sources, &asked->text->n_sources, source);
  Wangge__V1__ChangeEntryRequest draft = *change->request;
  draft.code = change->pledge->code;
  draft.expected_version = 0;
  draft.action_case = WANGGE__V1__CHANGE_ENTRY_REQUEST__ACTION_PLEDGE_DRAFT;
  draft.pledge_draft = asked->text;
  struct lists_change making = {
      .request = &draft, .entry = change->pledge, .arena = change->arena, .now = change->now, .today = change->today};
  if (lists_decide(&making, error) != WG_OK) return error->code;
  topic->pledge = change->pledge->code;
  return WG_OK;
}

#include "services/tracking/lists/figures.h"

#include "common/base/clock.h"
#include "services/tracking/lists/check.h"

#include <string.h>

#define STATE(name) WANGGE__V1__ENTRY_STATE__ENTRY_STATE_##name

// later: civil dates compare as their texts do.
static bool later(const char *day, const char *than) {
  return *day && strcmp(day, than) > 0;
}

static void add_votes(Wangge__V1__PledgeFiguresResponse *figures, const Wangge__V1__Votes *votes,
                      struct wg_arena *arena) {
  Wangge__V1__Votes *sum = NULL;
  for (size_t i = 0; i < figures->n_review && !sum; i++) {
    if (figures->review[i]->group == votes->group) sum = figures->review[i];
  }
  if (!sum) {
    sum = wg_arena_alloc(arena, sizeof *sum);
    wangge__v1__votes__init(sum);
    sum->group = votes->group;
    figures->review = lists_append(arena, figures->review, &figures->n_review, sum);
  }
  sum->eligible += votes->eligible;
  sum->approve += votes->approve;
  sum->reject += votes->reject;
  sum->abstain += votes->abstain;
}

static void add_milestones(Wangge__V1__PledgeFiguresResponse *figures, const Wangge__V1__PledgeText *text) {
  for (size_t i = 0; i < text->n_milestones; i++) {
    const Wangge__V1__Milestone *milestone = text->milestones[i];
    figures->milestones++;
    figures->milestones_done += *milestone->done_on != '\0';
    figures->milestones_late += later(milestone->done_on, milestone->due_on);
  }
}

static bool is_past(const char *day, int32_t today) {
  int32_t number = 0;
  return wg_day_parse(day, &number) && number < today;
}

void lists_figures_add(Wangge__V1__PledgeFiguresResponse *figures, const Wangge__V1__ListEntry *entry, int32_t today,
                       struct wg_arena *arena) {
  const Wangge__V1__Pledge *pledge = entry->pledge;
  if (!pledge->promised_at) return;
  const Wangge__V1__PledgeText *text = pledge->text;
  figures->promised++;
  figures->moved += strcmp(text->due_on, pledge->first_due_on) != 0;
  add_milestones(figures, text);
  if (entry->state == STATE(WITHDRAWN)) {
    figures->withdrawn++;
  } else if (entry->state == STATE(PROMISED)) {
    figures->open++;
    figures->overdue += is_past(text->due_on, today);
  } else if (*pledge->finished_on) {
    figures->fulfilled++;
    figures->late += later(pledge->finished_on, text->due_on);
  } else {
    figures->unfulfilled++;
  }
  if (entry->state != STATE(REVIEWED)) return;
  figures->reviewed++;
  for (size_t i = 0; i < pledge->n_review; i++)
    add_votes(figures, pledge->review[i], arena);
}

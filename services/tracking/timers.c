// See timers.h.
#include "services/tracking/timers.h"

#include "common/base/clock.h"
#include "services/tracking/moves.h"

static const enum tracking_event EVENTS[TRACKING_CLOCKS] = {TRACKING_SIGN_OVERDUE,
                                                            TRACKING_CONTACT_OVERDUE,
                                                            TRACKING_CARD,
                                                            TRACKING_CARD,
                                                            TRACKING_CARD,
                                                            TRACKING_CARD,
                                                            TRACKING_REVIEW_OVERDUE,
                                                            TRACKING_FOLLOW_UP_OVERDUE,
                                                            TRACKING_ARCHIVE,
                                                            TRACKING_HOLD_REVIEW,
                                                            TRACKING_SUPERVISION_OVER,
                                                            TRACKING_ANSWER_OVER};
static const char *const KINDS[TRACKING_CLOCKS] = {
    "sign_overdue",   "contact_overdue",   "yellow_card", "red_card", "urged",      "criticised",
    "review_overdue", "follow_up_overdue", "archived",    "resumed",  "supervised", "closed"};

// before gives the time that lies a limit before the deadline; only for deadlines in days.
static int64_t before(const struct wg_calendar *calendar, struct tracking_limit limit, int64_t due_at) {
  if (limit.hours) return due_at - limit.hours * (3600 * WG_SECOND_US);
  const int32_t last = (int32_t)((due_at - 1 + WG_SHANGHAI_OFFSET_US) / WG_DAY_US);
  return wg_calendar_back(calendar, last + 1, limit.working_days) * WG_DAY_US - WG_SHANGHAI_OFFSET_US;
}

// behind gives the beginning of the n-th day behind the deadline's.
static int64_t behind(const struct wg_calendar *calendar, struct tracking_limit limit, int64_t due_at) {
  const int64_t end = tracking_limit_end(calendar, limit, due_at - 1);
  return limit.hours ? end + 1 : end - WG_DAY_US;
}

// time_of gives when a clock of the case runs out; 0: it does not run.
static int64_t time_of(const struct tracking_case *subject, enum tracking_clock clock,
                       const struct tracking_rules *rules) {
  const Wangge__V1__Case *row = &subject->row;
  const struct tracking_clocks *clocks = rules->clocks;
  const struct wg_calendar *calendar = wg_calendars_of(rules->calendars, row->district);
  const int urgency = (int)row->urgency;
  int64_t at;
  switch (clock) {
  case TRACKING_CLOCK_SIGN:
    return tracking_limit_end(calendar, tracking_by_urgency(clocks->sign, urgency), row->dispatched_at);
  case TRACKING_CLOCK_CONTACT:
    if (row->round > 1 || !row->first_dispatched_at || (row->contact && row->contact->contacted_at)) return 0;
    return tracking_limit_end(calendar, tracking_by_urgency(clocks->contact, urgency), row->first_dispatched_at);
  case TRACKING_CLOCK_YELLOW:
    if (!row->due_at) return 0;
    at = before(calendar, clocks->yellow, row->due_at);
    return at > (subject->facts.due_from ? subject->facts.due_from : row->first_dispatched_at) ? at : 0;
  case TRACKING_CLOCK_RED:
    return row->due_at ? behind(calendar, clocks->red, row->due_at) : 0;
  case TRACKING_CLOCK_URGE:
    return row->due_at ? behind(calendar, clocks->urge, row->due_at) : 0;
  case TRACKING_CLOCK_CRITICISE: // so many days have passed
    return row->due_at ? tracking_limit_end(calendar, clocks->criticise, row->due_at - 1) : 0;
  case TRACKING_CLOCK_REVIEW:
    return tracking_limit_end(calendar, clocks->review, row->resolved_at);
  case TRACKING_CLOCK_FOLLOW_UP:
    return tracking_limit_end(calendar, clocks->follow_up, row->reviewed_at);
  case TRACKING_CLOCK_HOLD:
    return row->hold->review_at;
  case TRACKING_CLOCK_SUPERVISE:
    return row->supervision && row->supervision->level < TRACKING_TOP_LEVEL ? row->supervision->due_at : 0;
  case TRACKING_CLOCK_ANSWER:
    return tracking_limit_end(calendar, clocks->answer, row->opened_at);
  default:
    return tracking_limit_end(calendar, clocks->reopen, row->closed_at);
  }
}

bool tracking_timers_next(const struct tracking_case *subject, const struct tracking_rules *rules,
                          struct tracking_alarm *alarm) {
  *alarm = (struct tracking_alarm){0};
  for (int i = 0; i < TRACKING_CLOCKS; i++) {
    const enum tracking_clock clock = (enum tracking_clock)i;
    if (subject->facts.fired >> i & 1) continue;
    if (!subject->exists || !tracking_possible(subject->row.state, EVENTS[i], TRACKING_BY_CLOCK)) continue;
    const int64_t at = time_of(subject, clock, rules);
    if (at && (!alarm->at || at < alarm->at)) *alarm = (struct tracking_alarm){clock, at};
  }
  return alarm->at != 0;
}

void tracking_timers_set(struct tracking_case *subject, const struct tracking_rules *rules) {
  struct tracking_alarm alarm;
  tracking_timers_next(subject, rules, &alarm);
  if (alarm.at == subject->next_at) return;
  subject->next_at = alarm.at;
  subject->changed = true;
}

void tracking_timers_again(struct tracking_case *subject, uint32_t clocks) {
  subject->facts.fired &= ~clocks;
}

static void ring(struct tracking_case *subject, enum tracking_clock clock, int64_t now, struct tracking_rules *rules) {
  Wangge__V1__Case *row = &subject->row;
  switch (clock) {
  case TRACKING_CLOCK_SIGN:
    row->signed_late = true;
    return;
  case TRACKING_CLOCK_CONTACT:
    row->contacted_late = true;
    return;
  case TRACKING_CLOCK_YELLOW:
    row->yellow_cards++;
    return;
  case TRACKING_CLOCK_RED:
    row->red_cards++;
    row->late = true;
    return;
  case TRACKING_CLOCK_URGE:
    row->urged++;
    return;
  case TRACKING_CLOCK_CRITICISE:
    row->criticised = true;
    return;
  case TRACKING_CLOCK_ARCHIVE:
    tracking_go(subject, TRACKING_ARCHIVE, TRACKING_STATE(ARCHIVED));
    return;
  case TRACKING_CLOCK_ANSWER:
    tracking_go(subject, TRACKING_ANSWER_OVER, TRACKING_STATE(CLOSED));
    row->closed_at = now;
    return;
  case TRACKING_CLOCK_HOLD:
    tracking_go(subject, TRACKING_HOLD_REVIEW, TRACKING_STATE(HANDLING));
    tracking_hold_end(subject, now, rules);
    return;
  case TRACKING_CLOCK_SUPERVISE:
    tracking_supervise_up(subject, row->supervision->reason, row->supervision->working_days, now, rules);
    return;
  default:
    return;
  }
}

bool tracking_timers_fire(struct tracking_case *subject, struct tracking_rules *rules, int64_t now,
                          struct tracking_step *step) {
  struct tracking_alarm alarm;
  if (!tracking_timers_next(subject, rules, &alarm) || alarm.at > now) return false;
  char due[32];
  const int64_t due_at = subject->row.due_at;
  subject->facts.fired |= 1u << alarm.clock;
  ring(subject, alarm.clock, now, rules);
  const char *note = wg_arena_printf(rules->arena, "%s", wg_civil_format(alarm.at, due));
  tracking_take(subject, step, KINDS[alarm.clock], subject->row.department, "clock", note, now);
  if (subject->row.due_at != due_at) step->due_at = subject->row.due_at;
  if (alarm.clock == TRACKING_CLOCK_HOLD) {
    step->detail = TRACKING_DETAIL(HOLD);
    step->part = subject->row.hold;
  } else if (alarm.clock == TRACKING_CLOCK_SUPERVISE) {
    step->detail = TRACKING_DETAIL(SUPERVISION);
    step->part = subject->row.supervision;
  }
  return true;
}

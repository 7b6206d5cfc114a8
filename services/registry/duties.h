// What has to be done when (任务): from duty templates and the book to duties with the orders they become. Pure: the
// day and the book are arguments.
//
//   DAYS     every `every` days from starts_on
//   WEEKLY   on weekday `on`, every `every` weeks; they are counted from the week of starts_on (none: that of
//   1970-01-01) MONTHLY  on day `on`, every `every` months; in a month without that day on its last. Months are counted
//   from that of
//            starts_on (none: from January)
//   EXPIRY   from `before_days` before a date of a record until the date itself, once: so what becomes known late is
//            not forgotten. Items of agreements that are done need nothing more
//   EVENT    when it happens
// Only from starts_on to ends_on, both inclusive.
//
// One duty for each area of the template's level. For EXPIRY and EVENT it is the area of the record in question, taken
// up (a household's grid) or down to the level (every grid of a community, what a station serves); without a level it
// is the record's own area.
//
// A duty's id tells what it is for, so nothing is made twice: template/area/2026-11-30, for EXPIRY
// template/area/date/record, for EVENT template/area/principal/event_id. It is the order's external_id; longer than
// that may be it keeps its beginning and ends with a hash.
#pragma once

#include "services/registry/book.h"

#include "wangge/v1/intake.pb-c.h"

enum {
  REGISTRY_DUTY_ID_BYTES = 64, // as intake's external_id
  REGISTRY_DUTIES_A_BATCH = 1000,
  REGISTRY_DUTY_DAYS_BACK = 7, // days that were missed are made up for; older ones are told of and left out
};

struct registry_duty {
  const char *duty_id, *district, *template, *area;
  char due_on[11];
  Wangge__V1__NewOrder *order;
};
// Duties in an arena. The first `skip` are left out, and what is beyond `most` only sets `more`.
struct registry_duties {
  struct wg_arena *arena;
  size_t skip, most;
  struct registry_duty *duty;
  size_t count, capacity, seen;
  bool more;
};

// registry_duty_due: is it a day of DAYS, WEEKLY or MONTHLY?
bool registry_duty_due(const Wangge__V1__DutyTemplate *template, int32_t day);
// registry_duties_of_day adds what the district's templates make on a day, in a fixed order.
void registry_duties_of_day(const struct wg_book *book, const char *district, int32_t day,
                            struct registry_duties *duties);
// registry_duties_of_event adds what the templates of an event make. `record` is what it happened to.
struct registry_event {
  const char *district, *principal, *event_id, *event, *note;
  const Wangge__V1__Record *record;
  int64_t happened_at;
};
void registry_duties_of_event(const struct wg_book *book, const struct registry_event *event,
                              struct registry_duties *duties);

// Which day a district is to be brought to next, from the newest day that was done (0: none yet, then only today) and
// today. false: it is up to date. *skipped: days that are too old and are left out.
bool registry_duty_next_day(int32_t done, int32_t today, int32_t *day, int32_t *skipped);
int32_t registry_duty_today(int64_t now); // of Asia/Shanghai

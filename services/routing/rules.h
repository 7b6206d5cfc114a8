// The dispatch catalogue (派单目录): for each district an ordered table of rules; the first rule whose every condition
// an order meets decides who leads (主办) and who assists (协办).
//
// Built from the registry's records of the kinds dispatch_rule, category and department; with those of street,
// community, grid, place and building it is also known which areas and places there are. A rule's conditions, empty
// ones are met by every order:
//   category_prefix   whole levels: "城乡建设" is met by "城乡建设/供热", not by "城乡建设局"
//   area              9, 12 or 15 digits: the order lies in this street, community or grid; 6 digits: the district;
//                     anything else: the code of a place the order is about
//   place_text        the order's address contains it
//   channel, kind, urgency, source, parcel_ownership
//   valid_from, valid_to      civil dates, both inclusive  } of the moment intake received the order, Asia/Shanghai; in
//   from_minute, to_minute    minutes of the day, to exclusive; over midnight when to < from      } the night the date
//                                                                                                  } changes at 0:00
// Lead "grid" is the order's own grid: an order whose grid is not known goes to the dispatcher's desk.
//
// Hard rule (国办函〔2025〕66号): what a department has to handle is never given to a grid for handling. A rule whose
// lead is a grid is passed over by orders of a category of department's duty, and both the trace and a finding say so.
// A category that says nothing of its own is as the nearest one above it.
//
// Nothing is switched off silently: what is wrong with a catalogue is a finding, logged, counted and shown by
// Routing/Rules and --check, which exits with 1 for broken rules and unknown departments. Only broken rules are not in
// force. A rule whose lead does not exist is: its orders go to the desk, never on to a later rule.
//
// Threads: a built catalogue is constant but for `hits`; any number of threads may ask it.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"
#include "services/routing/place/place.h"

#include "wangge/v1/common.pb-c.h"
#include "wangge/v1/registry.pb-c.h"

#include <stdatomic.h>

enum { ROUTING_RULE_PLACES = 8, ROUTING_RULE_SKIPPED = 4, ROUTING_RULE_ASSISTS = 16, ROUTING_RULES_VERSION = 32 };

enum routing_rule_area { ROUTING_AREA_ANY, ROUTING_AREA_CODE, ROUTING_AREA_PLACE };

struct routing_rule {
  const char *id, *district; // the record's code and district
  const char *category, *area, *place_text, *source, *valid_from, *valid_to, *parcel, *lead, *note;
  const char *const *assists;
  const bool *assist_known; // one that does not exist is not told of the order
  size_t assist_count;
  int32_t rank;
  int channel, kind, urgency;     // of wangge.v1; 0: any
  int32_t from_day, to_day;       // days since 1970-01-01; INT32_MIN, INT32_MAX: no bound
  int16_t from_minute, to_minute; // equal: the whole day
  enum routing_rule_area area_kind;
  uint16_t category_size, area_size, place_text_size;
  bool lead_is_grid; // "grid", 15 digits, or a department of level grid
  bool lead_known;
  uint32_t number;       // in its district's table, from 0
  _Atomic uint64_t hits; // changed by the loop thread only
};

// What a decision is made on: the order and what was found out about it. NULL texts of the order count as "".
struct routing_rule_input {
  const Wangge__V1__Order *order;
  const char *category; // the order's own, or the one suggested when it has none
  const char *area;     // code of the smallest area known: 15 digits of the grid, or 12, 9, 6; "" unknown
  const char *places[ROUTING_RULE_PLACES]; // codes of places the order is about
  size_t place_count;
  const char *parcel; // ownership of the land: "state", "collective"; "" unknown
};
// routing_rule_input_make takes the order's own category and grid; `place` (NULL: none) knows better about the grid.
struct routing_rule_input routing_rule_input_make(const Wangge__V1__Order *order, const struct routing_place *place);

enum routing_why {
  ROUTING_WHY_DECIDED,
  ROUTING_WHY_NO_CATALOGUE, // the order's district has no rule
  ROUTING_WHY_NO_RULE,      // none is met
  ROUTING_WHY_NO_GRID,      // the rule's lead is the grid, and which one is not known
  ROUTING_WHY_NO_LEAD,      // the rule's lead does not exist
};
struct routing_ruling {
  enum routing_why why;
  struct routing_rule *rule; // that is met; NULL with NO_CATALOGUE and NO_RULE
  const char *lead;          // the unit, of the rule or of the input; "" unless DECIDED
  const char *version;       // of the district's table; "" with NO_CATALOGUE
  size_t rules;              // in that table
  bool department_duty;      // of the order's category
  // The first rules before `rule` that are met but have a grid for lead although the order is a department's duty.
  const struct routing_rule *skipped[ROUTING_RULE_SKIPPED];
  size_t skipped_count;
};

enum routing_finding_kind {
  ROUTING_BROKEN,
  ROUTING_UNKNOWN_DEPARTMENT,
  ROUTING_UNKNOWN_CATEGORY,
  ROUTING_UNKNOWN_PLACE,
  ROUTING_GRID_FOR_DEPARTMENT_DUTY,
  ROUTING_CONTRADICTORY,      // an earlier rule has the same conditions and another lead
  ROUTING_SHADOWED,           // earlier rules take every order that it could take
  ROUTING_DEAD,               // no order ever meets it
  ROUTING_MATCHES_EVERYTHING, // it has no condition, and rules stand behind it
  ROUTING_EXPIRED,
  ROUTING_UNCOVERED, // no rule, or none without further conditions, for a category of the tree
};
enum { ROUTING_FINDING_KINDS = 11 };
struct routing_finding {
  enum routing_finding_kind kind;
  bool error; // else a warning
  int32_t rank;
  const char *district, *rule_id, *category, *message; // Chinese; "" when it has none
};
const char *routing_finding_name(enum routing_finding_kind kind); // "unknown_department"

struct routing_rules;
// routing_rules_build never fails: what it cannot use is a finding. Records of other kinds and deleted ones are left
// alone; nothing points into them afterwards. `base` (may be NULL) stands in for kinds of which no record is given, so
// that a folder with new rules alone is judged by the categories and departments in force.
struct routing_rules *routing_rules_build(const Wangge__V1__Record *const *records, size_t count,
                                          const struct routing_rules *base);
void routing_rules_close(struct routing_rules *rules); // NULL is allowed

size_t routing_rules_count(const struct routing_rules *rules);
// routing_rules_at gives the rules in force by district and order, NULL behind the last.
struct routing_rule *routing_rules_at(const struct routing_rules *rules, size_t index);
// routing_rules_version: number of rules and the first 12 digits of the SHA-256 over everything that decides:
// "154-0b5fe97d2c11". "" for a district without rules. With district "" of all districts.
const char *routing_rules_version(const struct routing_rules *rules, const char *district);
// routing_rules_department_duty: of a category of this district.
bool routing_rules_department_duty(const struct routing_rules *rules, const char *district, const char *category);
// routing_rules_findings gives all findings as of a day, by district and rule; memory of the arena and of `rules`.
struct routing_finding *routing_rules_findings(const struct routing_rules *rules, int32_t today, struct wg_arena *arena,
                                               size_t *count);

// routing_rules_match decides; a few hash lookups and comparisons, no memory.
void routing_rules_match(const struct routing_rules *rules, const struct routing_rule_input *input,
                         struct routing_ruling *ruling);
// routing_ruling_assists gives the units that assist, at most ROUTING_RULE_ASSISTS: those of the rule that exist.
size_t routing_ruling_assists(const struct routing_ruling *ruling, const struct routing_rule_input *input,
                              const char *assists[ROUTING_RULE_ASSISTS]);
// routing_ruling_evidence says in Chinese, on one line, which values met which conditions, or why nobody leads.
char *routing_ruling_evidence(const struct routing_ruling *ruling, const struct routing_rule_input *input,
                              struct wg_arena *arena);

// A rule as it was looked at for one order.
enum routing_verdict { ROUTING_FAILS, ROUTING_SKIPPED, ROUTING_DECIDES };
struct routing_trace {
  const struct routing_rule *rule;
  enum routing_verdict verdict;
  const char *condition; // FAILS: the first that is not met, as its field is named: "area"
  const char *text;      // Chinese
};
// routing_rules_explain lists the rules in order up to the one that decides; those of other categories are only counted
// in *others. Memory of the arena.
struct routing_trace *routing_rules_explain(const struct routing_rules *rules, const struct routing_rule_input *input,
                                            struct wg_arena *arena, size_t *count, size_t *others);
// routing_rule_failing names the first condition of the rule that the order does not meet; NULL: it meets all.
const char *routing_rule_failing(const struct routing_rule *rule, const struct routing_rule_input *input);

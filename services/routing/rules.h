// The dispatch rules (派单规则): an ordered table; the first rule whose every condition an order meets decides.
//
// A CSV file in UTF-8 with the header
//   id,category_prefix,district,area,source,valid_from,valid_to,department,note
// and optionally the columns channel, kind and urgency (names of wangge.v1, e.g. patrol_visit, complaint, urgent) in
// any place. An empty condition is met by every order.
//   category_prefix  whole levels: "城乡建设" is met by "城乡建设/供热", not by "城乡建设局"
//   area             6, 9, 12 or 15 digits: the grid code begins with them; other text: the address contains it
//   valid_from, valid_to  YYYY-MM-DD in Asia/Shanghai, both inclusive; compared with the day intake received the order
// What is wrong with a table is a finding, with the line of the file:
//   broken              the line cannot be understood or can never be met; it is not in force
//   unknown_department  in force: an order that meets it goes to the dispatcher's desk, never on to a later rule
//   shadowed            an earlier rule takes every order that it could take
//   expired             valid_to has passed
// Nothing is switched off silently: every finding is logged, counted and shown by Routing/Rules and --check,
// which exits with 1 for the first two kinds.
#pragma once

#include "common/base/arena.h"
#include "services/routing/departments.h"

#include "wangge/v1/common.pb-c.h"

#include <stdatomic.h>

struct routing_rule {
  const char *id, *category, *district, *area, *source, *valid_from, *valid_to, *department, *note;
  int channel, kind, urgency; // of wangge.v1; 0: any
  int32_t from_day, to_day;   // days since 1970-01-01; INT32_MIN, INT32_MAX: no bound
  size_t category_size, area_size;
  bool area_is_grid;
  bool department_known;
  int line;
  _Atomic uint64_t hits; // changed by the loop thread only
};

enum routing_finding_kind { ROUTING_BROKEN, ROUTING_UNKNOWN_DEPARTMENT, ROUTING_SHADOWED, ROUTING_EXPIRED };
enum { ROUTING_FINDING_KINDS = 4 };
struct routing_finding {
  enum routing_finding_kind kind;
  int line;
  const char *rule_id; // "" when the line has none
  const char *message;
};
const char *routing_finding_name(enum routing_finding_kind kind); // "unknown_department"

struct routing_rules {
  char version[17]; // first 16 hex digits of the file's SHA-256
  struct routing_rule *rules;
  size_t count; // rules in force, in the order of the file
  struct routing_finding *findings;
  size_t finding_count; // without the expired ones: those depend on the day
  struct wg_arena *arena;
  struct routing_index *index;
};

// routing_rules_open reads a file; an error (not readable, another header, too large) leaves no table.
wg_status routing_rules_open(const char *path, const struct routing_departments *departments,
                             struct routing_rules **rules, struct wg_error *error);
wg_status routing_rules_parse(struct wg_bytes text, const struct routing_departments *departments,
                              struct routing_rules **rules, struct wg_error *error);
void routing_rules_close(struct routing_rules *rules); // NULL is allowed

// routing_rules_findings gives all findings as of a day, in the order of the file; memory of the arena.
struct routing_finding *routing_rules_findings(const struct routing_rules *rules, int32_t today, struct wg_arena *arena,
                                               size_t *count);
// routing_rules_match gives the first rule that the order meets, or NULL. A few hash lookups and comparisons.
struct routing_rule *routing_rules_match(const struct routing_rules *rules, const Wangge__V1__Order *order);
// routing_rule_evidence says which values of the order met which conditions; memory of the arena.
char *routing_rule_evidence(const struct routing_rule *rule, const Wangge__V1__Order *order, struct wg_arena *arena);

// --- for rules_file.c and rules.c ---
// routing_rules_compile builds the index over rules[0 .. count); routing_rule_covers: `first` is met by every order
// that meets `second`.
void routing_rules_compile(struct routing_rules *rules);
bool routing_rule_covers(const struct routing_rule *first, const struct routing_rule *second);

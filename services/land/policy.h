// Values of law and custom as data (land.md §2.4): days, shares of votes, caps of terms. A village's own value (a
// record of kind policy whose id is the name) counts before the default. Names, units, ranges, defaults and sources are
// the table in policy.c; `wangge land policy` lists them. A value that a rule needs and that is not in the table is a
// mistake of the program (asserted).
#pragma once

#include <stddef.h>
#include <stdint.h>

struct land_policy_value {
  const char *name; // "notice.plan_days"
  int64_t preset, least, most;
  const char *unit;   // "day", "fen", "‰", "0/1"
  const char *zh;     // what it is
  const char *source; // law, or "custom, not confirmed"
};
extern const struct land_policy_value LAND_POLICY_VALUES[];
extern const size_t LAND_POLICY_COUNT;
const struct land_policy_value *land_policy_find(const char *name); // NULL: none

// May land be used so? Rules of use as data (land.md §2.4): by use, land class, permanent basic farmland, and whether
// the surface stays farmed, each with the law that is shown to people and the document it asks for.
//
// The rules that come with the program are a table (use_rules.c), as the values of policy.h are; a village's own rules
// are records of kind use_rule and count before it. They are records and no file of the service, because a decision
// must be recomputable from the village's ledger alone, years later, with the rules as they were then; and they are no
// values of policy, because a rule is more than a number. What was decided keeps the rule's id and text beside it.
#pragma once

#include "services/land/action.h"

LAND_MEMBER(UseRule, use_rule)

// Names of land class standards as UseRule.standard has them.
#define LAND_STANDARD_2017 "GB/T 21010-2017"

struct land_use_rule {
  const char *id;
  Wangge__V1__LandUse use;
  const char *standard, *class_prefix; // "": any
  int basic_farmland, surface_farmed;  // as in UseRule
  Wangge__V1__UseResult result;
  const char *law, *document;
  bool confirmed;
};
extern const struct land_use_rule LAND_USE_RULES[];
extern const size_t LAND_USE_RULE_COUNT;

struct land_use_question {
  Wangge__V1__LandUse use;
  const char *standard, *class_code; // of the land
  bool basic_farmland, surface_farmed;
};
struct land_use_answer {
  Wangge__V1__UseResult result; // UNSPECIFIED: no rule speaks of it; nobody may conclude that it is allowed
  const char *rule_id, *law, *document;
};
// land_use_check: of the rules that speak of it the strictest among those of the longest class prefix; what concerns
// basic farmland counts before everything else. The village's own rules come first: when one of them speaks of it,
// those of the program are not asked, unless they forbid it for basic farmland. Texts live as long as the write.
struct land_use_answer land_use_check(const struct land_write *write, const struct land_use_question *question);

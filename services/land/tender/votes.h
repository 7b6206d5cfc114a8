// Decisions of a village (四议两公开): the four steps in order, and what a vote must be to pass.
//
//   提议 propose   the branch proposes                     商议 discuss   both committees
//   审议 review    the party members' meeting              决议 resolve   the villagers' meeting or representatives
//
// The vote of the resolution counts against those entitled to vote, not against those who came (land.md §2.6, 12).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum land_step { LAND_STEP_PROPOSE = 1, LAND_STEP_DISCUSS, LAND_STEP_REVIEW, LAND_STEP_RESOLVE };

struct land_vote {
  int64_t eligible, present, in_favour, against, abstained;
};
// land_vote_fault gives the member that cannot be ("eligible", "present", "in_favour", "against", "abstained"), or
// NULL: numbers below 0, nobody eligible, more than a million, more present than eligible, more votes than present
// (named is the first vote with which the sum is too large).
const char *land_vote_fault(const struct land_vote *vote);
// land_vote_needed gives the smallest number of votes that passes: the least f with f × d >= n × eligible.
// 0 < n <= d <= 1000.
int64_t land_vote_needed(int64_t eligible, int64_t n, int64_t d);
bool land_vote_passes(const struct land_vote *vote, int64_t n, int64_t d); // of a vote without fault

// land_step_next gives the step that comes after one (0: none yet), 0: all are done.
int land_step_next(int last_step);
// Why a step cannot be recorded now.
enum land_step_fault {
  LAND_STEP_FITS,
  LAND_STEP_ORDER,  // another step is due
  LAND_STEP_BEFORE, // its day is before the day of the step before it
  LAND_STEP_FUTURE, // its day has not come
};
// land_step_check: `last_step` and `last_day` are of the step before (0 and any value: there is none). Without `all`
// (policy vote.four_steps) steps may be left out, never turned round.
enum land_step_fault land_step_check(int last_step, int32_t last_day, bool all, int step, int32_t day, int32_t today);

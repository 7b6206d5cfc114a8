#include "services/land/tender/votes.h"

#define VOTERS_MOST 1000000

const char *land_vote_fault(const struct land_vote *vote) {
  if (vote->eligible <= 0 || vote->eligible > VOTERS_MOST) return "eligible";
  if (vote->present < 0 || vote->present > vote->eligible) return "present";
  if (vote->in_favour < 0 || vote->in_favour > vote->present) return "in_favour";
  if (vote->against < 0 || vote->against > vote->present - vote->in_favour) return "against";
  if (vote->abstained < 0 || vote->abstained > vote->present - vote->in_favour - vote->against) return "abstained";
  return NULL;
}

int64_t land_vote_needed(int64_t eligible, int64_t n, int64_t d) {
  return (n * eligible + d - 1) / d;
}

bool land_vote_passes(const struct land_vote *vote, int64_t n, int64_t d) {
  return vote->in_favour >= land_vote_needed(vote->eligible, n, d);
}

int land_step_next(int last_step) {
  return last_step < LAND_STEP_RESOLVE ? last_step + 1 : 0;
}

enum land_step_fault land_step_check(int last_step, int32_t last_day, bool all, int step, int32_t day, int32_t today) {
  const int next = land_step_next(last_step);
  if (!next || step < next || step > LAND_STEP_RESOLVE || (all && step != next)) return LAND_STEP_ORDER;
  if (day > today) return LAND_STEP_FUTURE;
  if (last_step && day < last_day) return LAND_STEP_BEFORE;
  return LAND_STEP_FITS;
}

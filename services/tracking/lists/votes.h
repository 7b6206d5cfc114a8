// Votes by group: never more than are eligible. Pure.
#pragma once

#include "services/tracking/lists/change.h"

struct lists_votes { // where a message keeps its votes
  Wangge__V1__Votes ***votes;
  size_t *count;
};
// lists_votes_open makes the groups that have somebody eligible. INVALID_ARGUMENT: nobody, or a number below 0 or above
// 1,000,000.
wg_status lists_votes_open(struct lists_votes votes, int32_t party_members, int32_t residents, struct wg_arena *arena,
                           struct wg_error *error);
// lists_votes_add adds votes. INVALID_ARGUMENT: below 0, none at all, no such group; FAILED_PRECONDITION: more than are
// eligible.
wg_status lists_votes_add(struct lists_votes votes, const Wangge__V1__Votes *more, struct wg_error *error);
int32_t lists_votes_cast(struct lists_votes votes); // of all groups
bool lists_votes_adopt(struct lists_votes votes);   // more approve than reject, over all groups

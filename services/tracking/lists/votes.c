#include "services/tracking/lists/votes.h"

#include "common/base/text.h"
#include "common/wire/wire.h"

enum { ELIGIBLE_MOST = 1000000 };
#define GROUP(name) WANGGE__V1__VOTER_GROUP__VOTER_GROUP_##name

static void add_group(struct lists_votes votes, Wangge__V1__VoterGroup group, int32_t eligible,
                      struct wg_arena *arena) {
  if (!eligible) return;
  Wangge__V1__Votes *made = wg_arena_alloc(arena, sizeof *made);
  wangge__v1__votes__init(made);
  made->group = group;
  made->eligible = eligible;
  (*votes.votes)[(*votes.count)++] = made;
}

wg_status lists_votes_open(struct lists_votes votes, int32_t party_members, int32_t residents, struct wg_arena *arena,
                           struct wg_error *error) {
  if (party_members < 0 || party_members > ELIGIBLE_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "party_members", "must be 0 to %d", ELIGIBLE_MOST);
  if (residents < 0 || residents > ELIGIBLE_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "residents", "must be 0 to %d", ELIGIBLE_MOST);
  if (party_members + residents == 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "residents", "somebody must be eligible");
  *votes.votes = wg_arena_alloc(arena, 2 * sizeof **votes.votes);
  *votes.count = 0;
  add_group(votes, GROUP(PARTY_MEMBERS), party_members, arena);
  add_group(votes, GROUP(RESIDENTS), residents, arena);
  return WG_OK;
}

static int64_t cast(const Wangge__V1__Votes *votes) {
  return (int64_t)votes->approve + votes->reject + votes->abstain;
}

wg_status lists_votes_add(struct lists_votes votes, const Wangge__V1__Votes *more, struct wg_error *error) {
  if (more->approve < 0 || more->reject < 0 || more->abstain < 0 || cast(more) == 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "approve",
                   "approve, reject and abstain must be 0 or more, and not all be 0");
  for (size_t i = 0; i < *votes.count; i++) {
    Wangge__V1__Votes *group = (*votes.votes)[i];
    if (group->group != more->group) continue;
    const int64_t left = group->eligible - cast(group);
    if (cast(more) > left)
      return wg_fail(error, WG_FAILED_PRECONDITION, "approve",
                     "%lld votes, but of %d eligible only %lld have not voted", (long long)cast(more),
                     (int)group->eligible, (long long)left);
    group->approve += more->approve;
    group->reject += more->reject;
    group->abstain += more->abstain;
    return WG_OK;
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, "group", "nobody of this group may vote here");
}

int32_t lists_votes_cast(struct lists_votes votes) {
  int64_t sum = 0;
  for (size_t i = 0; i < *votes.count; i++)
    sum += cast((*votes.votes)[i]);
  return (int32_t)sum;
}

bool lists_votes_adopt(struct lists_votes votes) {
  int64_t balance = 0;
  for (size_t i = 0; i < *votes.count; i++)
    balance += (int64_t)(*votes.votes)[i]->approve - (*votes.votes)[i]->reject;
  return balance > 0;
}

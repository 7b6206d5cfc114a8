// Parts of an import that is larger than a message (ImportParcels with `parts`): rows of staged_part until the last
// part comes, which is decided with all of them. No part but the last makes an entry. A village has one such import at
// a time: part 1 of another takes its place.
#pragma once

#include "services/land/land.h"

#include "wangge/v1/land_survey.pb-c.h"

enum { LAND_PARTS_MOST = 100 };

struct land_part { // a part to be kept, or `taken`: all parts of the village to be dropped
  struct land_part *next;
  const Wangge__V1__ImportParcelsRequest *request;
  bool taken;
};

// Loads the parts before `request`, the last one, into a list that is filled while the batch loads: staged[i], in
// order.
struct land_staged {
  struct wg_arena *arena;
  const Wangge__V1__ImportParcelsRequest *last;
  const Wangge__V1__ImportParcelsRequest **part;
  size_t count;
};
wg_status land_parts_load(struct wg_batch *batch, const Wangge__V1__ImportParcelsRequest *request,
                          struct land_staged **staged, struct wg_error *error);
// Keeps and drops; with a tick also those that nobody came back to.
wg_status land_parts_store(struct wg_batch *batch, const struct land_part *parts, bool tick, struct wg_error *error);

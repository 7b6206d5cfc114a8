// A thread that pushes duties to intake with the registry's own key. The loop gives it some when it is idle and takes
// the answers later; nothing it knows is needed after a restart, because intake answers the same push alike.
#pragma once

#include "common/base/arena.h"
#include "common/stage/stage.h"

struct registry_push; // the loop thread only, apart from the thread inside

struct registry_push_answer {
  char district[7], duty_id[65];
  int state;        // wangge.v1.DutyState: PUSHED or REFUSED
  int64_t order_id; // PUSHED
  char *message;    // REFUSED
};

// endpoint of intake; key_file and principals as the stage knows them, both outlive it.
wg_status registry_push_start(const char *endpoint, const struct wg_identity *identity, struct wg_metrics *metrics,
                              struct registry_push **push, struct wg_error *error);
void registry_push_stop(struct registry_push *push); // NULL is allowed; waits for the thread, at most about a second
// registry_push_idle: it has nothing to do and its last failure, if any, is long enough ago.
bool registry_push_idle(struct registry_push *push);
// registry_push_give hands over packed orders (wangge.v1.NewOrder); only when idle.
void registry_push_give(struct registry_push *push, const struct wg_bytes *orders, size_t count);
// registry_push_take gives the answers since the last time, in the arena.
size_t registry_push_take(struct registry_push *push, struct wg_arena *arena, struct registry_push_answer **answers);

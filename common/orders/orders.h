// A thread that pushes orders of a service's own to intake, with the service's key: duties of the registry, what
// meetings decided. The loop gives it some when it is idle and takes the answers later; nothing it knows is needed
// after a restart, because intake answers the same push alike. Its owner keeps each packed order until it has the
// answer.
#pragma once

#include "common/base/arena.h"
#include "common/stage/stage.h"

struct wg_orders; // the loop thread only, apart from the thread inside

struct wg_order_answer {
  char district[7], external_id[65];
  bool refused;
  int64_t order_id; // 0 when refused
  char *message;    // why it was refused; else ""
};

// endpoint of intake; source: the service's own name, whose principal needs the role source; key_file and principals as
// the stage knows them outlive it. failures counts pushes that intake refused as a whole or that could not be made.
wg_status wg_orders_start(const char *endpoint, const char *source, const struct wg_identity *identity,
                          struct wg_metric *failures, struct wg_orders **orders, struct wg_error *error);
void wg_orders_stop(struct wg_orders *orders); // NULL is allowed; waits for the thread, at most about a second
// wg_orders_idle: it has nothing to do and its last failure, if any, is long enough ago.
bool wg_orders_idle(struct wg_orders *orders);
// wg_orders_give hands over packed orders (wangge.v1.NewOrder); only when idle.
void wg_orders_give(struct wg_orders *orders, const struct wg_bytes *packed, size_t count);
// wg_orders_take gives the answers since the last time, in the arena.
size_t wg_orders_take(struct wg_orders *orders, struct wg_arena *arena, struct wg_order_answer **answers);

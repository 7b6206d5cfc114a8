// Orders that writes of the ledger make (land_order in action.h): rows of land_order in the transaction of the entry,
// pushed to intake by a thread of their own with the key of the service, settled when intake has answered.
#pragma once

#include "common/orders/orders.h"
#include "services/land/land.h"

struct land_made;
struct land_sending; // of one batch

// With a tick: loads what is pending when the thread is idle, takes its answers.
wg_status land_orders_load(struct land *land, struct wg_batch *batch, struct land_sending **sending,
                           struct wg_error *error);
wg_status land_orders_store(const struct land_sending *sending, struct wg_batch *batch, const struct land_made *made,
                            struct wg_error *error);
void land_orders_committed(struct land *land, const struct land_sending *sending);

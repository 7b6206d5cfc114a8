// Checkpoints that the service makes by itself: one a day of every village whose ledger has grown since its last one,
// and then one a day of every district as a whole. By the tick, a few hundred villages at a time, in the writer's
// transaction; what is due is looked up every hour and after a start.
#pragma once

#include "services/land/land.h"

struct land_daily; // of one tick, in the batch's arena; NULL: nothing to do

// land_daily_load asks what is to be signed; land_daily_store signs and keeps it, and says whether there is more to do;
// land_daily_committed remembers when to look again.
wg_status land_daily_load(struct land *land, struct wg_batch *batch, struct land_daily **daily, struct wg_error *error);
wg_status land_daily_store(const struct land *land, struct wg_batch *batch, struct land_daily *daily,
                           struct wg_error *error);
bool land_daily_more(const struct land_daily *daily);
void land_daily_committed(struct land *land, const struct land_daily *daily);

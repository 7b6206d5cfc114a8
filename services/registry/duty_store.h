// The SQL of duties, for the writer.
#pragma once

#include "services/registry/duty_batch.h"

wg_status registry_store_duty_days(struct wg_db *db, struct registry_duty_progress **progress, size_t *count,
                                   struct wg_error *error);
wg_status registry_store_load_happening(struct wg_batch *batch, struct registry_happening *happening,
                                        struct wg_error *error);
// registry_store_load_pending counts pending duties and, if the plan wants them, gives the oldest ones' orders.
wg_status registry_store_load_pending(struct wg_batch *batch, struct registry_duty_plan *plan, struct wg_error *error);
wg_status registry_store_happenings(struct wg_batch *batch, const struct registry_duty_plan *plan,
                                    struct wg_error *error);
wg_status registry_store_duties(struct wg_batch *batch, const struct registry_duty_plan *plan, struct wg_error *error);
// registry_store_redrive makes refused duties pending again, and counts them in the answer of the call.
wg_status registry_store_redrive(struct wg_batch *batch, const struct wg_item *item, struct wg_error *error);
wg_status registry_store_duty_progress(struct wg_batch *batch, const struct registry_duty_plan *plan,
                                       struct wg_error *error);
wg_status registry_store_duty_answers(struct wg_batch *batch, const struct registry_duty_plan *plan,
                                      struct wg_error *error);

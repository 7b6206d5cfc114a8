// What one step publishes on routing.dispatch: see the list of types in routing.proto.
#pragma once

#include "common/stage/stage.h"
#include "services/routing/decide.h"

// routing_tell appends the step's events to the batch's log. A step that dispatches needs subject->order.
void routing_tell(struct wg_batch *batch, const struct wg_item *item, const struct routing_assignment *subject,
                  const struct routing_step *step, struct routing_rulebook *book);

// What was promised and what came of it (§3.5: promise completion, review approval), counted over entries. Pure.
#pragma once

#include "services/tracking/lists/change.h"

// lists_figures_add counts one pledge; drafts and pledges withdrawn before they were promised are none.
void lists_figures_add(Wangge__V1__PledgeFiguresResponse *figures, const Wangge__V1__ListEntry *entry, int32_t today,
                       struct wg_arena *arena);

// Standard responses (标准答复): the registry's records of kind `standard_response`, by district and code. Built anew
// whenever some changed; only the loop thread looks at them.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

#include "wangge/v1/registry.pb-c.h"
#include "wangge/v1/tracking.pb-c.h"

struct tracking_responses;
struct tracking_responses *tracking_responses_build(const Wangge__V1__Record *const *records, size_t count);
void tracking_responses_destroy(struct tracking_responses *responses); // NULL is allowed

// tracking_responses_reply gives what the resident is told when a feedback of this case uses the standard response
// `code`: `reply` when there is one, else the response's own text, in the arena. INVALID_ARGUMENT (field
// "standard_response"): the district has none of this code, it is for other categories, or its text may not be
// published.
wg_status tracking_responses_reply(const struct tracking_responses *responses, const Wangge__V1__Case *row,
                                   const char *code, const char *reply, struct wg_arena *arena, const char **told,
                                   struct wg_error *error);

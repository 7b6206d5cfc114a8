// The HTTP thread's view of wg_health. Private to common/obs.
#pragma once

#include "common/obs/http.h"

bool wg_health_live(const struct wg_health *health);                   // the loop ticked in the last 10 s
bool wg_health_started(struct wg_health *health);                      // was ready once
bool wg_health_write(struct wg_health *health, struct wg_buffer *out); // as JSON; whether ready

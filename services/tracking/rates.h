// Rates of evaluation from counters, pure (formulas: wangge/v1/evaluation.proto).
#pragma once

#include "services/tracking/figures.h"

struct rates_weights { // of the composite; their sum is above 0
  double response, resolution, satisfaction;
};

// rates_row makes a row of an answer from counters; all in the arena. Key and month are copied; tier is left empty.
Wangge__V1__EvaluationRow *rates_row(const char *key, const char *month, const int64_t counts[FIGURES],
                                     const struct rates_weights *weights, struct wg_arena *arena);

// rates_tier says among whom a unit may be compared: "<kind>/<volume>", kind "unit" when it is not known.
const char *rates_tier(const char *kind, int64_t dispatched, struct wg_arena *arena);

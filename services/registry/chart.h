// The procedure of a list item as a flow chart (流程图): an SVG that stands for itself, drawn from the steps alone.
// Pure: the same steps always give the same bytes, so that a published chart can be compared.
//
// Steps stand in layers from top to bottom; a step stands below every step that leads to it, unless the way goes in a
// circle. A step that is a question (`condition`) has a diamond under its box. Ways to the next layer run between the
// layers, longer ones at the left, ways back (dashed) at the right.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

#include "wangge/v1/registry.pb-c.h"

enum { REGISTRY_CHART_STEPS = 100 };

// registry_chart appends the SVG. FAILED_PRECONDITION: the item has no steps, or more than REGISTRY_CHART_STEPS. A
// `next` that names no step is left out.
wg_status registry_chart(const Wangge__V1__ListItem *item, struct wg_buffer *svg, struct wg_error *error);

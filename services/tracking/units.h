// Names and levels of the departments, for readers: built from the registry's records of kind `department`, replaced
// whole by the loop thread, looked up from any thread.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

#include "wangge/v1/registry.pb-c.h"

struct tracking_units;
struct tracking_units *tracking_units_create(void);
void tracking_units_destroy(struct tracking_units *units); // NULL is allowed
void tracking_units_replace(struct tracking_units *units, const Wangge__V1__Record *const *records, size_t count);
// tracking_units_find copies into the arena: *name ("" when unknown) and *level ("district", "street", "community",
// "grid"; a code of 15 digits is a grid whatever is known of it; "" when unknown).
void tracking_units_find(struct tracking_units *units, const char *district, const char *code, struct wg_arena *arena,
                         const char **name, const char **level);

// How a person is shown to those who may not see who it is. Pure.
#pragma once

#include "common/base/arena.h"

// wg_mask_name: the first character and two stars whatever the length ("张**"); "" stays "".
char *wg_mask_name(const char *name, struct wg_arena *arena);
// wg_mask_phone: "138****5678". Separators and China's country code are dropped first. Fewer than 11 digits show
// the last two at most, fewer than 7 none: with the district known, more would tell a short landline number.
char *wg_mask_phone(const char *phone, struct wg_arena *arena);

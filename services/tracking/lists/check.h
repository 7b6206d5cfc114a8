// What several actions check of what they are given. All refuse with INVALID_ARGUMENT and name the field.
#pragma once

#include "services/tracking/lists/change.h"

wg_status lists_check_key(const char *district, const char *code, struct wg_error *error);
// A code: 1 to 40 of a-z 0-9 . _ -.
wg_status lists_check_code(const char *code, const char *field, struct wg_error *error);
// An area: 6, 9, 12 or 15 digits within the district.
wg_status lists_check_area(const char *district, const char *area, struct wg_error *error);
wg_status lists_check_year(int32_t year, struct wg_error *error);
// A civil date, YYYY-MM-DD and nothing behind it.
wg_status lists_check_day(const char *text, const char *field, int32_t *day, struct wg_error *error);
// lists_check_past: a date that is not after today.
wg_status lists_check_past(const char *text, const char *field, int32_t today, int32_t *day, struct wg_error *error);
// A title: required, one line, plain.
wg_status lists_check_title(const char *text, const char *field, struct wg_error *error);
// A text for the public: plain; WG_TEXT_REQUIRED or 0.
wg_status lists_check_text(const char *text, size_t most, int flags, const char *field, struct wg_error *error);
// lists_path puts "list[i]." before the field of an error.
wg_status lists_path(const char *list, size_t i, struct wg_error *error);

// lists_append gives a copy of an array of pointers with one more at its end.
void *lists_append(struct wg_arena *arena, void *array, size_t *count, void *element);

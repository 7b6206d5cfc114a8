// Cells of CSV that a spreadsheet can open without harm: quoted where they must be, guarded against formulas
// (CWE-1236).
#pragma once

#include "common/base/bytes.h"

// wg_needs_guard: a spreadsheet would run it: = + - @, their full-width forms, tab or a line break in front.
// Apostrophes before those count too, so that taking one away always undoes the guard.
bool wg_needs_guard(const char *text);
const char *wg_unguarded(const char *text);
// wg_csv_cell appends one cell; a text that needs it gets the guard, a number never.
void wg_csv_cell(struct wg_buffer *out, const char *text, bool number);

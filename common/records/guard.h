// The guard against formulas in CSV (CWE-1236), inside common/records.
#pragma once

#include <stdbool.h>

// wg_needs_guard: a spreadsheet would run it: = + - @, their full-width forms, tab or a line break in front.
// Apostrophes before those count too, so that taking one away always undoes the guard.
bool wg_needs_guard(const char *text);
const char *wg_unguarded(const char *text);

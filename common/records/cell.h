// Values and their text form, inside common/records.
#pragma once

#include "common/records/records.h"

// wg_trim moves *text behind leading blanks and cuts trailing ones (space, tab, line ends, U+00A0, U+3000, U+FEFF).
void wg_trim(char **text);
bool wg_trimmed(const char *text); // has no blanks around
// wg_shown gives what a finding may show of a value: cut, and nothing of personal data.
const char *wg_shown(const struct wg_column *column, const char *value, struct wg_arena *arena);
bool wg_date_valid(const char *text); // exactly YYYY-MM-DD, and there is such a day
bool wg_time_valid(const char *text); // exactly HH:MM, 00:00 to 24:00
// wg_choice finds `text` among the values and their labels; NULL: neither.
const char *wg_choice(const struct wg_column *column, const char *text);
// wg_choices names what is allowed: "basic（基础网格）、dedicated（专属网格）".
const char *wg_choices(const struct wg_column *column, struct wg_arena *arena);
// wg_code_check tells a code of the wrong shape; true: it is right.
bool wg_code_check(const struct wg_kind *kind, const Wangge__V1__Record *record, struct wg_findings *findings);
// wg_wkt_problem checks the syntax of a boundary; NULL: none, else what is wrong, in Chinese.
const char *wg_wkt_problem(const char *wkt, struct wg_arena *arena);
// wg_check_kind does the rules of one kind (check_kinds.c).
void wg_check_kind(const struct wg_kind *kind, const Wangge__V1__Record *record, struct wg_findings *findings);

#define WG_RECORD_ERROR WANGGE__V1__SEVERITY__SEVERITY_ERROR
#define WG_RECORD_WARNING WANGGE__V1__SEVERITY__SEVERITY_WARNING

// Lists of cases in reader threads: what both ways of finding them share (walk.c, search.c).
#pragma once

#include "services/tracking/tracking.h"

enum { LIST_STATES = TRACKING_STATES - 1 }; // from 1

// What is looked for, checked and with the caller's rights applied.
struct list_wanted {
  const char *district;         // "": all that the caller may know of
  const char *department;       // "": all
  const char *grid;             // beginning of its code; "": all
  const char *category;         // first levels of its path; "": all
  const char *text;             // "": not looked for
  int64_t due_from, due_before; // 0: no bound
  int state;                    // 0: all
  int limit;
  const char *token;
};

// A range of keys in the order of bytes: those that begin with the prefix (a path: whose first levels it is), from the
// prefix itself up to, and without, `end`. The empty prefix is every key.
struct list_range {
  const char *begin, *end;
  const char *inside; // what a key beside `begin` itself begins with; "": no need to look
};
struct list_range list_categories(const struct list_wanted *wanted, struct wg_arena *arena);
// list_states gives the states as an array parameter.
struct wg_column *list_states(const struct list_wanted *wanted, struct wg_arena *arena);
void list_param_time(struct wg_params *params, bool given, int64_t at);

// list_rows adds the rows of a result to the response, which has room for them.
wg_status list_rows(const PGresult *result, struct wg_arena *arena, Wangge__V1__ListCasesResponse *response,
                    struct wg_error *error);

// walk.c: by deadline, the earliest first.
wg_status list_walk(struct wg_read_call *call, const struct list_wanted *wanted,
                    Wangge__V1__ListCasesResponse *response, struct wg_error *error);
// search.c: cases whose titles have the words, newest order first.
wg_status list_search(struct wg_read_call *call, const struct list_wanted *wanted,
                      Wangge__V1__ListCasesResponse *response, struct wg_error *error);

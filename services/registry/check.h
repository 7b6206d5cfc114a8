// Checks of a Put against the rest of the book: pure functions, each in a check_*.c. They look at the book as it would
// be and add findings; an error refuses the whole Put. What can be seen of one record alone is common/records' to
// check.
#pragma once

#include "common/records/records.h"
#include "services/registry/book.h"

// One record that a Put changes. All memory is the batch's.
struct registry_change {
  const struct wg_kind *kind;
  Wangge__V1__Record *record;       // as it will be: version and changed_* given; `deleted`: the body is the last one
  const Wangge__V1__Record *before; // as it is in force; NULL: new, or back after having been deleted
  int32_t row;                      // of the request, over all parts
  struct wg_bytes wkb;              // its geometry for the database; no data: none
  uint64_t seq;                     // in registry.changes; 0 until it is published
};
struct registry_changes {
  const struct wg_book *before, *after;
  struct registry_change *change; // by district, kind and code
  size_t count;
  struct wg_arena *arena;
};

typedef void registry_check(const struct registry_changes *changes, struct wg_findings *findings);

// check_links.c
// Every code that a changed record names is that of a record in force: KIND.FIELD_reference.
registry_check registry_check_references;
// Streets, communities and grids have the area their code begins with: KIND.code_parent.
registry_check registry_check_parents;
// Parents of party organisations and departments do not run in a circle: KIND.parent_circle.
registry_check registry_check_circles;
// Nothing is deleted that others in force refer to: KIND.code_referred, which names them.
registry_check registry_check_referred;

// registry_link: a column whose values name records. Made of the kinds table once.
struct registry_link {
  const struct wg_column *column;
  int kinds[8]; // a value is the code of a record of one of them; ended by 0
};
const struct registry_link *registry_links(const struct wg_kind *kind, size_t *count);
// registry_link_free: values that name no record although the column refers to records ("grid" as the lead of a rule).
bool registry_link_free(const struct wg_kind *kind, const struct wg_column *column, const char *value);

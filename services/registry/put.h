// What a Put does to the book: pure. All or nothing: with an error in the findings, or a version that is not the one in
// force, the draft is thrown away and nothing was.
#pragma once

#include "services/registry/check.h"

struct registry_geometry;

// What is asked; of an import all parts together.
struct registry_put {
  const char *caller, *reason;
  int64_t now;
  Wangge__V1__Record *const *records;
  size_t count;
  const int64_t *expected; // one for each record (-1: any, 0: must be new, else the version in force); NULL: any
  struct registry_geometry *geometry;
};

struct registry_outcome {
  size_t created, changed, unchanged, deleted;
  struct registry_changes changes; // what is to be written; nothing with errors
  struct wg_findings findings;
  uint64_t newest; // of the newest change of the records that stay as they are
};

// registry_put_decide puts what would change into `draft`, a fresh draft over `book`. A record equal to the one in
// force changes nothing, whatever version is expected: so a Put may be sent again. Deleting what is not there changes
// nothing. ABORTED (expected_versions[i]): not the version in force. Errors in the findings are no error here.
wg_status registry_put_decide(const struct wg_book *book, struct wg_book *draft, const struct registry_put *put,
                              struct wg_arena *arena, struct registry_outcome *outcome, struct wg_error *error);

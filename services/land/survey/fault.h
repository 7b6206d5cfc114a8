// What is wrong with something that came from outside, before it is a finding of a write: stable code, Chinese and
// English, where, and what would fit (land.md §3). The command and the tests get the same faults the service answers.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

#include "wangge/v1/land.pb-c.h"

struct land_fault {
  const char *code;
  Wangge__V1__LandSeverity severity;
  wg_status status;                        // INVALID_ARGUMENT unless said
  const char *pointer;                     // JSON pointer, complete
  const char *zh, *en;                     // whole sentences
  const char *geojson, *suggestion, *rule; // "" or NULL: none
};
struct land_faults {
  struct wg_arena *arena;
  const char *pointer; // of what is being looked at: "/parcels/3"
  struct land_fault *fault;
  size_t count, capacity;
  bool error; // one is an ERROR
};

// land_fault adds an ERROR at pointer + `at`; the texts must live in the arena or for ever. What it returns may be
// changed until the next is added.
struct land_fault *land_fault(struct land_faults *faults, const char *code, const char *at, const char *zh,
                              const char *en);
// The same with a severity of its own: NOTE or WARNING.
struct land_fault *land_remark(struct land_faults *faults, Wangge__V1__LandSeverity severity, const char *code,
                               const char *at, const char *zh, const char *en);
const struct land_fault *land_fault_find(const struct land_faults *faults, const char *code); // NULL: none

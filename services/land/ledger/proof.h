// Proofs as files: one JSON object each, that is checked without asking anybody.
//
//   {"proof":"inclusion","village":"…","size":1042,"path":["…",…],"entry":{…as in an export…},"checkpoint":"…"}
//   {"proof":"consistency","village":"…","from":7,"size":1042,"path":["…",…]}
//
// `checkpoint` is the signed checkpoint of that size where there is one; it saves its reader nothing but looking for
// one: a checkpoint counts that came another way, or whose signature was checked with a key that did.
#pragma once

#include "services/land/ledger/export.h"

struct land_proof_file {
  bool consistency;
  uint64_t from; // consistency only
  uint64_t size;
  struct land_proof path;
  struct land_ledger_entry entry; // of a consistency proof only the village
  struct wg_bytes payload;
  struct wg_bytes checkpoint; // note; empty: none
};

// land_proof_read: what it gives points into `bytes` and `scratch`. INVALID_ARGUMENT names the member at fault.
wg_status land_proof_read(struct wg_bytes bytes, struct wg_buffer *scratch, struct land_proof_file *proof,
                          struct wg_error *error);
void land_proof_append(const struct land_proof_file *proof, struct wg_buffer *out); // with a line end

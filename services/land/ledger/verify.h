// Verification of a ledger, entry by entry in constant memory, from whatever gives entries: an export, the service.
//
// What is found is the first thing that is wrong, with the village, the entry and the member. What is looked at:
//
//   always             seq runs from 0, the payload has its hash, the entry has its leaf hash
//   LAND_CHECK_CHAIN   each entry names the hash of the one before; time does not go back
//   LAND_CHECK_TREE    there are as many entries as the ledger says of itself, and they lead to the root it says
//   sheets             the first entries lead to the root of each checkpoint that somebody kept
//
// An entry of kind record_restore explains why a sheet of the entries it names no longer agrees, and is named beside
// what was found; it excuses nothing. Only the last tells a ledger that was rewritten as a whole from a true one:
// everything else was made by whoever made the entries.
#pragma once

#include "common/csv/input.h"
#include "services/land/ledger/export.h"
#include "services/land/ledger/proof.h"

enum land_verdict { // exit codes of the command
  LAND_INTACT = 0,
  LAND_TAMPERED = 1,
  LAND_UNCHECKED = 2, // it could not be checked, and so nothing is known
};
struct land_verification {
  enum land_verdict verdict;
  char village[LAND_VILLAGE_DIGITS + 1]; // "" when it is not about one
  int64_t seq;                           // -1 when it is not about one entry
  char field[48];                        // member at fault: "payload", "prev_hash", "root", …
  char message[400];
  uint64_t villages, entries, sheets; // what was checked
};

enum { LAND_CHECK_CHAIN = 1, LAND_CHECK_TREE = 2 };

// A checkpoint that somebody kept; `name` is for messages (its file).
struct land_sheet {
  const char *name;
  struct land_checkpoint checkpoint;
  bool met; // by land_verify_*: the ledger was as long as it
};

struct land_verifier {
  unsigned checks;
  struct land_sheet *sheets; // the caller's; sorted by the verifier
  size_t sheet_count;
  struct land_verification found;
  // inside
  bool open; // between begin and end of a village
  struct land_head head;
  struct land_checkpoint says; // what the ledger says of itself
  uint64_t next_sheet;         // size of the next sheet of this village
  int64_t restored;            // the last entry that names entries lost by a restore; -1: none does
};

// land_verify_start: sheets of other than villages are refused (UNCHECKED). Each of the following returns false as soon
// as something is wrong, and from then on.
bool land_verify_start(struct land_verifier *verifier, unsigned checks, struct land_sheet *sheets, size_t sheet_count);
bool land_verify_village(struct land_verifier *verifier, const struct land_checkpoint *says); // ends the one before
bool land_verify_entry(struct land_verifier *verifier, const struct land_ledger_entry *entry, struct wg_bytes payload);
// land_verify_finish ends the last village. Nothing to check, or a sheet of a village that was not among them, is
// UNCHECKED.
bool land_verify_finish(struct land_verifier *verifier);
// land_verify_export reads an export and finishes. What is no export is UNCHECKED, with the line.
bool land_verify_export(struct land_verifier *verifier, struct wg_input *input);

// land_verify_inclusion: that the entry of a proof is under the root of `sheet`.
struct land_verification land_verify_inclusion(const struct land_proof_file *proof,
                                               const struct land_checkpoint *sheet);
// land_verify_consistency: that of two sheets of a village the older is the beginning of the newer. `proof` may be NULL
// for sheets of the same size.
struct land_verification land_verify_consistency(const struct land_proof_file *proof,
                                                 const struct land_checkpoint *older,
                                                 const struct land_checkpoint *newer);

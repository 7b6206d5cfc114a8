// Checkpoints: what a village's ledger was at a time, small enough for a notice on a wall.
//
// A checkpoint is three lines:
//
//   wangge-land/131102001001
//   1042
//   Mm7+B/…= (base64 of the root)
//
// Signed, it is a note as in C2SP signed-note and tlog-checkpoint (https://c2sp.org), which other tools read too: an
// empty line follows, and a line "— NAME BASE64" (em dash; 4 bytes of key id, 64 of the Ed25519 signature of the lines
// before the empty one). A key for verification is written NAME+ID+BASE64, as there.
//
// Whoever keeps one of them can show later that the tail was cut or that something before it was rewritten: the entries
// no longer lead to its root. Without any from outside, nobody can show that.
#pragma once

#include "services/land/ledger/entry.h"

enum {
  LAND_ORIGIN_BYTES = 64,
  LAND_SIGNATURE_BYTES = 64,
  LAND_KEY_ID_BYTES = 4,
};
#define LAND_ORIGIN_PREFIX "wangge-land/"

struct land_checkpoint {
  char origin[LAND_ORIGIN_BYTES + 1];
  uint64_t size;
  uint8_t root[LAND_HASH_BYTES];
};

struct land_key {
  char name[LAND_ORIGIN_BYTES + 1];
  uint8_t id[LAND_KEY_ID_BYTES], public_key[32];
};
struct land_signer {
  struct land_key key;
  uint8_t secret_key[64];
};

// land_checkpoint_village: of the origin of a village's checkpoint its 12 digits, NULL when it is of something else.
const char *land_checkpoint_village(const struct land_checkpoint *checkpoint);
// land_checkpoint_of: the checkpoint of a ledger where it stands.
struct land_checkpoint land_checkpoint_of(const struct land_head *head);
void land_checkpoint_append(const struct land_checkpoint *checkpoint, struct wg_buffer *text);
void land_checkpoint_sign(const struct land_checkpoint *checkpoint, const struct land_signer *signer,
                          struct wg_buffer *note);
// land_checkpoint_read reads either form; a missing last line break is forgiven, since people copy sheets by hand.
// Whether a signature holds is not looked at. INVALID_ARGUMENT names the line.
wg_status land_checkpoint_read(struct wg_bytes note, struct land_checkpoint *checkpoint, struct wg_error *error);

// land_signer_make derives the key pair of a service from its own secret (stage.h); the same secret gives the same
// pair.
void land_signer_make(struct land_signer *signer, const char *name, const uint8_t secret[32]);
void land_key_append(const struct land_key *key, struct wg_buffer *text);
wg_status land_key_read(struct wg_bytes text, struct land_key *key, struct wg_error *error);
// land_checkpoint_signature: whether a note bears a signature of that key that holds.
enum land_signature { LAND_SIGNATURE_MISSING, LAND_SIGNATURE_GOOD, LAND_SIGNATURE_BAD };
enum land_signature land_checkpoint_signature(struct wg_bytes note, const struct land_key *key);

// The head of a district is a tree over its villages in order of their codes: leaf data = village (12 digits) ‖ size
// u64 BE ‖ root. Its checkpoint has the number of villages as size, and as origin prefix, district and the day it is of
// ("wangge-land/131102/2026-11-28"), since it does not grow by appending.
void land_district_leaf(const char village[LAND_VILLAGE_DIGITS + 1], uint64_t size, const uint8_t root[LAND_HASH_BYTES],
                        uint8_t hash[LAND_HASH_BYTES]);

// Topic: the ledger as such. Its calls read entries as they are stored, prove, and keep checkpoints; the one thing it
// writes into a ledger is that entries were lost (RecordRestore).
#pragma once

#include "services/land/ledger/checkpoint.h"
#include "services/land/topic.h"

#include "wangge/v1/land_ledger.pb-c.h"

#define LAND_SIGNER_NAME "wangge-land"

LAND_MEMBER(LandRestore, restore)

extern const struct land_topic LAND_LEDGER_TOPIC;

// land_secret (stage.h) makes the signer of checkpoints.
void land_secret(void *service, const uint8_t secret[32]);

// Reading calls (read.c, proof_read.c, checkpoint_read.c), in reader threads.
#define LAND_LEDGER_READ(NAME)                                                                                         \
  wg_status land_read_##NAME(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error)
LAND_LEDGER_READ(head);
LAND_LEDGER_READ(entries);
LAND_LEDGER_READ(stored);
LAND_LEDGER_READ(entry_proof);
LAND_LEDGER_READ(growth_proof);
LAND_LEDGER_READ(make_checkpoint);
LAND_LEDGER_READ(checkpoints);

// land_read_village_head: where the ledger ends. NOT_FOUND: there is none.
wg_status land_read_village_head(struct wg_read_call *call, const char *village, struct land_head *head,
                                 struct wg_error *error);
// land_read_root: the root of the tree of the first `size` entries, of which there are as many.
wg_status land_read_root(struct wg_read_call *call, const char *village, uint64_t size, uint8_t root[LAND_HASH_BYTES],
                         struct wg_error *error);
// land_tree_size gives the size that was asked for (0: of now). OUT_OF_RANGE: the ledger is not that long.
wg_status land_tree_size(int64_t asked, const struct land_head *head, const char *field, uint64_t *size,
                         struct wg_error *error);
// land_key_params gives parameters that begin with district and village, with room for `more`.
struct wg_params *land_key_params(struct wg_arena *arena, const char *village, int more);
ProtobufCBinaryData land_bytes(struct wg_bytes bytes, struct wg_arena *arena); // a copy
// land_note gives the signed note of a checkpoint, in the arena.
char *land_note(const struct land_checkpoint *checkpoint, const struct land_signer *signer, struct wg_arena *arena);
Wangge__V1__LedgerEntry *land_entry_message(const PGresult *result, int row, struct wg_arena *arena);
#define LAND_ENTRY_COLUMNS "seq, at, kind, actor, prev_hash, payload_sha256, leaf_hash, payload"

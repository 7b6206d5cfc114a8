// All SQL of the writer.
#pragma once

#include "services/land/land.h"

// An entry that is made by the batch, with what it leaves behind.
struct land_made {
  struct land_made *next;
  struct land_ledger_entry entry;
  struct wg_bytes payload;
  struct land_tile tiles[LAND_TILE_LEVELS];
  size_t tile_count;
  Wangge__V1__LandRecord **records;
  size_t record_count;
  const struct land_seal *seals;
  const struct land_order *orders;
  const uint8_t *erased; // commitment of a value to be erased, or NULL
};

// What a submission was answered before, or is answered now.
struct land_submission {
  struct land_submission *next;
  const char *village, *key;
  uint8_t request[LAND_HASH_BYTES]; // of this one
  bool known;                       // the key was answered before
  uint8_t first[LAND_HASH_BYTES];   // of the request it was answered to
  struct wg_bytes reply;            // packed LandReply: the first, or the new one
  bool made;                        // new in this batch
};

// A village the batch needs.
struct land_need {
  struct land_need *next;
  struct land *land;
  struct wg_arena *arena;
  char code[LAND_VILLAGE_DIGITS + 1];
  struct land_village *village; // in memory, once it is loaded
  struct land_head head;        // as this batch moves it
  uint64_t size;                // of the ledger before the batch
};

// Loading; rows come into the batch's arena, records into the book.
wg_status land_store_load_village(struct wg_batch *batch, struct land_need *need, struct wg_error *error);
// `submissions`: a list; sets known, first and reply.
wg_status land_store_load_submissions(struct wg_batch *batch, struct land_submission *submissions,
                                      struct wg_error *error);
wg_status land_store_load_sealed(struct wg_batch *batch, const char *village, ProtobufCBinaryData commit, bool *known,
                                 struct wg_error *error);
// The villages of at most `most` records whose day has come, the oldest first.
wg_status land_store_load_dues(struct wg_batch *batch, int32_t today, int64_t most, struct land_dues *dues,
                               struct wg_error *error);

// Writing. `after`: the book as it will be.
wg_status land_store_entries(struct wg_batch *batch, const struct land_made *made, const struct wg_book *after,
                             struct wg_error *error);
wg_status land_store_heads(struct wg_batch *batch, const struct land_need *needs, struct wg_error *error);
wg_status land_store_submissions(struct wg_batch *batch, const struct land_submission *submissions,
                                 struct wg_error *error);
wg_status land_store_forget(struct wg_batch *batch, struct wg_error *error);

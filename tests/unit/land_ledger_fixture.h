// A village's ledger in memory, of the length a test asks for, that the test then spoils.
#pragma once

#include "services/land/ledger/verify.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

#define VILLAGE "131102001001"
#define BEGAN INT64_C(1764300000123456)
enum { LEDGER_MOST = 700 };

struct ledger {
  struct land_head head;
  struct land_ledger_entry entries[LEDGER_MOST];
  char payloads[LEDGER_MOST][48];
  struct land_checkpoint checkpoints[LEDGER_MOST + 1]; // of each size
};

static inline struct wg_bytes ledger_payload(const struct ledger *ledger, size_t i) {
  return wg_bytes_of(ledger->payloads[i]);
}

// ledger_append adds an entry whose payload is `text`.
static inline void ledger_append(struct ledger *ledger, const char *text) {
  static const char *const kinds[] = {"put_party", "open_tender", "publish"}, *const actors[] = {"land-clerk",
                                                                                                 "会计 \"甲\"\\"};
  struct wg_error error;
  size_t i = (size_t)ledger->head.peaks.size, full;
  struct land_tile tiles[LAND_TILE_LEVELS];
  assert_true(i < LEDGER_MOST);
  ledger->checkpoints[i] = land_checkpoint_of(&ledger->head);
  snprintf(ledger->payloads[i], sizeof ledger->payloads[i], "%s", text);
  assert_int_equal(land_head_append(&ledger->head, BEGAN + (int64_t)i, wg_bytes_of(kinds[i % 3]),
                                    wg_bytes_of(actors[i % 2]), ledger_payload(ledger, i), &ledger->entries[i], tiles,
                                    &full, &error),
                   WG_OK);
  ledger->checkpoints[i + 1] = land_checkpoint_of(&ledger->head);
}

static inline struct ledger *ledger_make(size_t entries) {
  struct ledger *ledger = calloc(1, sizeof *ledger);
  memcpy(ledger->head.village, VILLAGE, sizeof ledger->head.village);
  ledger->checkpoints[0] = land_checkpoint_of(&ledger->head);
  for (size_t i = 0; i < entries; i++) {
    char text[48];
    snprintf(text, sizeof text, "地块 %zu %.*s", i, (int)(i % 7), "abcdefg");
    ledger_append(ledger, text);
  }
  return ledger;
}

// ledger_export writes what a ledger says it has.
static inline void ledger_export(const struct ledger *ledger, struct wg_buffer *out) {
  land_export_header(&ledger->head, out);
  for (size_t i = 0; i < ledger->head.peaks.size; i++)
    land_export_entry(&ledger->entries[i], ledger_payload(ledger, i), out);
}

static inline struct land_verification verify_text(const struct wg_buffer *text, unsigned checks,
                                                   struct land_sheet *sheets, size_t sheet_count) {
  struct wg_input input;
  struct land_verifier verifier;
  wg_input_memory(&input, (struct wg_bytes){text->data, text->size});
  if (land_verify_start(&verifier, checks, sheets, sheet_count)) land_verify_export(&verifier, &input);
  wg_input_close(&input);
  return verifier.found;
}

static inline void assert_found(struct land_verification found, enum land_verdict verdict, int64_t seq,
                                const char *field) {
  if (found.verdict != verdict || found.seq != seq || strcmp(found.field, field) != 0)
    fail_msg("expected verdict %d of entry %lld, field '%s'; found %d of entry %lld, field '%s': %s", verdict,
             (long long)seq, field, found.verdict, (long long)found.seq, found.field, found.message);
}

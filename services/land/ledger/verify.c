#include "services/land/ledger/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// --- what was found ---

__attribute__((format(printf, 6, 7))) static bool found(struct land_verification *found, enum land_verdict verdict,
                                                        const char *village, int64_t seq, const char *field,
                                                        const char *format, ...) {
  if (found->verdict != LAND_INTACT) return false;
  found->verdict = verdict;
  found->seq = seq;
  snprintf(found->village, sizeof found->village, "%s", village ? village : "");
  snprintf(found->field, sizeof found->field, "%s", field);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(found->message, sizeof found->message, format, arguments);
  va_end(arguments);
  return false;
}

static const char *meaning(const char *fault) {
  static const char *const MEANINGS[][2] = {
      {"village", "the entry is of another village"},
      {"seq", "an entry is missing, doubled, or not in its place: its number is not the next"},
      {"at", "the entry is more than 2 s older than the one before it"},
      {"prev_hash", "the entry does not follow the one before it"},
      {"payload", "the payload is not the one that was hashed"},
      {"leaf_hash", "the entry is not the one that was hashed: kind, time, actor, number or a hash of it was changed"},
  };
  for (size_t i = 0; i < sizeof MEANINGS / sizeof MEANINGS[0]; i++)
    if (strcmp(fault, MEANINGS[i][0]) == 0) return MEANINGS[i][1];
  return "is wrong";
}

// restored adds to what was found that the ledger itself tells of a restore.
static bool restored(struct land_verifier *verifier) {
  struct land_verification *is = &verifier->found;
  const size_t size = strlen(is->message);
  if (verifier->restored >= 0)
    snprintf(is->message + size, sizeof is->message - size,
             "; entry %" PRId64 " says that entries from %" PRId64 " on were lost when a backup was restored",
             verifier->restored, verifier->restored);
  return false;
}

// --- sheets ---

static int by_village_and_size(const void *left, const void *right) {
  const struct land_checkpoint *a = &((const struct land_sheet *)left)->checkpoint;
  const struct land_checkpoint *b = &((const struct land_sheet *)right)->checkpoint;
  int order = strcmp(a->origin, b->origin);
  return order ? order : (a->size > b->size) - (a->size < b->size);
}

static bool of_this_village(const struct land_verifier *verifier, const struct land_sheet *sheet) {
  return strcmp(sheet->checkpoint.origin, verifier->says.origin) == 0;
}

// meet_sheets compares the root so far with the sheets of just this size, and finds the size of the next.
static bool meet_sheets(struct land_verifier *verifier) {
  const struct land_head *head = &verifier->head;
  uint64_t agreed = 0; // entries that an older sheet vouches for
  uint8_t root[LAND_HASH_BYTES];
  land_peaks_root(&head->peaks, root);
  verifier->next_sheet = UINT64_MAX;
  for (size_t i = 0; i < verifier->sheet_count; i++) {
    struct land_sheet *sheet = &verifier->sheets[i];
    if (!of_this_village(verifier, sheet)) continue;
    if (sheet->checkpoint.size < head->peaks.size) agreed = sheet->checkpoint.size;
    if (sheet->checkpoint.size > head->peaks.size && sheet->checkpoint.size < verifier->next_sheet)
      verifier->next_sheet = sheet->checkpoint.size;
    if (sheet->checkpoint.size != head->peaks.size) continue;
    if (memcmp(sheet->checkpoint.root, root, sizeof root) != 0) {
      found(&verifier->found, LAND_TAMPERED, head->village, (int64_t)agreed, "root",
            "%s: the first %" PRIu64 " entries do not lead to its root: the history was rewritten from entry %" PRIu64
            " to %" PRIu64 ", or the sheet is of another history",
            sheet->name, sheet->checkpoint.size, agreed, sheet->checkpoint.size - 1);
      return restored(verifier);
    }
    sheet->met = true;
    verifier->found.sheets++;
  }
  return true;
}

// --- villages ---

bool land_verify_start(struct land_verifier *verifier, unsigned checks, struct land_sheet *sheets, size_t sheet_count) {
  *verifier = (struct land_verifier){
      .checks = checks, .sheets = sheets, .sheet_count = sheet_count, .found.seq = -1, .restored = -1};
  for (size_t i = 0; i < sheet_count; i++) {
    sheets[i].met = false;
    if (!land_checkpoint_village(&sheets[i].checkpoint))
      return found(&verifier->found, LAND_UNCHECKED, NULL, -1, "origin",
                   "%s: %s is not the origin of a village's ledger", sheets[i].name, sheets[i].checkpoint.origin);
  }
  if (sheet_count) qsort(sheets, sheet_count, sizeof *sheets, by_village_and_size);
  return true;
}

// end_village: as many entries as the ledger says, to the root that it says, and as long as every sheet of it.
static bool end_village(struct land_verifier *verifier) {
  const struct land_head *head = &verifier->head;
  uint64_t size = head->peaks.size;
  if (!verifier->open || verifier->found.verdict != LAND_INTACT) return verifier->found.verdict == LAND_INTACT;
  verifier->open = false;
  for (size_t i = 0; i < verifier->sheet_count; i++) {
    const struct land_sheet *sheet = &verifier->sheets[i];
    if (!of_this_village(verifier, sheet) || sheet->met) continue;
    found(&verifier->found, LAND_TAMPERED, head->village, (int64_t)size, "size",
          "%s: the ledger had %" PRIu64 " entries, now it has %" PRIu64 ": the tail was cut", sheet->name,
          sheet->checkpoint.size, size);
    return restored(verifier);
  }
  if (!(verifier->checks & LAND_CHECK_TREE)) return true;
  if (size != verifier->says.size)
    return found(&verifier->found, LAND_TAMPERED, head->village,
                 (int64_t)(size < verifier->says.size ? size : verifier->says.size), "size",
                 "the ledger says of itself that it has %" PRIu64 " entries; there are %" PRIu64, verifier->says.size,
                 size);
  struct land_checkpoint is = land_checkpoint_of(head);
  if (memcmp(is.root, verifier->says.root, LAND_HASH_BYTES) != 0)
    return found(&verifier->found, LAND_TAMPERED, head->village, -1, "root",
                 "the entries do not lead to the root that the ledger says it has");
  return true;
}

bool land_verify_village(struct land_verifier *verifier, const struct land_checkpoint *says) {
  if (!end_village(verifier)) return false;
  const char *village = land_checkpoint_village(says);
  if (!village)
    return found(&verifier->found, LAND_UNCHECKED, NULL, -1, "origin", "%s is not the origin of a village's ledger",
                 says->origin);
  verifier->open = true;
  verifier->says = *says;
  verifier->restored = -1;
  verifier->head = (struct land_head){0};
  memcpy(verifier->head.village, village, sizeof verifier->head.village);
  verifier->found.villages++;
  return meet_sheets(verifier);
}

bool land_verify_entry(struct land_verifier *verifier, const struct land_ledger_entry *entry, struct wg_bytes payload) {
  if (verifier->found.verdict != LAND_INTACT) return false;
  struct land_head *head = &verifier->head;
  if (!verifier->open)
    return found(&verifier->found, LAND_UNCHECKED, entry->village, (int64_t)entry->seq, "village",
                 "no ledger began before this entry");
  if (!(verifier->checks & LAND_CHECK_CHAIN)) { // what the chain says is taken from the entry
    memcpy(head->last_hash, entry->prev_hash, LAND_HASH_BYTES);
    head->last_at_us = entry->at_us;
  }
  const char *fault = land_entry_fault(head, entry, payload);
  if (fault)
    return found(&verifier->found, LAND_TAMPERED, head->village, (int64_t)head->peaks.size, fault, "%s",
                 meaning(fault));
  land_head_take(head, entry);
  if (wg_bytes_equal(entry->kind, wg_bytes_of("record_restore"))) verifier->restored = (int64_t)entry->seq;
  verifier->found.entries++;
  return head->peaks.size != verifier->next_sheet || meet_sheets(verifier);
}

bool land_verify_finish(struct land_verifier *verifier) {
  if (!end_village(verifier)) return false;
  for (size_t i = 0; i < verifier->sheet_count; i++)
    if (!verifier->sheets[i].met)
      return found(&verifier->found, LAND_UNCHECKED, land_checkpoint_village(&verifier->sheets[i].checkpoint), -1,
                   "origin", "%s: the ledger of its village is not here", verifier->sheets[i].name);
  if (verifier->found.villages == 0)
    return found(&verifier->found, LAND_UNCHECKED, NULL, -1, "village", "there is no ledger to check");
  return true;
}

bool land_verify_export(struct land_verifier *verifier, struct wg_input *input) {
  struct wg_buffer scratch = {0};
  struct wg_error error = {0};
  struct land_export_line read;
  char *line = NULL;
  uint64_t number = 0;
  enum wg_line step;
  while ((step = wg_input_line(input, LAND_EXPORT_LINE, &line, &number, &error)) == WG_LINE) {
    if (land_export_read(wg_bytes_of(line), &scratch, &read, &error) != WG_OK) break;
    bool good = read.header ? land_verify_village(verifier, &read.checkpoint)
                            : land_verify_entry(verifier, &read.entry, read.payload);
    if (!good) break;
  }
  if (verifier->found.verdict == LAND_INTACT && step != WG_LINE_END)
    found(&verifier->found, LAND_UNCHECKED, NULL, -1, error.field, "line %" PRIu64 ": %s%s%s", number, error.field,
          error.field[0] ? ": " : "", error.message);
  if (input->error.code != WG_OK) found(&verifier->found, LAND_UNCHECKED, NULL, -1, "", "%s", input->error.message);
  wg_buffer_free(&scratch);
  return land_verify_finish(verifier);
}

// --- proofs ---

struct land_verification land_verify_inclusion(const struct land_proof_file *proof,
                                               const struct land_checkpoint *sheet) {
  struct land_verification is = {.seq = -1, .villages = 1};
  const char *village = land_checkpoint_village(sheet);
  int64_t seq = (int64_t)proof->entry.seq;
  uint8_t hash[LAND_HASH_BYTES];
  if (proof->consistency || !village || strcmp(village, proof->entry.village) != 0 || proof->size != sheet->size) {
    found(&is, LAND_UNCHECKED, proof->entry.village, seq, "size",
          "the proof is for village %s with %" PRIu64 " entries, the sheet is %s with %" PRIu64
          ": have a proof made for "
          "the size on the sheet",
          proof->entry.village, proof->size, sheet->origin, sheet->size);
    return is;
  }
  wg_sha256(&proof->payload, 1, hash);
  if (memcmp(hash, proof->entry.payload_sha256, sizeof hash) != 0) {
    found(&is, LAND_TAMPERED, village, seq, "payload", "%s", meaning("payload"));
    return is;
  }
  land_entry_hash(&proof->entry, hash);
  if (memcmp(hash, proof->entry.leaf_hash, sizeof hash) != 0)
    found(&is, LAND_TAMPERED, village, seq, "leaf_hash", "%s", meaning("leaf_hash"));
  else if (!land_inclusion_holds(proof->entry.seq, proof->size, hash, &proof->path, sheet->root))
    found(&is, LAND_TAMPERED, village, seq, "path", "the entry is not in the ledger that the sheet is of");
  is.entries = is.sheets = is.verdict == LAND_INTACT;
  return is;
}

struct land_verification land_verify_consistency(const struct land_proof_file *proof,
                                                 const struct land_checkpoint *older,
                                                 const struct land_checkpoint *newer) {
  static const struct land_proof none = {0};
  struct land_verification is = {.seq = -1, .villages = 1};
  const char *village = land_checkpoint_village(older);
  bool fits = !proof || (proof->consistency && village && strcmp(proof->entry.village, village) == 0 &&
                         proof->from == older->size && proof->size == newer->size);
  if (!village || strcmp(older->origin, newer->origin) != 0 || older->size > newer->size)
    found(&is, LAND_UNCHECKED, village, -1, "origin", "%s and %s are not an older and a newer sheet of one village",
          older->origin, newer->origin);
  else if (!fits || (!proof && older->size != newer->size && older->size > 0))
    found(&is, LAND_UNCHECKED, village, -1, "size", "a proof from %" PRIu64 " to %" PRIu64 " entries is needed",
          older->size, newer->size);
  else if (older->size == 0)
    found(&is, LAND_UNCHECKED, village, -1, "size", "the older sheet has no entries: any history follows it");
  else if (!land_consistency_holds(older->size, newer->size, older->root, newer->root, proof ? &proof->path : &none))
    found(&is, LAND_TAMPERED, village, -1, "root",
          "the ledger of %" PRIu64 " entries is not the beginning of that of %" PRIu64 ": there are two histories",
          older->size, newer->size);
  is.sheets = is.verdict == LAND_INTACT ? 2 : 0;
  return is;
}

// Bytes as a CSV file of records; the first byte chooses the kind. Whatever comes: reading ends, every finding can
// travel as a message, and what was read without error is written and read again as the same.
#include "common/records/records.h"
#include "common/wire/wire.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool truth) {
  if (!truth) abort();
}

static void findings_travel(const struct wg_findings *findings, struct wg_arena *arena) {
  size_t errors = 0;
  for (size_t i = 0; i < findings->count; i++) {
    struct wg_error error = {0};
    ProtobufCMessage *message;
    struct wg_bytes packed = wg_pack(&findings->finding[i]->base, arena);
    expect(wg_unpack(&wangge__v1__finding__descriptor, packed, arena, &message, &error) == WG_OK);
    errors += findings->finding[i]->severity == WANGGE__V1__SEVERITY__SEVERITY_ERROR;
  }
  expect(findings->errors + findings->warnings == findings->count + findings->untold);
  expect(errors <= findings->errors);
}

static void written_reads_back(const struct wg_record_set *set, const struct wg_kind *kind, bool labels,
                               struct wg_arena *arena) {
  struct wg_buffer text = {0};
  struct wg_error error = {0};
  struct wg_reading again;
  wg_records_write_header(&text, kind, labels);
  for (size_t i = 0; i < set->count; i++)
    wg_records_write_row(&text, set->record[i], labels);
  wg_reading_start(&again, arena, NULL);
  expect(wg_records_read_bytes(&again, "again", (struct wg_bytes){text.data, text.size}, kind, &error) == WG_OK);
  expect(again.findings.errors == 0 && again.set.count == set->count);
  for (size_t i = 0; i < set->count; i++)
    expect(wg_bytes_equal(wg_pack(&set->record[i]->base, arena), wg_pack(&again.set.record[i]->base, arena)));
  wg_reading_stop(&again);
  wg_buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  size_t kinds;
  const struct wg_kind *kind = wg_kinds(&kinds) + data[0] % kinds;
  struct wg_arena *arena = wg_arena_create(64 * 1024);
  struct wg_error error = {0};
  struct wg_reading reading;
  wg_reading_start(&reading, arena, "370117");
  expect(wg_records_read_bytes(&reading, "x.csv", (struct wg_bytes){data + 1, size - 1}, kind, &error) == WG_OK);
  findings_travel(&reading.findings, arena);
  written_reads_back(&reading.set, kind, data[0] & 0x80, arena);
  wg_reading_stop(&reading);
  wg_arena_destroy(arena);
  return 0;
}

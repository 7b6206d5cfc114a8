#include "tests/unit/records.h"

#include "common/records/records.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

struct records *records_create(void) {
  struct records *records = wg_zalloc(sizeof *records);
  records->arena = wg_arena_create(1 << 16);
  return records;
}

void records_destroy(struct records *records) {
  wg_arena_destroy(records->arena);
  free(records->record);
  free(records);
}

static void keep(struct records *records, struct wg_reading *reading, wg_status status, const struct wg_error *error) {
  if (status != WG_OK) fail_msg("%s", error->message);
  for (size_t i = 0; i < reading->findings.count; i++) {
    if (reading->findings.finding[i]->severity == WANGGE__V1__SEVERITY__SEVERITY_ERROR)
      fail_msg("line %d: %s", reading->findings.finding[i]->row, reading->findings.finding[i]->message);
  }
  const size_t count = records->count + reading->set.count;
  records->record = wg_realloc(records->record, sizeof *records->record * (count + 1));
  memcpy(records->record + records->count, reading->set.record, sizeof *records->record * reading->set.count);
  records->count = count;
  wg_reading_stop(reading);
}

void records_add(struct records *records, const char *kind, const char *csv) {
  struct wg_error error = {0};
  struct wg_reading reading;
  wg_reading_start(&reading, records->arena, NULL);
  const wg_status status = wg_records_read_bytes(&reading, "test", wg_bytes_of(csv), wg_kind_find(kind), &error);
  keep(records, &reading, status, &error);
}

void records_add_file(struct records *records, const char *kind, const char *path) {
  struct wg_error error = {0};
  struct wg_reading reading;
  wg_reading_start(&reading, records->arena, NULL);
  const wg_status status = wg_records_read_file(&reading, path, wg_kind_find(kind), &error);
  keep(records, &reading, status, &error);
}

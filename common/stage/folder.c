// Reference data from a folder. See folder.h.
#include "common/stage/folder.h"

#include "common/base/log.h"
#include "common/records/records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// read_kind reads one file; a kind that has none has no records.
static wg_status read_kind(struct wg_reading *reading, const char *folder, const char *kind, struct wg_error *error) {
  const char *path = wg_arena_printf(reading->arena, "%s/%s.csv", folder, kind);
  struct stat there;
  if (stat(path, &there) == 0) return wg_records_read_file(reading, path, wg_kind_find(kind), error);
  if (errno != ENOENT) return wg_fail(error, WG_NOT_FOUND, "reference", "%s: %s", path, strerror(errno));
  wg_log(WG_LOG_WARN, "no such file: no records of this kind", wg_field_text("file", path),
         wg_field_text("kind", kind));
  return WG_OK;
}

// by_key sorts within a kind.
static int by_key(const void *left, const void *right) {
  const Wangge__V1__Record *a = *(Wangge__V1__Record *const *)left, *b = *(Wangge__V1__Record *const *)right;
  const int districts = strcmp(a->district, b->district);
  return districts ? districts : strcmp(a->code, b->code);
}

// first_error says where the first thing is wrong, and how much more is.
static wg_status first_error(const struct wg_reading *reading, const char *folder, struct wg_error *error) {
  for (size_t i = 0; i < reading->findings.count; i++) {
    const Wangge__V1__Finding *finding = reading->findings.finding[i];
    if (finding->severity != WANGGE__V1__SEVERITY__SEVERITY_ERROR) continue;
    const size_t more = reading->findings.errors - 1;
    const char *rest = more ? wg_arena_printf(reading->arena, " (and %zu more errors)", more) : "";
    return wg_fail(error, WG_INVALID_ARGUMENT, "reference", "%s/%s.csv line %d: %s%s", folder, finding->kind,
                   finding->row, finding->message, rest);
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, "reference", "%s: %zu errors", folder, reading->findings.errors);
}

wg_status wg_folder_read(const char *path, const char *const *kinds, struct wg_arena *arena,
                         const Wangge__V1__Record *const **records, size_t *count, struct wg_error *error) {
  struct stat there;
  if (stat(path, &there) != 0 || !S_ISDIR(there.st_mode))
    return wg_fail(error, WG_NOT_FOUND, "reference", "%s is no folder that can be read", path);
  struct wg_reading reading;
  wg_reading_start(&reading, arena, NULL);
  wg_status status = WG_OK;
  for (size_t i = 0; kinds[i] && status == WG_OK; i++) {
    const size_t before = reading.set.count;
    status = read_kind(&reading, path, kinds[i], error);
    if (reading.set.count > before)
      qsort(reading.set.record + before, reading.set.count - before, sizeof *reading.set.record, by_key);
  }
  if (status == WG_OK && reading.findings.errors) status = first_error(&reading, path, error);
  *records = (const Wangge__V1__Record *const *)reading.set.record;
  *count = reading.set.count;
  wg_reading_stop(&reading);
  return status;
}

void wg_folder_count(const char *const *kinds, const Wangge__V1__Record *const *records, size_t count, size_t *counts) {
  for (size_t i = 0; i < count; i++) {
    const struct wg_kind *kind = wg_kind_of(records[i]);
    for (size_t k = 0; kind && kinds[k]; k++)
      counts[k] += strcmp(kinds[k], kind->name) == 0;
  }
}

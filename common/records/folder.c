// A folder of files named KIND.csv.

#include "common/records/cell.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct entry {
  const struct wg_kind *kind;
  const char *path;
};

static int by_rank(const void *a, const void *b) {
  const struct entry *one = a, *other = b;
  if (one->kind->rank != other->kind->rank) return one->kind->rank < other->kind->rank ? -1 : 1;
  return strcmp(one->path, other->path);
}

// kind_of_file: "grid.csv" gives grid; NULL and *csv: a .csv of no kind.
static const struct wg_kind *kind_of_file(const char *name, struct wg_arena *arena, bool *csv) {
  size_t size = strlen(name);
  *csv = size > 4 && strcasecmp(name + size - 4, ".csv") == 0 && name[0] != '.';
  return *csv ? wg_kind_find(wg_arena_printf(arena, "%.*s", (int)(size - 4), name)) : NULL;
}

static size_t list(struct wg_reading *reading, const char *path, DIR *folder, struct entry **entries) {
  size_t count = 0, room = 16;
  *entries = wg_alloc(room * sizeof **entries);
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    bool csv;
    const struct wg_kind *kind = kind_of_file(entry->d_name, reading->arena, &csv);
    if (!csv) continue;
    if (kind == NULL) {
      wg_finding_add(&reading->findings, WG_RECORD_ERROR, NULL, "file.name_unknown", "",
                     "文件 %s 不是以记录种类命名的；请改名为如 grid.csv，或移走", entry->d_name);
      continue;
    }
    if (count == room) *entries = wg_realloc(*entries, (room *= 2) * sizeof **entries);
    (*entries)[count++] = (struct entry){kind, wg_arena_printf(reading->arena, "%s/%s", path, entry->d_name)};
  }
  qsort(*entries, count, sizeof **entries, by_rank);
  return count;
}

wg_status wg_records_read_folder(struct wg_reading *reading, const char *path, struct wg_error *error) {
  DIR *folder = opendir(path);
  if (folder == NULL) return wg_fail(error, WG_NOT_FOUND, NULL, "cannot open folder %s: %s", path, strerror(errno));
  struct entry *entries;
  size_t count = list(reading, path, folder, &entries);
  closedir(folder);
  wg_status status = WG_OK;
  if (count == 0)
    status = wg_fail(error, WG_NOT_FOUND, NULL, "%s has no file named after a kind of record, as grid.csv is", path);
  for (size_t i = 0; i < count && status == WG_OK; i++)
    status = wg_records_read_file(reading, entries[i].path, entries[i].kind, error);
  free(entries);
  return status;
}

// Reading the files of one folder.

#include "common/db/migration_file.h"

#include "common/base/text.h"

#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILES = 999, MAX_BYTES = 1 << 20 };

const char *wg_migration_source(struct wg_arena *arena, const char *folder) {
  size_t end = strlen(folder);
  for (;;) {
    while (end > 0 && folder[end - 1] == '/')
      end--;
    size_t start = end;
    while (start > 0 && folder[start - 1] != '/')
      start--;
    bool schema = end - start == 6 && strncmp(folder + start, "schema", 6) == 0;
    if (!schema || start == 0) return wg_arena_printf(arena, "%.*s", (int)(end - start), folder + start);
    end = start;
  }
}

// The version of "NNN_name.sql", 0 if the name has another form.
static int version_of(const char *name) {
  if (strspn(name, "0123456789") != 3 || name[3] != '_') return 0;
  size_t length = 4 + strspn(name + 4, "abcdefghijklmnopqrstuvwxyz0123456789_");
  if (length == 4 || strcmp(name + length, ".sql") != 0) return 0;
  return (name[0] - '0') * 100 + (name[1] - '0') * 10 + (name[2] - '0');
}

static wg_status keep_text(struct wg_arena *arena, struct wg_migration *file, struct wg_bytes text,
                           struct wg_error *error) {
  if (text.size > MAX_BYTES) return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s has more than 1 MiB", file->path);
  if (!wg_utf8_valid(text)) return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s is not UTF-8", file->path);
  file->sql = wg_arena_text(arena, text);
  unsigned char digest[crypto_hash_sha256_BYTES];
  char *hex = wg_arena_alloc(arena, 2 * sizeof digest + 1);
  crypto_hash_sha256(digest, text.data, text.size);
  file->sha256 = sodium_bin2hex(hex, 2 * sizeof digest + 1, digest, sizeof digest);
  return WG_OK;
}

static wg_status read_text(struct wg_arena *arena, struct wg_migration *file, struct wg_error *error) {
  FILE *stream = fopen(file->path, "re");
  if (!stream) return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s cannot be read: %m", file->path);
  uint8_t *data = wg_alloc(MAX_BYTES + 1);
  size_t size = fread(data, 1, MAX_BYTES + 1, stream);
  wg_status status = ferror(stream) ? wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s cannot be read: %m", file->path)
                                    : keep_text(arena, file, (struct wg_bytes){data, size}, error);
  free(data);
  fclose(stream);
  return status;
}

static wg_status read_file(struct wg_arena *arena, struct wg_migration *file, struct wg_error *error) {
  wg_status status = read_text(arena, file, error);
  if (status) return status;
  const char *control = wg_migration_control(file->sql);
  if (!control) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, NULL,
                 "%s has a %s of its own; a migration is one transaction and may hold none", file->path, control);
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const struct wg_migration *)a)->name, ((const struct wg_migration *)b)->name);
}

static wg_status list_folder(struct wg_arena *arena, const char *folder, struct wg_migration *files, size_t *count,
                             struct wg_error *error) {
  DIR *directory = opendir(folder);
  if (!directory) return wg_fail(error, WG_NOT_FOUND, NULL, "folder of migrations %s: %m", folder);
  wg_status status = WG_OK;
  for (struct dirent *entry; !status && (entry = readdir(directory));) {
    size_t length = strlen(entry->d_name);
    if (entry->d_name[0] == '.' || length < 4 || strcmp(entry->d_name + length - 4, ".sql") != 0) continue;
    struct wg_migration file = {.version = version_of(entry->d_name), .name = wg_arena_strdup(arena, entry->d_name)};
    file.path = wg_arena_printf(arena, "%s/%s", folder, entry->d_name);
    if (file.version == 0)
      status = wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s: the name must look like 001_name.sql", file.path);
    else if (*count == MAX_FILES)
      status = wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s has more than %d migrations", folder, MAX_FILES);
    else files[(*count)++] = file;
  }
  closedir(directory);
  return status;
}

wg_status wg_migration_read(struct wg_arena *arena, const char *folder, struct wg_migration **out, size_t *count,
                            struct wg_error *error) {
  struct wg_migration *files = wg_arena_zalloc(arena, MAX_FILES * sizeof *files);
  *out = files;
  *count = 0;
  wg_status status = list_folder(arena, folder, files, count, error);
  if (status) return status;
  qsort(files, *count, sizeof *files, by_name);
  for (size_t i = 0; i < *count; i++) {
    if (files[i].version > (int)i + 1)
      return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s: number %03d is missing before it", files[i].path,
                     (int)i + 1);
    if (files[i].version < (int)i + 1)
      return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s: its number is used twice", files[i].path);
    status = read_file(arena, &files[i], error);
    if (status) return status;
  }
  return WG_OK;
}

const char *wg_migration_fill(struct wg_arena *arena, const char *sql, const char *schema, const char *role) {
  struct wg_buffer text = {0};
  while (*sql) {
    size_t plain = strcspn(sql, "@");
    wg_buffer_append(&text, sql, plain);
    sql += plain;
    if (strncmp(sql, "@SCHEMA@", 8) == 0) {
      wg_buffer_text(&text, schema);
      sql += 8;
    } else if (strncmp(sql, "@ROLE@", 6) == 0) {
      wg_buffer_text(&text, role);
      sql += 6;
    } else if (*sql) wg_buffer_append(&text, sql++, 1);
  }
  const char *filled = wg_arena_strdup(arena, wg_buffer_cstr(&text));
  wg_buffer_free(&text);
  return filled;
}

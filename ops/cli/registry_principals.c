// wangge registry principals: brings the principals that the registry tells of into a principals file, which services
// read. Its sections bear a mark; those without it stay as they are, so that no record takes a name that somebody has.
// A revoked or deleted principal loses its section, and with it every right.
#include "ops/cli/output.h"
#include "ops/cli/registry.h"

#include "common/base/map.h"
#include "common/base/text.h"
#include "common/bus/bus.h"
#include "common/wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES = 4 << 20 };

struct wanted {
  const Wangge__V1__Record *record;
  char *section; // its text; NULL: it may not have one
  bool seen;     // in the file
};

struct note {
  const char *what, *name; // "added"
};

struct merge {
  struct cli *cli;
  const char *path, *district;
  const char *mark;       // line of every section that comes from the registry
  struct wg_map *by_name; // -> struct wanted
  struct wanted *wanted;
  size_t count;
  struct wg_buffer out;
  struct note *notes;
  size_t note_count;
  size_t added, changed, removed;
};

// --- what the registry tells ---
static void put_list(struct wg_buffer *text, const char *key, char *const *words, size_t count) {
  if (count == 0) return;
  wg_buffer_printf(text, "%s = ", key);
  for (size_t i = 0; i < count; i++)
    wg_buffer_printf(text, "%s%s", i > 0 ? ", " : "", words[i]);
  wg_buffer_text(text, "\n");
}

// make_section: without districts it is for the record's own alone.
static char *make_section(const struct merge *merge, const Wangge__V1__Record *record) {
  const Wangge__V1__Principal *body = record->principal;
  struct wg_buffer text = {0};
  char *own[] = {record->district}, word[32];
  wg_buffer_printf(&text, "[%s]\n%s\nkey = %s\n", record->code, merge->mark, body->key);
  put_list(&text, "previous_keys", body->previous_keys, body->n_previous_keys);
  put_list(&text, "roles", body->roles, body->n_roles);
  put_list(&text, "department", body->departments, body->n_departments);
  put_list(&text, "districts", body->n_districts ? body->districts : own, body->n_districts ? body->n_districts : 1);
  put_list(&text, "areas", body->areas, body->n_areas);
  if (body->channel)
    wg_buffer_printf(&text, "channel = %s\n", wg_enum_name(&wangge__v1__channel__descriptor, (int)body->channel, word));
  put_list(&text, "origins", body->origins, body->n_origins);
  char *copy = wg_arena_strdup(merge->cli->arena, wg_buffer_cstr(&text));
  wg_buffer_free(&text);
  return copy;
}

// check_wanted refuses what no registrar may tell.
static wg_status check_wanted(const Wangge__V1__Record *record, struct wg_error *error) {
  const Wangge__V1__Principal *body = record->principal;
  for (size_t i = 0; i < body->n_roles; i++)
    if (strcmp(body->roles[i], "service") == 0)
      return wg_fail(error, WG_INVALID_ARGUMENT, "roles",
                     "principal %s: services of the cell are not the registry's: take the role away", record->code);
  if (body->n_departments > 1)
    return wg_fail(error, WG_INVALID_ARGUMENT, "departments",
                   "principal %s has %zu departments: a key speaks for one, make one for each", record->code,
                   body->n_departments);
  return WG_OK;
}

static wg_status take(struct merge *merge, const Wangge__V1__Record *record, struct wg_error *error) {
  const bool ends = record->deleted || record->principal->revoked;
  if (!ends && check_wanted(record, error) != WG_OK) return error->code;
  if (!ends && record->principal->key[0] == 0) return WG_OK; // not yet
  merge->wanted = wg_realloc(merge->wanted, (merge->count + 1) * sizeof *merge->wanted);
  merge->wanted[merge->count++] =
      (struct wanted){.record = record, .section = ends ? NULL : make_section(merge, record)};
  return WG_OK;
}

static wg_status ask(struct merge *merge, struct wg_error *error) {
  struct cli_pages pages = {.request = WANGGE__V1__LIST_RECORDS_REQUEST__INIT};
  pages.request.district = cli_field(merge->district);
  pages.request.kind = cli_field("principal");
  pages.request.deleted = true;
  pages.request.limit = 1000;
  while (cli_registry_page(merge->cli, &pages, error)) {
    for (size_t i = 0; i < pages.page->n_records; i++)
      if (take(merge, pages.page->records[i], error) != WG_OK) return error->code;
  }
  for (size_t i = 0; i < merge->count; i++)
    wg_map_put(merge->by_name, merge->wanted[i].record->code, &merge->wanted[i]);
  return error->code;
}

// --- the file ---
// note: what changes is told when it is done.
static void note(struct merge *merge, const char *what, const char *name) {
  merge->notes = wg_realloc(merge->notes, (merge->note_count + 1) * sizeof *merge->notes);
  merge->notes[merge->note_count++] = (struct note){what, wg_arena_strdup(merge->cli->arena, name)};
}

static bool same_lines(const char *text, size_t size, const char *section) {
  while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == ' '))
    size--;
  size_t wanted = strlen(section);
  while (wanted > 0 && section[wanted - 1] == '\n')
    wanted--;
  return size == wanted && memcmp(text, section, size) == 0;
}

static void keep(struct merge *merge, const char *text, size_t size) {
  wg_buffer_append(&merge->out, text, size);
}

// take_section copies one section of the file, or what is to stand there instead.
static wg_status take_section(struct merge *merge, const char *text, size_t size, struct wg_error *error) {
  const char *end = memchr(text, ']', size);
  char name[128] = "";
  if (text[0] == '[' && end != NULL) snprintf(name, sizeof name, "%.*s", (int)(end - text - 1), text + 1);
  struct wanted *wanted = name[0] != 0 ? wg_map_get(merge->by_name, name) : NULL;
  if (wanted != NULL) wanted->seen = true;
  if (wanted == NULL || (wanted->section != NULL && same_lines(text, size, wanted->section))) {
    keep(merge, text, size);
    return WG_OK;
  }
  const bool ours = memmem(text, size, merge->mark, strlen(merge->mark)) != NULL;
  if (!ours && wanted->section != NULL)
    return wg_fail(error, WG_ALREADY_EXISTS, "code",
                   "principal %s is in the file already and not from the registry of %s: name it otherwise, or take "
                   "that section out first",
                   name, merge->district);
  if (!ours) {
    keep(merge, text, size);
    return WG_OK;
  }
  if (wanted->section != NULL) wg_buffer_printf(&merge->out, "%s\n", wanted->section);
  if (wanted->section != NULL) merge->changed++;
  else merge->removed++;
  note(merge, wanted->section != NULL ? "changed" : "removed", name);
  return WG_OK;
}

static wg_status merge_text(struct merge *merge, const char *text, size_t size, struct wg_error *error) {
  for (size_t at = 0; at < size;) {
    size_t end = at + 1;
    while (end < size && !(text[end] == '[' && text[end - 1] == '\n'))
      end++;
    if (take_section(merge, text + at, end - at, error) != WG_OK) return error->code;
    at = end;
  }
  for (size_t i = 0; i < merge->count; i++) {
    const struct wanted *wanted = &merge->wanted[i];
    if (wanted->seen || wanted->section == NULL) continue;
    wg_buffer_printf(&merge->out, "\n%s", wanted->section);
    merge->added++;
    note(merge, "added", wanted->record->code);
  }
  return WG_OK;
}

// read_file: a file that is not there is empty.
static wg_status read_file(struct merge *merge, char **text, size_t *size, struct wg_error *error) {
  *text = wg_zalloc(FILE_BYTES + 1);
  *size = 0;
  FILE *file = fopen(merge->path, "rbe");
  if (file == NULL && errno == ENOENT) return WG_OK;
  if (file == NULL)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "cannot read %s: %s", merge->path, strerror(errno));
  *size = fread(*text, 1, FILE_BYTES + 1, file);
  fclose(file);
  if (*size > FILE_BYTES) return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s is too large", merge->path);
  struct wg_principals *before = NULL; // a broken file is not made worse
  if (wg_principals_open(merge->path, &before, error) == WG_OK) wg_principals_close(before);
  return error->code;
}

// write_file writes beside it, reads that as a service would, and only then puts it in its place.
static wg_status write_file(struct merge *merge, struct wg_error *error) {
  const char *fresh = wg_arena_printf(merge->cli->arena, "%s.fresh", merge->path);
  const int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "cannot write %s: %s", fresh, strerror(errno));
  const ssize_t written = write(fd, merge->out.data, merge->out.size);
  const bool kept = fsync(fd) == 0 && close(fd) == 0 && written == (ssize_t)merge->out.size;
  struct wg_principals *after = NULL;
  wg_status status =
      kept ? wg_principals_open(fresh, &after, error) : wg_fail(error, WG_INTERNAL, NULL, "cannot write %s", fresh);
  if (after != NULL) wg_principals_close(after);
  const bool dry = cli_given(&merge->cli->parsed, "dry-run");
  if (status == WG_OK && !dry && rename(fresh, merge->path) != 0)
    status = wg_fail(error, WG_INTERNAL, NULL, "cannot write %s: %s", merge->path, strerror(errno));
  if (status != WG_OK || dry) unlink(fresh);
  return status;
}

static void sum_up(const struct merge *merge) {
  const bool dry = cli_given(&merge->cli->parsed, "dry-run");
  for (size_t i = 0; i < merge->note_count; i++) {
    const struct note *one = &merge->notes[i];
    if (merge->cli->json) cli_print_json(json_pack("{s:s,s:s}", "principal", one->name, "change", one->what));
    else printf("%-8s %s\n", one->what, one->name);
  }
  if (merge->cli->json)
    cli_print_json(json_pack("{s:I,s:I,s:I,s:b}", "added", (json_int_t)merge->added, "changed",
                             (json_int_t)merge->changed, "removed", (json_int_t)merge->removed, "written", !dry));
  else
    printf("%zu added, %zu changed, %zu removed%s\n", merge->added, merge->changed, merge->removed,
           dry ? " (nothing was written)" : "");
}

int cli_registry_principals(struct cli *cli) {
  struct wg_error error = {0};
  struct merge merge = {.cli = cli, .path = cli->parsed.argument[0], .district = cli_district(cli, &error)};
  if (merge.district == NULL) return cli_usage(cli, &error);
  merge.mark = wg_arena_printf(cli->arena, "# from the registry of %s", merge.district);
  cli_as(cli, "registrar");
  char *text = NULL;
  size_t size = 0;
  merge.by_name = wg_map_create();
  int code = CLI_DONE;
  if (read_file(&merge, &text, &size, &error) != WG_OK) code = cli_usage(cli, &error);
  else if (ask(&merge, &error) != WG_OK) code = cli_complain(cli, &error);
  else if (merge_text(&merge, text, size, &error) != WG_OK) code = cli_complain(cli, &error);
  if (code == CLI_DONE) {
    const bool nothing = merge.added + merge.changed + merge.removed == 0;
    if (!nothing && write_file(&merge, &error) != WG_OK) code = cli_complain(cli, &error);
    else sum_up(&merge);
  }

  wg_map_destroy(merge.by_name);
  wg_buffer_free(&merge.out);
  free(merge.wanted);
  free(merge.notes);
  free(text);
  return code;
}

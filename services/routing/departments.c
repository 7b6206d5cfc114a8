// See departments.h.
#include "services/routing/departments.h"

#include "common/base/bytes.h"
#include "common/base/map.h"
#include "common/base/text.h"
#include "common/config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 128 };

struct routing_departments {
  struct wg_map *by_code;
  struct routing_department **list; // in the order of the file
  size_t count;
};

static const char *const LEVELS[] = {"", "district", "street", "community", "grid"};

static wg_status section_of(struct routing_departments *departments, int line, const char *code,
                            struct routing_department **department, struct wg_error *error) {
  *department = wg_map_get(departments->by_code, code);
  if (*department) return WG_OK;
  struct wg_error inner = {0};
  if (wg_token_check(code, sizeof(*department)->code - 1, "", &inner) != WG_OK)
    return wg_fail(error, WG_INVALID_ARGUMENT, code, "line %d: section [%s] is not a department code: %s", line, code,
                   inner.message);
  struct routing_department *made = wg_zalloc(sizeof *made);
  snprintf(made->code, sizeof made->code, "%s", code);
  made->line = line;
  departments->list = wg_realloc(departments->list, sizeof(void *) * (departments->count + 1));
  departments->list[departments->count++] = made;
  wg_map_put(departments->by_code, code, made);
  *department = made;
  return WG_OK;
}

static wg_status set_level(struct routing_department *department, int line, const char *value, struct wg_error *error) {
  for (int level = ROUTING_LEVEL_DISTRICT; level <= ROUTING_LEVEL_GRID; level++) {
    if (strcmp(value, LEVELS[level]) != 0) continue;
    department->level = (enum routing_level)level;
    return WG_OK;
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, "level", "line %d: level must be district, street, community or grid",
                 line);
}

static wg_status on_row(void *context, int line, const char *section, const char *key, const char *value,
                        struct wg_error *error) {
  struct routing_department *department = NULL;
  wg_status status = section_of(context, line, section, &department, error);
  if (status != WG_OK) return status;
  if (strcmp(key, "level") == 0) return set_level(department, line, value, error);
  struct wg_error inner = {0};
  if (strcmp(key, "name") == 0) {
    status = wg_text_check(value, NAME_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "name", &inner);
    free(department->name);
    department->name = wg_strdup(value);
  } else if (strcmp(key, "parent") == 0) {
    status = wg_token_check(value, sizeof department->parent - 1, "parent", &inner);
    snprintf(department->parent, sizeof department->parent, "%s", value);
  } else {
    return wg_fail(error, WG_INVALID_ARGUMENT, key, "line %d: unknown key %s; there are name, parent and level", line,
                   key);
  }
  if (status == WG_OK) return WG_OK;
  return wg_fail(error, status, key, "line %d: %s %s", line, key, inner.message);
}

// check_tree: everything is there, parents exist and do not lie below, nobody is its own ancestor.
static wg_status check_tree(const struct routing_departments *departments, struct wg_error *error) {
  if (!departments->count) return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "it has no department");
  for (size_t i = 0; i < departments->count; i++) {
    const struct routing_department *own = departments->list[i];
    if (!own->name || !own->level)
      return wg_fail(error, WG_INVALID_ARGUMENT, own->code, "line %d: [%s] needs a name and a level", own->line,
                     own->code);
    size_t depth = 0;
    for (const struct routing_department *at = own; *at->parent; depth++) {
      const struct routing_department *parent = wg_map_get(departments->by_code, at->parent);
      if (!parent)
        return wg_fail(error, WG_INVALID_ARGUMENT, "parent", "line %d: parent %s of [%s] has no section", at->line,
                       at->parent, at->code);
      if (parent->level > at->level)
        return wg_fail(error, WG_INVALID_ARGUMENT, "parent", "line %d: parent %s of [%s] is on a lower level", at->line,
                       at->parent, at->code);
      if (depth == departments->count)
        return wg_fail(error, WG_INVALID_ARGUMENT, "parent", "line %d: [%s] is its own ancestor", own->line, own->code);
      at = parent;
    }
  }
  return WG_OK;
}

wg_status routing_departments_open(const char *path, struct routing_departments **departments, struct wg_error *error) {
  *departments = NULL;
  struct routing_departments *made = wg_zalloc(sizeof *made);
  made->by_code = wg_map_create();
  struct wg_error inner = {0};
  wg_status status = wg_ini_read(path, on_row, made, &inner);
  if (status == WG_OK) status = check_tree(made, &inner);
  if (status == WG_OK) {
    *departments = made;
    return WG_OK;
  }
  routing_departments_close(made);
  return wg_fail(error, status, "departments", "%s: %s", path, inner.message);
}

void routing_departments_close(struct routing_departments *departments) {
  if (!departments) return;
  for (size_t i = 0; i < departments->count; i++) {
    free(departments->list[i]->name);
    free(departments->list[i]);
  }
  free(departments->list);
  wg_map_destroy(departments->by_code);
  free(departments);
}

const struct routing_department *routing_department_find(const struct routing_departments *departments,
                                                         const char *code) {
  return wg_map_get(departments->by_code, code);
}

size_t routing_departments_count(const struct routing_departments *departments) {
  return departments->count;
}

wg_status routing_department_check(const struct routing_departments *departments, const char *code, const char *field,
                                   struct wg_error *error) {
  if (!*code) return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be the code of a department");
  if (routing_department_find(departments, code)) return WG_OK;
  char known[240] = "";
  for (size_t i = 0, used = 0; i < departments->count; i++) {
    const char *item = departments->list[i]->code;
    if (used + strlen(item) + 8 > sizeof known) {
      snprintf(known + used, sizeof known - used, " …");
      break;
    }
    used += (size_t)snprintf(known + used, sizeof known - used, " %s", item);
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "there is no department \"%.*s\"; there are%s",
                 (int)wg_utf8_cut(wg_bytes_of(code), 64), code, known);
}

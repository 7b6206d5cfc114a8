// See departments.h. A map from district and code.
#include "services/routing/departments.h"

#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES = 160 };

struct routing_departments {
  struct wg_arena *arena;
  struct wg_map *by_code;
  struct routing_department *list; // in the order of the records: by district and code
  size_t count;
};

static const char *make_key(char key[KEY_BYTES], const char *district, const char *code) {
  snprintf(key, KEY_BYTES, "%.6s %.140s", district, code); // longer codes are those of no record
  return key;
}

static wg_status read_level(const Wangge__V1__Record *record, enum routing_level *level, struct wg_error *error) {
  static const char *const NAMES[] = {"district", "street", "community", "grid"};
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
    if (strcmp(record->department->level, NAMES[i]) != 0) continue;
    *level = (enum routing_level)(i + 1);
    return WG_OK;
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, "level",
                 "department %s of %s: level \"%s\" must be district, street, community or grid", record->code,
                 record->district, record->department->level);
}

static wg_status add(struct routing_departments *made, const Wangge__V1__Record *record, struct wg_error *error) {
  struct routing_department *department = &made->list[made->count];
  char key[KEY_BYTES];
  const wg_status status = read_level(record, &department->level, error);
  if (status != WG_OK) return status;
  department->district = wg_arena_strdup(made->arena, record->district);
  department->code = wg_arena_strdup(made->arena, record->code);
  department->name = wg_arena_strdup(made->arena, record->department->name);
  wg_map_put(made->by_code, make_key(key, record->district, record->code), department);
  made->count++;
  return WG_OK;
}

wg_status routing_departments_build(const Wangge__V1__Record *const *records, size_t count,
                                    struct routing_departments **departments, struct wg_error *error) {
  *departments = NULL;
  struct routing_departments *made = wg_zalloc(sizeof *made);
  made->arena = wg_arena_create(16 << 10);
  made->by_code = wg_map_create();
  size_t room = 1;
  for (size_t i = 0; i < count; i++)
    room += records[i]->body_case == WANGGE__V1__RECORD__BODY_DEPARTMENT;
  made->list = wg_arena_alloc(made->arena, room * sizeof *made->list);
  wg_status status = WG_OK;
  for (size_t i = 0; i < count && status == WG_OK; i++) {
    if (records[i]->body_case == WANGGE__V1__RECORD__BODY_DEPARTMENT) status = add(made, records[i], error);
  }
  if (status == WG_OK) *departments = made;
  else routing_departments_close(made);
  return status;
}

void routing_departments_close(struct routing_departments *departments) {
  if (!departments) return;
  wg_map_destroy(departments->by_code);
  wg_arena_destroy(departments->arena);
  free(departments);
}

const struct routing_department *routing_department_find(const struct routing_departments *departments,
                                                         const char *district, const char *code) {
  char key[KEY_BYTES];
  return wg_map_get(departments->by_code, make_key(key, district, code));
}

size_t routing_departments_count(const struct routing_departments *departments) {
  return departments->count;
}

wg_status routing_department_check(const struct routing_departments *departments, const char *district,
                                   const char *code, const char *field, struct wg_error *error) {
  if (!*code) return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be the code of a department");
  if (routing_department_find(departments, district, code)) return WG_OK;
  char known[240] = "";
  for (size_t i = 0, used = 0; i < departments->count; i++) {
    const char *item = departments->list[i].code;
    if (strcmp(departments->list[i].district, district) != 0) continue;
    if (used + strlen(item) + 8 > sizeof known) {
      snprintf(known + used, sizeof known - used, " …");
      break;
    }
    used += (size_t)snprintf(known + used, sizeof known - used, " %s", item);
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "there is no department \"%.*s\" in %s; there are%s",
                 (int)wg_utf8_cut(wg_bytes_of(code), 64), code, district, *known ? known : " none");
}

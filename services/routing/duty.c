// See duty.h. A map from district and path to yes or no; a lookup walks up the path.
#include "services/routing/duty.h"

#include "common/base/bytes.h"
#include "common/base/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES = 512 };

struct routing_duties {
  struct wg_map *paths; // "370117|城乡建设/供热" to &YES or &NO
};
static char YES, NO;

static bool make_key(char key[KEY_BYTES], const char *district, const char *path) {
  const int size = snprintf(key, KEY_BYTES, "%s|%s", district, path);
  return size > 0 && size < KEY_BYTES;
}

struct routing_duties *routing_duties_build(const Wangge__V1__Record *const *records, size_t count) {
  struct routing_duties *made = wg_zalloc(sizeof *made);
  made->paths = wg_map_create();
  for (size_t i = 0; i < count; i++) {
    char key[KEY_BYTES];
    if (records[i]->body_case != WANGGE__V1__RECORD__BODY_CATEGORY) continue;
    const Wangge__V1__Category *category = records[i]->category;
    if (!make_key(key, records[i]->district, category->path)) continue; // longer than any order's category
    if (category->department_duty || !wg_map_get(made->paths, key))
      wg_map_put(made->paths, key, category->department_duty ? &YES : &NO);
  }
  return made;
}

void routing_duties_close(struct routing_duties *duties) {
  if (!duties) return;
  wg_map_destroy(duties->paths);
  free(duties);
}

bool routing_department_duty(const struct routing_duties *duties, const char *district, const char *category) {
  char key[KEY_BYTES];
  if (!duties || !make_key(key, district, category)) return false;
  for (;;) {
    const char *found = wg_map_get(duties->paths, key);
    if (found) return found == &YES;
    char *slash = strrchr(key, '/');
    if (!slash) return false;
    *slash = '\0';
  }
}

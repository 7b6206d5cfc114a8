// See value.h.
#include "services/land/value.h"

#include "common/base/clock.h"
#include "common/base/text.h"

#include <stdio.h>
#include <string.h>

enum { DAY_CHARS = 10 };

bool land_day_read(const char *text, int32_t *day) {
  return strlen(text) == DAY_CHARS && wg_day_parse(text, day);
}

int32_t land_day_or(const char *text, int32_t none) {
  int32_t day;
  return wg_day_parse(text, &day) ? day : none;
}

int32_t land_day(const char *text) {
  return land_day_or(text, LAND_NO_DAY);
}

char *land_day_text(struct wg_arena *arena, int32_t day) {
  char text[WG_DAY_TEXT];
  return wg_arena_strdup(arena, day == LAND_NO_DAY ? "" : wg_day_format(day, text));
}

wg_status land_check_files(char *const *files, size_t count, size_t most, const char *field, struct wg_error *error) {
  if (count > most) return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be at most %zu files", most);
  for (size_t i = 0; i < count; i++) {
    char path[64];
    snprintf(path, sizeof path, "%s[%zu]", field, i);
    if (wg_hash_check(files[i], path, error) != WG_OK) return error->code;
    for (size_t n = 0; n < i; n++) {
      if (strcmp(files[n], files[i]) == 0)
        return wg_fail(error, WG_INVALID_ARGUMENT, path, "is the same file as %s[%zu]", field, n);
    }
  }
  return WG_OK;
}

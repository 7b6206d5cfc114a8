#include "services/tracking/lists/check.h"

#include "common/base/clock.h"
#include "common/base/text.h"

#include <stdio.h>
#include <string.h>

enum { YEAR_LEAST = 2000, YEAR_MOST = 2100 };

wg_status lists_check_code(const char *code, const char *field, struct wg_error *error) {
  return wg_token_check(code, LISTS_CODE_BYTES, field, error);
}

wg_status lists_check_key(const char *district, const char *code, struct wg_error *error) {
  if (!wg_all_digits(district, 6)) return wg_fail(error, WG_INVALID_ARGUMENT, "district", "must be 6 digits");
  return lists_check_code(code, "code", error);
}

wg_status lists_check_area(const char *district, const char *area, struct wg_error *error) {
  const size_t size = strlen(area);
  if ((size == 6 || size == 9 || size == 12 || size == 15) && wg_all_digits(area, size) &&
      strncmp(area, district, 6) == 0)
    return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "area", "must be 6, 9, 12 or 15 digits that begin with %s", district);
}

wg_status lists_check_year(int32_t year, struct wg_error *error) {
  if (year >= YEAR_LEAST && year <= YEAR_MOST) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "year", "must be %d to %d", YEAR_LEAST, YEAR_MOST);
}

wg_status lists_check_day(const char *text, const char *field, int32_t *day, struct wg_error *error) {
  if (strlen(text) == strlen("2026-01-31") && wg_day_parse(text, day)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "%s must be a date, YYYY-MM-DD", field);
}

wg_status lists_check_past(const char *text, const char *field, int32_t today, int32_t *day, struct wg_error *error) {
  const wg_status status = lists_check_day(text, field, day, error);
  if (status != WG_OK || *day <= today) return status;
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "%s must not be in the future", field);
}

wg_status lists_check_title(const char *text, const char *field, struct wg_error *error) {
  return wg_text_check(text, LISTS_TITLE_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE | WG_TEXT_PLAIN, field, error);
}

wg_status lists_check_text(const char *text, size_t most, int flags, const char *field, struct wg_error *error) {
  return wg_text_check(text, most, flags | WG_TEXT_PLAIN, field, error);
}

wg_status lists_path(const char *list, size_t i, struct wg_error *error) {
  char path[sizeof error->field];
  snprintf(path, sizeof path, "%s[%zu].%.60s", list, i, error->field);
  memcpy(error->field, path, sizeof path);
  return error->code;
}

void *lists_append(struct wg_arena *arena, void *array, size_t *count, void *element) {
  void **longer = wg_arena_alloc(arena, (*count + 1) * sizeof *longer);
  if (*count) memcpy(longer, array, *count * sizeof *longer);
  longer[(*count)++] = element;
  return longer;
}

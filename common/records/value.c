// Small things about values in text form: blanks, dates, times, choices, what may be shown of them.

#include "common/records/cell.h"

#include "common/base/clock.h"
#include "common/base/text.h"

#include <string.h>

// blank gives the length of the blank character at `text`, 0: none.
static size_t blank(const char *text, size_t size) {
  static const char *const wide[] = {"\xc2\xa0", "\xe3\x80\x80", "\xef\xbb\xbf"};
  if (size > 0 && strchr(" \t\r\n", text[0]) != NULL) return 1;
  for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
    size_t length = strlen(wide[i]);
    if (size >= length && memcmp(text, wide[i], length) == 0) return length;
  }
  return 0;
}

static size_t blank_at_end(const char *text, size_t size) {
  for (size_t length = 1; length <= 3 && length <= size; length++)
    if (blank(text + size - length, length) == length) return length;
  return 0;
}

void wg_trim(char **text) {
  size_t size = strlen(*text), taken;
  while ((taken = blank(*text, size)) > 0) {
    *text += taken;
    size -= taken;
  }
  while ((taken = blank_at_end(*text, size)) > 0)
    size -= taken;
  (*text)[size] = 0;
}

bool wg_trimmed(const char *text) {
  size_t size = strlen(text);
  return blank(text, size) == 0 && blank_at_end(text, size) == 0;
}

const char *wg_shown(const struct wg_column *column, const char *value, struct wg_arena *arena) {
  if (column->personal) return "（个人信息，不显示）";
  struct wg_bytes bytes = wg_bytes_of(value);
  size_t size = wg_utf8_cut(bytes, 60);
  return wg_arena_printf(arena, "“%.*s%s”", (int)size, value, size < bytes.size ? "…" : "");
}

bool wg_date_valid(const char *text) {
  int32_t day;
  return wg_day_parse(text, &day) && text[10] == 0;
}

bool wg_time_valid(const char *text) {
  if (strlen(text) != 5 || text[2] != ':') return false;
  for (int i = 0; i < 5; i++)
    if (i != 2 && (text[i] < '0' || text[i] > '9')) return false;
  int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
  return minute < 60 && (hour < 24 || (hour == 24 && minute == 0));
}

const char *wg_choice(const struct wg_column *column, const char *text) {
  for (size_t i = 0; i < column->value_count; i++)
    if (strcasecmp(column->values[i], text) == 0 || strcmp(column->value_labels[i], text) == 0)
      return column->values[i];
  return NULL;
}

const char *wg_choices(const struct wg_column *column, struct wg_arena *arena) {
  struct wg_buffer out = {0};
  for (size_t i = 0; i < column->value_count; i++)
    wg_buffer_printf(&out, "%s%s（%s）", i > 0 ? "、" : "", column->values[i], column->value_labels[i]);
  const char *text = wg_arena_strdup(arena, wg_buffer_cstr(&out));
  wg_buffer_free(&out);
  return text;
}

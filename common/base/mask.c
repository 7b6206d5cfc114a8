// See mask.h.
#include "common/base/mask.h"

#include <string.h>

// Bytes of the first character of well-formed UTF-8; a stray byte counts as one.
static size_t first_character(const char *text) {
  unsigned char lead = (unsigned char)text[0];
  size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  size_t length = strlen(text);
  return size < length ? size : length;
}

char *wg_mask_name(const char *name, struct wg_arena *arena) {
  if (name[0] == '\0') return wg_arena_strdup(arena, "");
  return wg_arena_printf(arena, "%.*s**", (int)first_character(name), name);
}

char *wg_mask_phone(const char *phone, struct wg_arena *arena) {
  if (phone[0] == '\0') return wg_arena_strdup(arena, "");
  char *digits = wg_arena_alloc(arena, strlen(phone) + 1);
  size_t count = 0;
  for (const char *at = phone; *at != '\0'; at++) {
    if (*at >= '0' && *at <= '9') digits[count++] = *at;
  }
  digits[count] = '\0';
  if (count == 13 && strncmp(digits, "86", 2) == 0) digits += 2, count -= 2;
  if (count >= 11) return wg_arena_printf(arena, "%.3s****%s", digits, digits + count - 4);
  if (count >= 7) return wg_arena_printf(arena, "****%s", digits + count - 2);
  return wg_arena_strdup(arena, "****");
}

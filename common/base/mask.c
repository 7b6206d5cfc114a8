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

// --- a person's name in a text ---
enum kind { IDEOGRAPHS, LATIN, NO_PERSON };

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_anybody(const char *name) {
  static const char *const words[] = {"市民", "居民", "业主", "村民", "群众", "网友", "住户", "商户",     "租户",
                                      "匿名", "无名", "先生", "女士", "家长", "职工", "学生", "热心市民", "来电人"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(name, words[i]) == 0) return true;
  }
  return false;
}

static enum kind kind_of(const char *name) {
  size_t ideographs = 0, dots = 0, letters = 0, size;
  for (const char *at = name; *at; at += size) {
    const unsigned char lead = (unsigned char)*at;
    size = first_character(at);
    if (lead >= 0xe4 && lead <= 0xe9 && size == 3) ideographs++;
    else if (strncmp(at, "·", 2) == 0) dots++;
    else if (is_letter(*at)) letters++;
    else if (!strchr(" .-'", *at)) return NO_PERSON;
  }
  if (letters) return ideographs || letters < 2 ? NO_PERSON : LATIN;
  if (strpbrk(name, " .-'") || is_anybody(name)) return NO_PERSON;
  return ideographs >= 2 && (dots ? ideographs <= 16 : ideographs <= 4) ? IDEOGRAPHS : NO_PERSON;
}

// find gives where the name stands next, from `at`; NULL: nowhere.
static const char *find(const char *text, const char *at, const char *name, size_t size, enum kind kind) {
  while ((at = strstr(at, name))) {
    if (kind == IDEOGRAPHS || ((at == text || !is_letter(at[-1])) && !is_letter(at[size]))) return at;
    at++;
  }
  return NULL;
}

const char *wg_mask_person(const char *text, const char *name, struct wg_arena *arena) {
  const size_t size = strlen(name);
  const enum kind kind = kind_of(name);
  const char *next = kind == NO_PERSON ? NULL : find(text, text, name, size, kind);
  if (!next) return text;
  char *masked = wg_arena_alloc(arena, strlen(text) + 1), *to = masked; // no name is shorter than its stars
  const char *from = text;
  for (; next; next = find(text, from, name, size, kind)) {
    memcpy(to, from, (size_t)(next - from));
    to += next - from;
    memcpy(to, "**", 2);
    to += 2;
    from = next + size;
  }
  memcpy(to, from, strlen(from) + 1);
  return masked;
}

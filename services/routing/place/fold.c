// Folding. See fold.h.
#include "services/routing/place/fold.h"

#include "common/base/text.h"

#include <pthread.h>
#include <string.h>
#include <utf8proc.h>

enum {
  PLANE = 0x10000,
  LONGEST = 18, // code points that one character folds to: U+FDFA
  DROPPED = 0x110000,
  SEVERAL = 0x110001, // from here on: SEVERAL + index into `several`
  SEVERAL_MAX = 16384,
};

static uint32_t table[PLANE];
static uint32_t several[SEVERAL_MAX]; // count, then the code points
static pthread_once_t made = PTHREAD_ONCE_INIT;

// CJK ideographs and Hangul fold to themselves; utf8proc would take Hangul apart.
static bool stays(uint32_t code) {
  return (code >= 0x3400 && code < 0xa000) || (code >= 0xac00 && code < 0xd7a4) || code == ROUTING_FOLD_BAD;
}

static bool is_space(utf8proc_category_t category) {
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP ||
         category == UTF8PROC_CATEGORY_CC;
}

// · joins two parts of a name, as a space does: 悦园·和苑.
static bool is_middle_dot(uint32_t code) {
  return code == 0xb7 || code == 0x2022 || code == 0x2027 || code == 0x22c5 || code == 0x30fb || code == 0xff65;
}

static size_t fold_one(uint32_t code, uint32_t out[LONGEST]) {
  if (stays(code)) return out[0] = code, 1;
  if (is_middle_dot(code)) return 0;
  utf8proc_int32_t parts[64];
  int boundary = 0;
  const utf8proc_ssize_t count = utf8proc_decompose_char(
      (utf8proc_int32_t)code, parts, 64,
      UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE, &boundary);
  size_t kept = 0;
  for (utf8proc_ssize_t i = 0; i < count && i < 64 && kept < LONGEST; i++)
    if (!is_space(utf8proc_category(parts[i]))) out[kept++] = (uint32_t)parts[i];
  return kept;
}

static void make_table(void) {
  size_t used = 0;
  for (uint32_t code = 0; code < PLANE; code++) {
    uint32_t out[LONGEST];
    const size_t count = code >= 0xd800 && code < 0xe000 ? 0 : fold_one(code, out);
    if (count == 1) table[code] = out[0];
    else if (count == 0) table[code] = DROPPED;
    else if (used + count + 1 <= SEVERAL_MAX) {
      table[code] = SEVERAL + (uint32_t)used;
      several[used] = (uint32_t)count;
      memcpy(several + used + 1, out, count * sizeof *out);
      used += count + 1;
    } else table[code] = code; // never so: Unicode has about 1,100 such characters, 4,000 code points in all
  }
}

// What is not one code point of the table: beyond the plane, dropped, or several.
static size_t fold_rest(uint32_t code, uint32_t *codes, size_t room) {
  uint32_t out[LONGEST];
  const uint32_t *parts = out;
  size_t count;
  if (code >= PLANE) count = fold_one(code, out);
  else if (table[code] == DROPPED) return 0;
  else {
    parts = several + (table[code] - SEVERAL) + 1;
    count = parts[-1];
  }
  if (count > room) count = room;
  memcpy(codes, parts, count * sizeof *codes);
  return count;
}

size_t routing_fold(struct wg_bytes text, uint32_t *codes, size_t limit) {
  pthread_once(&made, make_table);
  size_t count = 0;
  uint32_t gap = 0, usual;
  for (size_t at = 0; at < text.size && count < limit;) {
    const uint8_t *here = text.data + at;
    for (; count < limit && (usual = wg_utf8_ideograph(here, text.size - at)); here += 3, at += 3, gap = 0)
      codes[count++] = usual | gap;
    if (at == text.size || count == limit) break;
    const size_t step = *here - 1u < 0x7f ? 1 : wg_utf8_step(here, text.size - at);
    const uint32_t code = step ? wg_utf8_point(here, step) : *here ? ROUTING_FOLD_BAD : 0;
    at += step ? step : 1;
    const size_t before = count;
    if (code < PLANE && table[code] < DROPPED) codes[count++] = table[code];
    else count += fold_rest(code, codes + count, limit - count);
    if (count > before) {
      codes[before] |= gap;
      gap = 0;
    } else if (code <= ' ' || code == 0x3000 || code == 0xa0) gap = ROUTING_FOLD_GAP;
  }
  return count;
}

// House numbers. See number.h.
#include "services/routing/place/number.h"

#include <uchar.h>

enum { TOKEN_LETTERS = 2, TOKEN_DIGITS = 4, CHINESE_DIGITS = 5 };

static uint32_t at(const uint32_t *codes, size_t count, size_t index) {
  return index < count ? codes[index] & ROUTING_FOLD_CODE : 0;
}

// 0 to 9, 10 十, 100 百; -1: no numeral.
static int numeral(uint32_t code) {
  static const struct {
    uint32_t code;
    int value;
  } numerals[] = {{0x96f6, 0}, {0x3007, 0}, {0x4e00, 1}, {0x4e8c, 2}, {0x4e24, 2}, {0x4e09, 3},  {0x56db, 4},
                  {0x4e94, 5}, {0x516d, 6}, {0x4e03, 7}, {0x516b, 8}, {0x4e5d, 9}, {0x5341, 10}, {0x767e, 100}};
  for (size_t i = 0; i < sizeof numerals / sizeof *numerals; i++)
    if (numerals[i].code == code) return numerals[i].value;
  return -1;
}

static size_t read_chinese(const uint32_t *codes, size_t count, uint64_t *value) {
  uint64_t total = 0, digit = 0;
  size_t size = 0;
  for (int read; size < CHINESE_DIGITS && (read = numeral(at(codes, count, size))) >= 0; size++) {
    if (read >= 10) {
      total += (digit ? digit : 1) * (uint64_t)read;
      digit = 0;
    } else digit = digit * 10 + (uint64_t)read; // 一五: fifteen, digit by digit
  }
  *value = total + digit;
  return size;
}

// A token packed into a number that is never 0 for one that was read: letters in base 27, then the digits.
static size_t read_token(const uint32_t *codes, size_t count, uint64_t *token) {
  uint64_t letters = 0, digits = 0;
  size_t size = 0, begin;
  for (uint32_t code; size < TOKEN_LETTERS && (code = at(codes, count, size)) >= 'a' && code <= 'z'; size++)
    letters = letters * 27 + (code - 'a' + 1);
  begin = size;
  for (uint32_t code; size < begin + TOKEN_DIGITS && (code = at(codes, count, size)) >= '0' && code <= '9'; size++)
    digits = digits * 10 + (code - '0');
  if (size == 0) size = read_chinese(codes, count, &digits);
  *token = letters * 1000000 + digits;
  return *token ? size : 0;
}

// The suffix that the text continues with, as one of a list ended by NULL; its length in code points, or 0.
static size_t suffix(const uint32_t *codes, size_t count, size_t from, const char32_t *const *list, size_t *which) {
  for (size_t i = 0; list[i]; i++) {
    size_t same = 0;
    while (list[i][same] && at(codes, count, from + same) == list[i][same])
      same++;
    if (!list[i][same]) return *which = i, same;
  }
  return 0;
}

// II期: by numeral, as 二期.
static size_t read_roman(const uint32_t *codes, size_t count, uint64_t *phase) {
  static const char32_t *const numerals[] = {U"i期",  U"ii期",  U"iii期",  U"iv期", U"v期",
                                             U"vi期", U"vii期", U"viii期", NULL};
  size_t which;
  const uint32_t first = at(codes, count, 0);
  if (first != 'i' && first != 'v') return 0;
  const size_t size = suffix(codes, count, 0, numerals, &which);
  if (size) *phase = which + 1;
  return size;
}

size_t routing_phase_read(const uint32_t *codes, size_t count, uint64_t *phase) {
  static const char32_t *const phases[] = {U"期", U"区", NULL};
  static const char32_t *const sides[] = {U"东区", U"南区", U"西区", U"北区", U"中区", NULL};
  size_t which;
  size_t size = suffix(codes, count, 0, sides, &which);
  if (size) return *phase = UINT64_C(1) << 40 | which, size;
  if ((size = read_roman(codes, count, phase))) return size;
  size = read_token(codes, count, phase);
  if (!size) return 0;
  const size_t end = suffix(codes, count, size, phases, &which);
  return end ? size + end : 0;
}

bool routing_number_read(const uint32_t *codes, size_t count, struct routing_number *number) {
  static const char32_t *const buildings[] = {U"号楼", U"号院", U"#楼", U"栋", U"幢", U"座", U"#", U"号", NULL};
  enum { BARE = 7 };
  static const char32_t *const units[] = {U"单元", NULL};
  *number = (struct routing_number){0};
  uint64_t token;
  size_t which, used = routing_phase_read(codes, count, &number->phase);
  if (!used) number->phase = 0;
  size_t size = read_token(codes + used, count - used, &token);
  size_t end = size ? suffix(codes, count, used + size, buildings, &which) : 0;
  if (!end) return false;
  number->building = token;
  number->bare = which == BARE;
  number->size = used + size + end;
  size = read_token(codes + number->size, count - number->size, &token);
  end = size ? suffix(codes, count, number->size + size, units, &which) : 0;
  if (end) number->unit = token, number->size += size + end;
  return true;
}

// wg_mask_text of mask.h. One pass over the characters finds chains: digits with at most two separators between them. A
// chain of seven digits and more is read into an array and looked at from the start of each of its groups; a group ends
// where a separator stands or the kind of digit changes. A number is always whole groups, so nothing is cut out of
// a longer row of digits.
#include "common/base/mask.h"

#include <stdint.h>
#include <string.h>
#include <uchar.h>

enum kind { NOTHING, SEPARATOR, DOT, ASCII, FULL_WIDTH, CHINESE, LETTER_X };
enum { SHORTEST = 7, SEPARATORS = 2, CHECK_X = 10 };

struct sign {
  uint8_t kind, size, value; // size in bytes; value of a digit
};

struct digit {
  size_t at;
  struct sign sign;
  uint8_t gap; // what stands before it in the chain: NOTHING, SEPARATOR or DOT
  bool starred;
};

struct chain {
  const char *text;
  struct digit *digits;
  size_t count;
  size_t end; // of its last digit, in the text
};

// --- characters ---

static bool is(const char *at, const char *character) {
  return strncmp(at, character, strlen(character)) == 0;
}

// What characters of three bytes are, by code point: a table, for every character of every text passes here. Digits are
// value + 1 (Chinese) and value + 11 (full width).
enum { WIDE_SEPARATOR = 21, WIDE_DOT, WIDE_X };
static const uint8_t wide_signs[0x10000] = {
    [U'零'] = 1,
    [U'〇'] = 1,
    [U'一'] = 2,
    [U'幺'] = 2,
    [U'壹'] = 2,
    [U'二'] = 3,
    [U'两'] = 3,
    [U'贰'] = 3,
    [U'三'] = 4,
    [U'叁'] = 4,
    [U'四'] = 5,
    [U'肆'] = 5,
    [U'五'] = 6,
    [U'伍'] = 6,
    [U'六'] = 7,
    [U'陆'] = 7,
    [U'七'] = 8,
    [U'柒'] = 8,
    [U'八'] = 9,
    [U'捌'] = 9,
    [U'九'] = 10,
    [U'玖'] = 10,
    [U'０'] = 11,
    [U'１'] = 12,
    [U'２'] = 13,
    [U'３'] = 14,
    [U'４'] = 15,
    [U'５'] = 16,
    [U'６'] = 17,
    [U'７'] = 18,
    [U'８'] = 19,
    [U'９'] = 20,
    [U'　'] = WIDE_SEPARATOR,
    [U'－'] = WIDE_SEPARATOR,
    [U'（'] = WIDE_SEPARATOR,
    [U'）'] = WIDE_SEPARATOR,
    [0x200b] = WIDE_SEPARATOR, // zero-width space
    [0x2010] = WIDE_SEPARATOR,
    [0x2011] = WIDE_SEPARATOR,
    [0x2012] = WIDE_SEPARATOR,
    [0x2013] = WIDE_SEPARATOR,
    [0x2014] = WIDE_SEPARATOR,
    [0x2212] = WIDE_SEPARATOR, // hyphens and dashes
    [U'．'] = WIDE_DOT,
    [U'Ｘ'] = WIDE_X,
    [U'ｘ'] = WIDE_X,
};

// wide_at: the code point of the three bytes at `byte`; 0: they are no such character.
static char32_t wide_at(const unsigned char *byte) {
  if ((byte[0] & 0xf0) != 0xe0 || (byte[1] & 0xc0) != 0x80 || (byte[2] & 0xc0) != 0x80) return 0;
  return ((byte[0] & 0x0fu) << 12) | ((byte[1] & 0x3fu) << 6) | (byte[2] & 0x3fu);
}

static struct sign wide_sign(uint8_t known) {
  if (known == 0) return (struct sign){NOTHING, 3, 0};
  if (known <= 10) return (struct sign){CHINESE, 3, (uint8_t)(known - 1)};
  if (known <= 20) return (struct sign){FULL_WIDTH, 3, (uint8_t)(known - 11)};
  if (known == WIDE_X) return (struct sign){LETTER_X, 3, CHECK_X};
  return (struct sign){known == WIDE_DOT ? DOT : SEPARATOR, 3, 0};
}

static struct sign read_sign(const char *at) {
  const unsigned char *byte = (const unsigned char *)at;
  if (byte[0] >= '0' && byte[0] <= '9') return (struct sign){ASCII, 1, (uint8_t)(byte[0] - '0')};
  if (byte[0] < 0x80) {
    const char c = at[0];
    if (c == ' ' || c == '-' || c == '(' || c == ')') return (struct sign){SEPARATOR, 1, 0};
    if (c == '.') return (struct sign){DOT, 1, 0};
    if (c == 'X' || c == 'x') return (struct sign){LETTER_X, 1, CHECK_X};
    return (struct sign){NOTHING, 1, 0};
  }
  if (byte[0] == 0xc2 && (byte[1] == 0xa0 || byte[1] == 0xb7)) return (struct sign){SEPARATOR, 2, 0};
  const char32_t wide = wide_at(byte);
  return wide ? wide_sign(wide_signs[wide]) : (struct sign){NOTHING, 1, 0};
}

static bool is_digit(struct sign sign) {
  return sign.kind == ASCII || sign.kind == FULL_WIDTH || sign.kind == CHINESE;
}

// Whether any of 64 characters is a digit, by their two first bytes (code point / 64): small enough to stay in the
// nearest cache, and false for nearly all characters.
static const bool wide_digits[0x400] = {
    [U'零' >> 6] = true, [U'〇' >> 6] = true, [U'一' >> 6] = true, [U'幺' >> 6] = true, [U'壹' >> 6] = true,
    [U'九' >> 6] = true, [U'二' >> 6] = true, [U'贰' >> 6] = true, [U'叁' >> 6] = true, [U'四' >> 6] = true,
    [U'肆' >> 6] = true, [U'伍' >> 6] = true, [U'八' >> 6] = true, [U'陆' >> 6] = true, [U'柒' >> 6] = true,
    [U'捌' >> 6] = true, [U'玖' >> 6] = true, [U'０' >> 6] = true,
};

// next_digit: where the next digit stands, or the end of the text.
static size_t next_digit(const char *text, size_t at) {
  const unsigned char *bytes = (const unsigned char *)text;
  while (bytes[at] && (bytes[at] < '0' || bytes[at] > '9')) {
    const char32_t wide = bytes[at] < 0x80 ? 0 : wide_at(bytes + at);
    if (wide_digits[wide >> 6] && wide_signs[wide] && wide_signs[wide] <= 20) break;
    at += wide ? 3 : 1;
  }
  return at;
}

// --- chains ---

// walk_chain goes over the chain that begins with a digit at `at`: its digits into `into` unless that is NULL; how
// many, and where the last one ends.
static size_t walk_chain(const char *text, size_t at, struct digit *into, size_t *end) {
  size_t count = 0, separators = 0;
  uint8_t gap = NOTHING;
  *end = at;
  while (text[at]) {
    const struct sign sign = read_sign(text + at);
    if (is_digit(sign) || (sign.kind == LETTER_X && count && separators == 0)) {
      if (into) into[count] = (struct digit){at, sign, gap, false};
      count++;
      separators = 0, gap = NOTHING;
      *end = at + sign.size;
    } else if ((sign.kind == SEPARATOR || sign.kind == DOT) && ++separators <= SEPARATORS) {
      if (gap != SEPARATOR) gap = sign.kind;
    } else {
      break;
    }
    at += sign.size;
  }
  return count;
}

// at_edge: a group begins at this digit, or the chain has ended.
static bool at_edge(const struct chain *chain, size_t i) {
  if (i == 0 || i >= chain->count) return true;
  return chain->digits[i].gap != NOTHING || chain->digits[i].sign.kind != chain->digits[i - 1].sign.kind;
}

// Lengths between separators of the `size` digits from `from`.
struct shape {
  uint8_t lengths[18];
  size_t count;
  bool dotted;  // one dot and no other separator: a fraction
  bool singles; // each digit by itself
};

static bool shape_of(const struct chain *chain, size_t from, size_t size, struct shape *shape) {
  if (from + size > chain->count || !at_edge(chain, from + size)) return false;
  *shape = (struct shape){.lengths = {1}, .count = 1};
  for (size_t i = from + 1; i < from + size; i++) {
    if (chain->digits[i].gap != NOTHING) shape->count++;
    shape->lengths[shape->count - 1]++;
    shape->dotted |= chain->digits[i].gap == DOT;
  }
  shape->dotted = shape->dotted && shape->count == 2;
  shape->singles = shape->count == size;
  return true;
}

static unsigned value(const struct chain *chain, size_t i) {
  return chain->digits[i].sign.value;
}

static bool all_digits(const struct chain *chain, size_t from, size_t size) {
  if (from + size > chain->count) return false;
  for (size_t i = from; i < from + size; i++) {
    if (value(chain, i) > 9) return false;
  }
  return true;
}

static unsigned number(const struct chain *chain, size_t from, size_t size) {
  unsigned sum = 0;
  for (size_t i = from; i < from + size; i++)
    sum = sum * 10 + value(chain, i);
  return sum;
}

// --- what stands around ---

// stands_before: one of the words stands right before the chain's digit, apart from blanks, colons and the like.
static bool stands_before(const struct chain *chain, size_t i, const char *const *words) {
  static const char *const between[] = {" ", ":", "：", "是", "为", "　", "(", "（", "+", "＋", "号", "号码", NULL};
  size_t at = chain->digits[i].at;
  for (bool moved = true; moved;) {
    for (size_t w = 0; words[w]; w++) {
      const size_t size = strlen(words[w]);
      if (size <= at && memcmp(chain->text + at - size, words[w], size) == 0) return true;
    }
    moved = false;
    for (size_t b = 0; between[b] && !moved; b++) {
      const size_t size = strlen(between[b]);
      moved = size <= at && memcmp(chain->text + at - size, between[b], size) == 0;
      if (moved) at -= size;
    }
  }
  return false;
}

static bool names_something_else(const struct chain *chain, size_t i) {
  static const char *const words[] = {"单号", "编号", "户号", "案号", "票号", "表号", "序号", "网格", "流水号", NULL};
  return stands_before(chain, i, words);
}

static bool is_amount(const struct chain *chain, size_t after) {
  static const char *const units[] = {"元", "万", "亿", "块", "吨", "平", "立方", "千瓦", NULL};
  if (after < chain->count && !(chain->digits[after].gap == DOT && after + 2 >= chain->count)) return false;
  for (size_t i = 0; units[i]; i++) {
    if (is(chain->text + chain->end, units[i])) return true;
  }
  return false;
}

// --- numbers: each gives how many digits from `from` it takes, and which of them are starred; 0: it is none ---

static void star(const struct chain *chain, size_t from, size_t size) {
  for (size_t i = from; i < from + size; i++)
    chain->digits[i].starred = true;
}

static bool is_birth(const struct chain *chain, size_t month) {
  const unsigned m = number(chain, month, 2), d = number(chain, month + 2, 2);
  return m >= 1 && m <= 12 && d >= 1 && d <= 31;
}

// Provinces of GB/T 2260 begin with 1 to 6, 71, 81 to 83; second digits end at 6.
static bool is_province(const struct chain *chain, size_t from) {
  const unsigned province = number(chain, from, 2);
  return (province >= 11 && province <= 65 && province % 10 <= 7 && province % 10 >= 1) || province == 71 ||
         (province >= 81 && province <= 83);
}

// GB 11643-1999: ISO 7064 MOD 11-2 over 18 characters.
static bool check_is_right(const struct chain *chain, size_t from) {
  unsigned sum = 0;
  for (size_t i = 0; i < 18; i++)
    sum = (sum + value(chain, from + i)) * (i < 17 ? 2 : 1) % 11;
  return sum == 1;
}

static size_t identity18(const struct chain *chain, size_t from) {
  static const char *const words[] = {"身份证", NULL};
  struct shape shape;
  if (!all_digits(chain, from, 17) || !shape_of(chain, from, 18, &shape)) return 0;
  if (shape.count > 6 && !shape.singles) return 0;
  const unsigned year = number(chain, from + 6, 4);
  if (!is_province(chain, from) || year < 1900 || year > 2099 || !is_birth(chain, from + 10)) return 0;
  if (!check_is_right(chain, from) && !stands_before(chain, from, words)) return 0;
  star(chain, from, 18);
  return 18;
}

// 15 digits were given until 1999; a grid code (district, street, community, grid) would read as a birth before 1920.
static size_t identity15(const struct chain *chain, size_t from) {
  struct shape shape;
  if (!all_digits(chain, from, 15) || !shape_of(chain, from, 15, &shape) || (shape.count > 4 && !shape.singles))
    return 0;
  if (!is_province(chain, from) || number(chain, from + 6, 2) < 20 || !is_birth(chain, from + 8)) return 0;
  if (names_something_else(chain, from)) return 0;
  star(chain, from, 15);
  return 15;
}

// country_code: digits of 86 or 0086 at `from`, or 0.
static size_t country_code(const struct chain *chain, size_t from) {
  if (all_digits(chain, from, 4) && number(chain, from, 4) == 86 && value(chain, from + 2) == 8) return 4;
  if (all_digits(chain, from, 2) && number(chain, from, 2) == 86) return 2;
  return 0;
}

// as_people_write: groups in which a mobile number is written and read out.
static bool as_people_write(const struct shape *shape) {
  static const uint8_t shapes[][3] = {{11}, {3, 4, 4}, {3, 8}, {7, 4}, {4, 7}, {4, 3, 4}, {4, 4, 3}, {3, 3, 5}, {5, 6}};
  if (shape->singles) return true;
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    const size_t count = 1u + (shapes[i][1] > 0) + (shapes[i][2] > 0);
    if (count == shape->count && memcmp(shapes[i], shape->lengths, count) == 0) return true;
  }
  return false;
}

static size_t mobile(const struct chain *chain, size_t from) {
  size_t before = country_code(chain, from);
  if (!before && all_digits(chain, from, 1) && value(chain, from) == 0) before = 1;
  const size_t first = from + before;
  struct shape shape;
  if (!all_digits(chain, first, 11) || !shape_of(chain, first, 11, &shape)) return 0;
  if (value(chain, first) != 1 || value(chain, first + 1) < 3) return 0;
  if (!as_people_write(&shape) || shape.dotted || is_amount(chain, first + 11)) return 0;
  if (names_something_else(chain, from)) return 0;
  star(chain, first + 3, 4);
  return before + 11;
}

static bool local_shape(const struct chain *chain, size_t from, size_t size) {
  struct shape shape;
  return all_digits(chain, from, size) && shape_of(chain, from, size, &shape) && value(chain, from) >= 2 &&
         value(chain, from) <= 8 && (shape.count <= 3 || shape.singles);
}

// area_code: digits of 010, 02x or 0[3-9]xx at `from`, or 0. `plain`: without the 0, behind a country code.
static size_t area_code(const struct chain *chain, size_t from, bool plain) {
  const size_t zero = plain ? 0 : 1;
  if (!all_digits(chain, from, zero + 3) || (zero && value(chain, from) != 0)) return 0;
  const unsigned first = value(chain, from + zero), second = value(chain, from + zero + 1);
  if ((first == 1 && second == 0) || first == 2) return zero + 2;
  return first >= 3 ? zero + 3 : 0;
}

static size_t landline(const struct chain *chain, size_t from) {
  const size_t country = country_code(chain, from);
  size_t area = area_code(chain, from + country, false);
  if (!area && country && at_edge(chain, from + country)) area = area_code(chain, from + country, true);
  const size_t local = from + country + area;
  if (!area || local >= chain->count || names_something_else(chain, from)) return 0;
  struct shape shape;
  for (size_t size = 7; size <= 8; size++) {
    if (size == 7 && area < 3 + (size_t)(country == 0)) continue; // cities with two digits after the 0 have eight
    if (!all_digits(chain, local, size) || value(chain, local) < 2 || value(chain, local) > 8) continue;
    if (!shape_of(chain, from, country + area + size, &shape) || is_amount(chain, local + size)) continue;
    const bool apart = shape.count > 1 && at_edge(chain, local) && shape.count <= 5;
    if (shape.count > 1 && !apart && !shape.singles) continue;
    if (shape.dotted) continue;
    star(chain, local, size);
    return country + area + size;
  }
  return 0;
}

static size_t local_number(const struct chain *chain, size_t from) {
  static const char *const words[] = {"电话", "座机", "固话", "致电", "拨打", "手机", "联系方式", NULL};
  for (size_t size = 7; size <= 8; size++) {
    if (!local_shape(chain, from, size) || !stands_before(chain, from, words)) continue;
    star(chain, from, size);
    return size;
  }
  return 0;
}

static bool look_at(const struct chain *chain) {
  static size_t (*const numbers[])(const struct chain *, size_t) = {identity18, identity15, mobile, landline,
                                                                    local_number};
  bool found = false;
  for (size_t i = 0; i + SHORTEST <= chain->count;) {
    size_t taken = 0;
    for (size_t n = 0; at_edge(chain, i) && !taken && n < sizeof numbers / sizeof *numbers; n++)
      taken = numbers[n](chain, i);
    found |= taken > 0;
    i += taken ? taken : 1;
  }
  return found;
}

// --- the text ---

const char *wg_mask_text(const char *text, struct wg_arena *arena) {
  char *masked = NULL;       // made when the first number is found
  size_t size = 0, kept = 0; // of masked; of text, as far as masked holds it
  for (size_t at = next_digit(text, 0); text[at]; at = next_digit(text, at)) {
    struct chain chain = {.text = text};
    const size_t begin = at;
    chain.count = walk_chain(text, begin, NULL, &chain.end);
    at = chain.end;
    if (chain.count < SHORTEST) continue;
    chain.digits = wg_arena_alloc(arena, chain.count * sizeof *chain.digits);
    walk_chain(text, begin, chain.digits, &chain.end);
    if (!look_at(&chain)) continue;
    if (!masked) masked = wg_arena_alloc(arena, strlen(text) + 1);
    for (size_t i = 0; i < chain.count; i++) {
      const struct digit *digit = &chain.digits[i];
      if (!digit->starred) continue;
      memcpy(masked + size, text + kept, digit->at - kept);
      size += digit->at - kept;
      masked[size++] = '*';
      kept = digit->at + digit->sign.size;
    }
  }
  if (!masked) return text;
  memcpy(masked + size, text + kept, strlen(text + kept) + 1);
  return masked;
}

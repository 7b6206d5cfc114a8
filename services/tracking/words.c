// See words.h.
#include "services/tracking/words.h"

#include "common/base/text.h"

#include <string.h>

static uint8_t small(uint8_t byte) {
  return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte;
}

// separates gives the bytes of white space at `text`, the ideographic space included; 0: there is none.
static size_t separates(const char *text) {
  if (*text == ' ' || *text == '\t' || *text == '\n' || *text == '\r') return 1;
  return strncmp(text, "\xe3\x80\x80", 3) == 0 ? 3 : 0;
}

// bit_of gives the bit of the bytes of two characters (FNV-1a, its upper half folded in).
static uint32_t bit_of(const char *text, size_t size) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < size; i++)
    hash = (hash ^ small((uint8_t)text[i])) * UINT64_C(0x100000001b3);
  return (uint32_t)(hash ^ hash >> 32) % WORDS_BITS;
}

// A walk through the bigrams of a text, which is well-formed UTF-8.
struct walk {
  const char *at;  // behind the first character of the next bigram
  size_t previous; // bytes of that character; 0: none, a word begins
};

static bool next_bit(struct walk *walk, uint32_t *bit) {
  while (*walk->at) {
    const size_t space = separates(walk->at);
    const size_t size = space ? space : wg_utf8_step((const uint8_t *)walk->at, strlen(walk->at));
    if (!size) return false; // not UTF-8: nothing more can be found in it
    const size_t previous = walk->previous;
    const char *begin = walk->at - previous;
    walk->at += size;
    walk->previous = space ? 0 : size;
    if (space || !previous) continue;
    *bit = bit_of(begin, previous + size);
    return true;
  }
  return false;
}

void words_add(uint8_t bits[WORDS_BYTES], const char *title) {
  struct walk walk = {.at = title};
  for (uint32_t bit; next_bit(&walk, &bit);)
    bits[bit / 8] |= (uint8_t)(1U << bit % 8);
}

// pattern_of makes "%word%" in small letters, with what LIKE would read as a sign of its own escaped.
static const char *pattern_of(const char *word, size_t size, struct wg_arena *arena) {
  char *pattern = wg_arena_alloc(arena, size * 2 + 3), *to = pattern;
  *to++ = '%';
  for (size_t i = 0; i < size; i++) {
    if (word[i] == '%' || word[i] == '_' || word[i] == '\\') *to++ = '\\';
    *to++ = (char)small((uint8_t)word[i]);
  }
  *to++ = '%';
  *to = 0;
  return pattern;
}

static wg_status read_words(const char *text, struct wg_arena *arena, struct words_search *search,
                            struct wg_error *error) {
  for (const char *at = text; *at;) {
    const size_t space = separates(at);
    size_t size = 0;
    while (at[size] && !separates(at + size))
      size++;
    if (size && search->words == WORDS_MOST)
      return wg_fail(error, WG_INVALID_ARGUMENT, "text", "must be at most %d words", WORDS_MOST);
    if (size) search->pattern[search->words++] = pattern_of(at, size, arena);
    at += size ? size : space;
  }
  return WG_OK;
}

// choose_bits takes bits from all over the text; of a short one all, again and again.
static bool choose_bits(const char *text, struct words_search *search) {
  uint32_t bits[WORDS_TEXT_BYTES];
  size_t count = 0;
  struct walk walk = {.at = text};
  while (next_bit(&walk, &bits[count]))
    count++;
  for (size_t i = 0; i < WORDS_ASKED && count; i++)
    search->bit[i] = (int32_t)bits[count > WORDS_ASKED ? i * (count - 1) / (WORDS_ASKED - 1) : i % count];
  return count > 0;
}

wg_status words_search_make(const char *text, struct wg_arena *arena, struct words_search *search,
                            struct wg_error *error) {
  *search = (struct words_search){0};
  wg_status status = wg_text_check(text, WORDS_TEXT_BYTES - 1, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "text", error);
  if (status == WG_OK) status = read_words(text, arena, search, error);
  if (status != WG_OK || choose_bits(text, search)) return status;
  return wg_fail(error, WG_INVALID_ARGUMENT, "text", "needs a word of at least two characters");
}

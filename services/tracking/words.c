// See words.h.
#include "services/tracking/words.h"

#include "common/base/text.h"

#include <string.h>

enum { BITMAP_BYTES = WORDS_CHUNK / 8, LIST_MOST = BITMAP_BYTES / 2, ENTRY_HEAD = 4 };

// What a gram is of, the start of its hash.
enum { OF_TITLE = 1, OF_CATEGORY, OF_GRID };

static uint8_t small(uint8_t byte) {
  return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte;
}

// FNV-1a, its upper half folded in.
static uint64_t hash_on(uint64_t hash, uint8_t byte) {
  return (hash ^ byte) * UINT64_C(0x100000001b3);
}
static uint64_t hash_of(uint8_t what) {
  return hash_on(UINT64_C(0xcbf29ce484222325), what);
}
static words_gram gram_of(uint64_t hash) {
  return (words_gram)(hash ^ hash >> 32);
}

// separates gives the bytes of white space at `text`, the ideographic space included; 0: there is none.
static size_t separates(const char *text) {
  if (*text == ' ' || *text == '\t' || *text == '\n' || *text == '\r') return 1;
  return strncmp(text, "\xe3\x80\x80", 3) == 0 ? 3 : 0;
}

// A walk through the bigrams of a text, which is well-formed UTF-8.
struct walk {
  const char *at;  // behind the first character of the next bigram
  size_t previous; // bytes of that character; 0: none, a word begins
};

static bool next_gram(struct walk *walk, words_gram *gram) {
  while (*walk->at) {
    const size_t space = separates(walk->at);
    const size_t size = space ? space : wg_utf8_step((const uint8_t *)walk->at, strlen(walk->at));
    if (!size) return false; // not UTF-8: nothing more can be found in it
    const size_t previous = walk->previous;
    const char *begin = walk->at - previous;
    walk->at += size;
    walk->previous = space ? 0 : size;
    if (space || !previous) continue;
    uint64_t hash = hash_of(OF_TITLE);
    for (size_t i = 0; i < previous + size; i++)
      hash = hash_on(hash, small((uint8_t)begin[i]));
    *gram = gram_of(hash);
    return true;
  }
  return false;
}

static words_gram gram_of_begin(uint8_t what, const char *text, size_t size) {
  uint64_t hash = hash_of(what);
  for (size_t i = 0; i < size; i++)
    hash = hash_on(hash, (uint8_t)text[i]);
  return gram_of(hash);
}

static const size_t GRID_DIGITS[] = {15, 12, 9}; // a grid, its community, its street

// --- writing a chunk ---
struct posting {
  words_gram gram;
  uint16_t id;
};
struct words_chunk {
  struct wg_arena *arena;
  struct posting *postings;
  size_t count, room;
};

struct words_chunk *words_chunk_create(struct wg_arena *arena) {
  struct words_chunk *chunk = wg_arena_zalloc(arena, sizeof *chunk);
  chunk->arena = arena;
  return chunk;
}

static void post(struct words_chunk *chunk, words_gram gram, uint16_t id) {
  if (chunk->count == chunk->room) {
    const size_t room = chunk->room ? chunk->room * 2 : 4096;
    struct posting *postings = wg_arena_alloc(chunk->arena, sizeof *postings * room);
    if (chunk->count) memcpy(postings, chunk->postings, sizeof *postings * chunk->count);
    chunk->postings = postings;
    chunk->room = room;
  }
  chunk->postings[chunk->count++] = (struct posting){gram, id};
}

void words_chunk_add(struct words_chunk *chunk, int64_t id, const char *title, const char *category, const char *grid) {
  const uint16_t at = (uint16_t)(id % WORDS_CHUNK);
  struct walk walk = {.at = title};
  for (words_gram gram; next_gram(&walk, &gram);)
    post(chunk, gram, at);
  uint64_t hash = hash_of(OF_CATEGORY);
  for (const char *c = category; *c; c++) {
    if (*c == '/') post(chunk, gram_of(hash), at);
    hash = hash_on(hash, (uint8_t)*c);
  }
  if (*category) post(chunk, gram_of(hash), at);
  const size_t digits = strlen(grid);
  for (size_t i = 0; i < sizeof GRID_DIGITS / sizeof *GRID_DIGITS; i++) {
    if (digits >= GRID_DIGITS[i]) post(chunk, gram_of_begin(OF_GRID, grid, GRID_DIGITS[i]), at);
  }
}

// The order of what is packed: by bucket, in it by the rest of the gram, of one gram by id.
static uint32_t key_of(const struct posting *posting, int pass) {
  switch (pass) {
  case 0:
    return posting->id % 256;
  case 1:
    return posting->id / 256;
  case 2:
    return posting->gram >> 16 & 0xff;
  case 3:
    return posting->gram >> 24;
  default:
    return posting->gram % WORDS_BUCKETS;
  }
}
enum { PASSES = 5 };

// sorted gives the postings in that order: one stable counting sort for each part of the key, the least first.
static const struct posting *sorted(struct words_chunk *chunk) {
  struct posting *from = chunk->postings, *to = wg_arena_alloc(chunk->arena, sizeof *to * (chunk->count + 1));
  for (int pass = 0; pass < PASSES; pass++) {
    uint32_t at[WORDS_BUCKETS + 1] = {0};
    for (size_t i = 0; i < chunk->count; i++)
      at[key_of(&from[i], pass) + 1]++;
    for (size_t key = 1; key < WORDS_BUCKETS; key++)
      at[key] += at[key - 1];
    for (size_t i = 0; i < chunk->count; i++)
      to[at[key_of(&from[i], pass)]++] = from[i];
    struct posting *const swap = from;
    from = to;
    to = swap;
  }
  return from;
}

static uint8_t *put_u16(uint8_t *to, uint32_t value) {
  *to++ = (uint8_t)value;
  *to++ = (uint8_t)(value >> 8);
  return to;
}

// pack_entry packs the orders of one gram, the first `count` postings, of which some repeat; `to` has room for all.
static uint8_t *pack_entry(const struct posting *postings, size_t count, uint8_t *to) {
  uint8_t *const head = to;
  to = put_u16(to, postings->gram >> 16) + 2;
  uint32_t n = 0;
  for (size_t i = 0; i < count; i++) {
    if (i && postings[i].id == postings[i - 1].id) continue;
    to = put_u16(to, postings[i].id);
    n++;
  }
  if (n <= LIST_MOST) {
    put_u16(head + 2, n);
    return to;
  }
  put_u16(head + 2, WORDS_BITMAP);
  uint8_t *const bits = head + ENTRY_HEAD;
  memset(bits, 0, BITMAP_BYTES);
  for (size_t i = 0; i < count; i++)
    bits[postings[i].id / 8] |= (uint8_t)(1U << postings[i].id % 8);
  return bits + BITMAP_BYTES;
}

void words_chunk_pack(struct words_chunk *chunk, struct wg_bytes bodies[WORDS_BUCKETS]) {
  memset(bodies, 0, sizeof *bodies * WORDS_BUCKETS);
  const struct posting *const postings = sorted(chunk);
  // An entry is never longer than a head and an id for each of its postings.
  uint8_t *to = wg_arena_alloc(chunk->arena, chunk->count * (ENTRY_HEAD + 2) + 1);
  for (size_t at = 0, next; at < chunk->count; at = next) {
    const words_gram gram = postings[at].gram;
    // Of the gram the bits between bucket and tag do not tell grams apart.
    for (next = at + 1; next < chunk->count && words_bucket(postings[next].gram) == words_bucket(gram) &&
                        postings[next].gram >> 16 == gram >> 16;)
      next++;
    struct wg_bytes *body = &bodies[words_bucket(gram)];
    if (!body->data) body->data = to;
    to = pack_entry(postings + at, next - at, to);
    body->size = (size_t)(to - body->data);
  }
}

// --- reading it ---
static uint32_t get_u16(const uint8_t *from) {
  return from[0] | (uint32_t)from[1] << 8;
}

static wg_status broken(struct wg_error *error) {
  return wg_fail(error, WG_INTERNAL, NULL, "a row of case_gram is not what this program writes");
}

static wg_status read_ids(const uint8_t *ids, size_t n, struct words_bits *bits, struct wg_error *error) {
  for (size_t i = 0; i < n; i++) {
    const uint32_t id = get_u16(ids + i * 2);
    if (id >= WORDS_CHUNK) return broken(error);
    bits->part[id / 64] |= UINT64_C(1) << id % 64;
  }
  return WG_OK;
}

static void read_bitmap(const uint8_t *bytes, struct words_bits *bits) {
  for (size_t i = 0; i < BITMAP_BYTES; i++)
    bits->part[i / 8] |= (uint64_t)bytes[i] << i % 8 * 8;
}

wg_status words_find(struct wg_bytes body, words_gram gram, struct words_bits *bits, struct wg_error *error) {
  *bits = (struct words_bits){0};
  for (size_t at = 0; at < body.size;) {
    if (body.size - at < ENTRY_HEAD) return broken(error);
    const uint32_t tag = get_u16(body.data + at), n = get_u16(body.data + at + 2);
    const size_t size = n == WORDS_BITMAP ? BITMAP_BYTES : (size_t)n * 2;
    const uint8_t *const ids = body.data + at + ENTRY_HEAD;
    if (n == 0 || (n > LIST_MOST && n != WORDS_BITMAP) || body.size - at - ENTRY_HEAD < size) return broken(error);
    if (tag == gram >> 16 && n != WORDS_BITMAP) return read_ids(ids, n, bits, error);
    if (tag == gram >> 16) read_bitmap(ids, bits);
    at += ENTRY_HEAD + size;
  }
  return WG_OK;
}

wg_status words_late(struct wg_bytes body, struct words_bits *bits, struct wg_error *error) {
  return body.size % 2 ? broken(error) : read_ids(body.data, body.size / 2, bits, error);
}

// --- searches ---
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

static void look_for(struct words_search *search, words_gram gram) {
  for (size_t i = 0; i < search->grams; i++) {
    if (search->gram[i] == gram) return;
  }
  search->gram[search->grams++] = gram;
}

// choose_grams takes grams from all over the text.
static bool choose_grams(const char *text, struct words_search *search) {
  words_gram grams[WORDS_TEXT_BYTES];
  size_t count = 0;
  struct walk walk = {.at = text};
  while (next_gram(&walk, &grams[count]))
    count++;
  for (size_t i = 0; i < WORDS_ASKED && i < count; i++)
    look_for(search, grams[count > WORDS_ASKED ? i * (count - 1) / (WORDS_ASKED - 1) : i]);
  return count > 0;
}

wg_status words_search_make(const char *text, struct wg_arena *arena, struct words_search *search,
                            struct wg_error *error) {
  *search = (struct words_search){0};
  wg_status status = wg_text_check(text, WORDS_TEXT_BYTES - 1, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "text", error);
  if (status == WG_OK) status = read_words(text, arena, search, error);
  if (status != WG_OK || choose_grams(text, search)) return status;
  return wg_fail(error, WG_INVALID_ARGUMENT, "text", "needs a word of at least two characters");
}

void words_search_within(struct words_search *search, const char *category, const char *grid) {
  if (*category) look_for(search, gram_of_begin(OF_CATEGORY, category, strlen(category)));
  const size_t digits = strlen(grid);
  for (size_t i = 0; i < sizeof GRID_DIGITS / sizeof *GRID_DIGITS; i++) {
    if (digits < GRID_DIGITS[i]) continue;
    look_for(search, gram_of_begin(OF_GRID, grid, GRID_DIGITS[i]));
    return;
  }
}

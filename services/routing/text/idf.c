// Counting documents per gram, and the frozen table of it. See idf.h.
#include "services/routing/text/idf.h"

#include "services/routing/text/bytes.h"
#include "services/routing/text/gram.h"
#include "services/routing/text/work.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

// --- counting ---
enum { COUNTER_FIRST_BITS = 16, COUNTER_LAST_BITS = 27 };
#define NEEDED UINT32_C(0x80000000) // bit of a tally: the gram stays even when it is rare

struct routing_idf_counter {
  uint32_t documents, used;
  int bits;
  uint32_t *gram, *tally; // open addressing by the lower bits
};

struct routing_idf_counter *routing_idf_counter_create(void) {
  struct routing_idf_counter *counter = wg_zalloc(sizeof *counter);
  counter->bits = COUNTER_FIRST_BITS;
  counter->gram = wg_zalloc(((size_t)1 << counter->bits) * sizeof *counter->gram);
  counter->tally = wg_zalloc(((size_t)1 << counter->bits) * sizeof *counter->tally);
  return counter;
}

void routing_idf_counter_destroy(struct routing_idf_counter *counter) {
  if (counter == NULL) return;
  free(counter->gram);
  free(counter->tally);
  free(counter);
}

static uint32_t *tally_of(struct routing_idf_counter *counter, uint32_t gram) {
  const uint32_t mask = (UINT32_C(1) << counter->bits) - 1;
  uint32_t at = gram & mask;
  while (counter->gram[at] != gram && counter->gram[at] != 0)
    at = (at + 1) & mask;
  counter->used += counter->gram[at] == 0;
  counter->gram[at] = gram;
  return &counter->tally[at];
}

static void grow(struct routing_idf_counter *counter) {
  const size_t old = (size_t)1 << counter->bits;
  uint32_t *gram = counter->gram, *tally = counter->tally;
  counter->bits++;
  counter->used = 0;
  counter->gram = wg_zalloc((old * 2) * sizeof *gram);
  counter->tally = wg_zalloc((old * 2) * sizeof *tally);
  for (size_t i = 0; i < old; i++)
    if (gram[i] != 0) *tally_of(counter, gram[i]) = tally[i];
  free(gram);
  free(tally);
}

wg_status routing_idf_count(struct routing_idf_counter *counter, const struct routing_text *text, int sign,
                            struct routing_text_work *work, struct wg_error *error) {
  const size_t count = routing_work_count(work, text, 1);
  if (count == 0) return WG_OK;
  if (sign > 0 && counter->documents == ROUTING_IDF_DOCUMENTS)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, "documents", "a snapshot is of at most %d texts",
                   ROUTING_IDF_DOCUMENTS);
  while (counter->used + count > ((size_t)1 << counter->bits) / 2) {
    if (counter->bits == COUNTER_LAST_BITS)
      return wg_fail(error, WG_RESOURCE_EXHAUSTED, "documents", "the texts have more than %d different n-grams",
                     1 << (COUNTER_LAST_BITS - 1));
    grow(counter);
  }
  const uint32_t by = sign > 0 ? 1 : UINT32_MAX;
  for (size_t i = 0; i < count; i++)
    *tally_of(counter, work->found[i].gram) += by;
  counter->documents += by;
  return WG_OK;
}

void routing_idf_need(struct routing_idf_counter *counter, const struct routing_text *text) {
  uint32_t before = ROUTING_TEXT_BREAK;
  for (uint32_t i = 0; i < text->count; i++) {
    const uint32_t point = text->points[i];
    if (point != ROUTING_TEXT_BREAK) {
      *tally_of(counter, routing_gram(point, 0)) |= NEEDED;
      if (before != ROUTING_TEXT_BREAK) *tally_of(counter, routing_gram(before, point)) |= NEEDED;
    }
    before = point;
  }
}

// --- the table ---
static struct routing_idf *idf_open(uint32_t documents, uint32_t terms) {
  struct routing_idf *idf = wg_zalloc(sizeof *idf);
  int bits = 4;
  while ((uint64_t)ROUTING_IDF_LANES << bits < (uint64_t)terms * 2)
    bits++;
  idf->documents = documents;
  idf->terms = terms;
  idf->absent = logf(((float)documents + 1) / 2);
  idf->shift = 32 - bits;
  const uint32_t groups = (UINT32_C(1) << bits) + terms / ROUTING_IDF_LANES + 2;
  idf->slots = groups * ROUTING_IDF_LANES;
  idf->group = aligned_alloc(_Alignof(struct routing_idf_group), groups * sizeof *idf->group);
  if (!idf->group) abort();
  memset(idf->group, 0, groups * sizeof *idf->group);
  for (int lane = 0; lane < ROUTING_IDF_LANES; lane++)
    idf->group[groups - 1].idf[lane] = idf->absent;
  idf->term = wg_alloc((terms + 1) * sizeof *idf->term);
  return idf;
}

void routing_idf_free(struct routing_idf *idf) {
  if (idf == NULL) return;
  free(idf->group);
  free(idf->term);
  free(idf);
}

static uint64_t id_of(const struct routing_idf *idf) {
  uint8_t hash[crypto_hash_sha256_BYTES], bytes[8];
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  routing_put_u32(bytes, idf->documents);
  routing_put_u32(bytes + 4, ROUTING_TEXT_RULES);
  crypto_hash_sha256_update(&state, bytes, sizeof bytes);
  for (uint32_t i = 0; i < idf->terms; i++) {
    routing_put_u32(bytes, idf->term[i].gram);
    routing_put_u32(bytes + 4, idf->term[i].df);
    crypto_hash_sha256_update(&state, bytes, sizeof bytes);
  }
  crypto_hash_sha256_final(&state, hash);
  const uint64_t id = routing_get_u64(hash) & INT64_MAX;
  return id != 0 ? id : 1;
}

// build_groups lays out idf->term, which is in order; a gram goes behind all that are there.
static void build_groups(struct routing_idf *idf) {
  uint32_t next = 0;
  for (uint32_t i = 0; i < idf->terms; i++) {
    const struct routing_idf_term *term = &idf->term[i];
    const uint32_t home = (term->gram >> idf->shift) * ROUTING_IDF_LANES;
    if (home > next) next = home;
    struct routing_idf_group *group = &idf->group[next / ROUTING_IDF_LANES];
    group->gram[next % ROUTING_IDF_LANES] = term->gram;
    group->idf[next++ % ROUTING_IDF_LANES] = logf(((float)idf->documents + 1) / ((float)term->df + 1));
  }
  idf->id = id_of(idf);
}

static int by_gram(const void *a, const void *b) {
  const struct routing_idf_term *left = a, *right = b;
  return (left->gram > right->gram) - (left->gram < right->gram);
}

// least_df gives the smallest document frequency, from 2, with which no more than ROUTING_IDF_TERMS grams stay, and
// their number; grams that are needed stay with 1 as long as they all fit.
static uint32_t least_df(const struct routing_idf_counter *counter, uint32_t *terms, bool *needed_stay) {
  enum { KINDS = 4096 };
  uint32_t kinds[KINDS] = {0}, needed = 0, total = 0, least = KINDS;
  for (size_t i = 0; i < (size_t)1 << counter->bits; i++) {
    const uint32_t df = counter->tally[i] & ~NEEDED;
    if (df > 0) kinds[df < KINDS ? df : KINDS - 1]++;
    needed += df == 1 && (counter->tally[i] & NEEDED) != 0;
  }
  while (least > 2 && total + kinds[least - 1] <= ROUTING_IDF_TERMS)
    total += kinds[--least];
  *needed_stay = least == 2 && total + needed <= ROUTING_IDF_TERMS;
  *terms = total + (*needed_stay ? needed : 0);
  return least;
}

wg_status routing_idf_freeze(const struct routing_idf_counter *counter, struct routing_idf **idf,
                             struct wg_error *error) {
  if (counter->documents == 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "documents", "a snapshot needs at least one text that is not empty");
  uint32_t terms;
  bool needed_stay;
  const uint32_t least = least_df(counter, &terms, &needed_stay);
  struct routing_idf *made = idf_open(counter->documents, terms);
  uint32_t count = 0;
  for (size_t i = 0; i < (size_t)1 << counter->bits; i++) {
    const uint32_t df = counter->tally[i] & ~NEEDED;
    const bool needed = needed_stay && df == 1 && (counter->tally[i] & NEEDED) != 0;
    if (df >= least || needed) made->term[count++] = (struct routing_idf_term){counter->gram[i], df};
  }
  qsort(made->term, count, sizeof *made->term, by_gram);
  build_groups(made);
  *idf = made;
  return WG_OK;
}

// --- in a model file: u32 documents, u32 terms, then u32 gram (ascending) and u32 df of each ---
void routing_idf_write(const struct routing_idf *idf, struct wg_buffer *buffer) {
  uint8_t *at = wg_buffer_reserve(buffer, 8 + (size_t)idf->terms * 8);
  routing_put_u32(at, idf->documents);
  routing_put_u32(at + 4, idf->terms);
  for (uint32_t i = 0; i < idf->terms; i++) {
    routing_put_u32(at + 8 + (size_t)i * 8, idf->term[i].gram);
    routing_put_u32(at + 12 + (size_t)i * 8, idf->term[i].df);
  }
  buffer->size += 8 + (size_t)idf->terms * 8;
}

wg_status routing_idf_read(struct wg_bytes *bytes, struct routing_idf **idf, struct wg_error *error) {
  if (bytes->size < 8) return wg_fail(error, WG_INVALID_ARGUMENT, "idf", "ends too early");
  const uint32_t documents = routing_get_u32(bytes->data), terms = routing_get_u32(bytes->data + 4);
  if (documents == 0 || documents > ROUTING_IDF_DOCUMENTS || terms > ROUTING_IDF_TERMS)
    return wg_fail(error, WG_INVALID_ARGUMENT, "idf", "says %u documents and %u n-grams; at most %d and %d", documents,
                   terms, ROUTING_IDF_DOCUMENTS, ROUTING_IDF_TERMS);
  if ((bytes->size - 8) / 8 < terms)
    return wg_fail(error, WG_INVALID_ARGUMENT, "idf", "says %u n-grams and has %zu", terms, (bytes->size - 8) / 8);
  struct routing_idf *read = idf_open(documents, terms);
  uint32_t before = 0;
  for (uint32_t i = 0; i < terms; i++) {
    const uint8_t *at = bytes->data + 8 + (size_t)i * 8;
    const struct routing_idf_term term = {routing_get_u32(at), routing_get_u32(at + 4)};
    if (term.gram <= before || term.df == 0 || term.df > documents) {
      routing_idf_free(read);
      return wg_fail(error, WG_INVALID_ARGUMENT, "idf", "n-gram %u of %u is %s", i + 1, terms,
                     term.gram <= before ? "out of order" : "in more texts than there are, or in none");
    }
    read->term[i] = term;
    before = term.gram;
  }
  build_groups(read);
  bytes->data += 8 + (size_t)terms * 8;
  bytes->size -= 8 + (size_t)terms * 8;
  *idf = read;
  return WG_OK;
}

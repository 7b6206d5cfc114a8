#include "services/land/tender/ranking.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  unsigned gate;
  const char *name;
} GATES[] = {{LAND_GATE_SIGNED, "signed"}, {LAND_GATE_WINDOW, "window"},   {LAND_GATE_WITHDRAWN, "withdrawn"},
             {LAND_GATE_SECOND, "second"}, {LAND_GATE_RESERVE, "reserve"}, {LAND_GATE_OVERDUE, "overdue"},
             {LAND_GATE_USE, "use"},       {LAND_GATE_MEMBER, "member"},   {LAND_GATE_OUTSIDER, "outsider"}};

const char *land_gate_name(unsigned gate) {
  for (size_t i = 0; i < sizeof GATES / sizeof *GATES; i++) {
    if (GATES[i].gate == gate) return GATES[i].name;
  }
  return "";
}

int64_t land_near_key(bool has_base, int64_t shared_dm, int64_t distance_mm, int64_t near_bin_m) {
  if (!has_base) return LAND_NEAR_NONE;
  if (shared_dm >= LAND_SHARED_DM) return 0;
  const int64_t bin = distance_mm / (near_bin_m * 1000);
  return bin < LAND_NEAR_NONE - 2 ? 1 + bin : LAND_NEAR_NONE - 1; // a base is nearer than none
}

bool land_near_edge(bool has_base, int64_t shared_dm, int64_t distance_mm, int64_t near_bin_m) {
  if (!has_base || shared_dm >= LAND_SHARED_DM) return false;
  const int64_t bin_mm = near_bin_m * 1000, behind = distance_mm % bin_mm;
  return bin_mm - behind <= LAND_EDGE_MM || (behind <= LAND_EDGE_MM && distance_mm >= bin_mm);
}

int64_t land_old_key(const struct land_applicant *applicant) {
  if (applicant->held_last_clean) return LAND_OLD_LAST;
  if (applicant->occupied_days >= LAND_OCCUPIED_DAYS && applicant->settled_back_rent) return LAND_OLD_OCCUPIER;
  return applicant->held_earlier ? LAND_OLD_EARLIER : LAND_OLD_NONE;
}

bool land_nonce_fits(const uint8_t nonce_sha256[LAND_HASH_BYTES], const uint8_t *nonce, size_t size) {
  if (!nonce || size != LAND_NONCE_BYTES) return false;
  uint8_t hash[LAND_HASH_BYTES];
  wg_sha256(&(struct wg_bytes){nonce, size}, 1, hash);
  return memcmp(hash, nonce_sha256, sizeof hash) == 0;
}

static int by_application(const void *a, const void *b) {
  const struct land_ranking_row *left = a, *right = b;
  return strcmp(left->applicant->application, right->applicant->application);
}

static int compare(int64_t a, int64_t b) {
  return a < b ? -1 : a > b;
}

static int by_keys(const struct land_ranking_row *a, const struct land_ranking_row *b, bool near_first) {
  const int near = compare(a->near, b->near), old = compare(a->old, b->old);
  int order = near_first ? near : old;
  if (!order) order = near_first ? old : near;
  if (!order) order = compare(a->price, b->price);
  if (!order) order = compare(a->member, b->member);
  if (!order) order = compare(b->revealed, a->revealed);
  if (!order) order = memcmp(a->draw, b->draw, sizeof a->draw);
  return order ? order : by_application(a, b);
}

static int by_near(const void *a, const void *b) {
  const struct land_ranking_row *left = a, *right = b;
  if (!left->failed != !right->failed) return left->failed ? 1 : -1;
  return left->failed ? by_application(left, right) : by_keys(left, right, true);
}

static int by_old(const void *a, const void *b) {
  const struct land_ranking_row *left = a, *right = b;
  if (!left->failed != !right->failed) return left->failed ? 1 : -1;
  return left->failed ? by_application(left, right) : by_keys(left, right, false);
}

// Signed, in time and not withdrawn: such a one is the household's application.
static unsigned voluntary(const struct land_ranking_rules *rules, const struct land_applicant *applicant) {
  unsigned failed = 0;
  if (!applicant->signed_document) failed |= LAND_GATE_SIGNED;
  if (applicant->received_at_us < rules->opens_at_us || applicant->received_at_us >= rules->closes_at_us)
    failed |= LAND_GATE_WINDOW;
  if (applicant->withdrawn) failed |= LAND_GATE_WITHDRAWN;
  return failed;
}

static bool is_second(const struct land_ranking_rules *rules, const struct land_ranking_row *rows, size_t count,
                      const struct land_applicant *applicant) {
  for (size_t i = 0; i < count; i++) {
    const struct land_applicant *other = rows[i].applicant;
    if (other == applicant || strcmp(other->household, applicant->household) != 0 || voluntary(rules, other)) continue;
    if (other->seq < applicant->seq) return true;
    if (other->seq == applicant->seq && strcmp(other->application, applicant->application) < 0) return true;
  }
  return false;
}

static unsigned gates(const struct land_ranking_rules *rules, const struct land_ranking_row *rows, size_t count,
                      const struct land_applicant *applicant) {
  unsigned failed = voluntary(rules, applicant);
  if (!failed && is_second(rules, rows, count, applicant)) failed |= LAND_GATE_SECOND;
  if (applicant->offer_fen_per_mu < rules->reserve_fen_per_mu) failed |= LAND_GATE_RESERVE;
  if (applicant->overdue) failed |= LAND_GATE_OVERDUE;
  if (!applicant->use_allowed) failed |= LAND_GATE_USE;
  if (!applicant->member && rules->round == 1) failed |= LAND_GATE_MEMBER;
  if (!applicant->member && rules->round != 1 && !rules->outsiders_allowed) failed |= LAND_GATE_OUTSIDER;
  return failed;
}

// The seed is of all nonces that were revealed by those who are ranked: who withholds one is last in the draw and
// cannot choose among seeds to win by.
static void make_seed(const struct land_ranking_rules *rules, const struct land_ranking_row *rows, size_t count,
                      struct wg_arena *arena, uint8_t seed[LAND_HASH_BYTES]) {
  struct wg_bytes *parts = wg_arena_alloc(arena, (count + 1) * sizeof *parts);
  size_t used = 0;
  parts[used++] = (struct wg_bytes){rules->root, LAND_HASH_BYTES};
  for (size_t i = 0; i < count; i++) {
    if (rows[i].revealed && !rows[i].failed)
      parts[used++] = (struct wg_bytes){rows[i].applicant->nonce, LAND_NONCE_BYTES};
  }
  wg_sha256(parts, used, seed);
}

struct land_ranking land_rank(const struct land_ranking_rules *rules, const struct land_applicant *applicants,
                              size_t count, struct wg_arena *arena) {
  struct land_ranking ranking = {.count = count, .rows = wg_arena_zalloc(arena, (count + 1) * sizeof *ranking.rows)};
  for (size_t i = 0; i < count; i++) {
    struct land_ranking_row *row = &ranking.rows[i];
    const struct land_applicant *applicant = row->applicant = &applicants[i];
    row->near = land_near_key(applicant->has_base, applicant->shared_dm, applicant->distance_mm, rules->near_bin_m);
    row->old = land_old_key(applicant);
    row->price = -applicant->offer_fen_per_mu;
    row->member = !applicant->member;
    row->edge = land_near_edge(applicant->has_base, applicant->shared_dm, applicant->distance_mm, rules->near_bin_m);
    row->revealed = land_nonce_fits(applicant->nonce_sha256, applicant->nonce, LAND_NONCE_BYTES);
  }
  qsort(ranking.rows, count, sizeof *ranking.rows, by_application); // from here on the input's order is forgotten
  for (size_t i = 0; i < count; i++)
    ranking.rows[i].failed = gates(rules, ranking.rows, count, ranking.rows[i].applicant);
  make_seed(rules, ranking.rows, count, arena, ranking.seed);
  for (size_t i = 0; i < count; i++) {
    struct land_ranking_row *row = &ranking.rows[i];
    wg_sha256((struct wg_bytes[]){wg_bytes_of("draw"),
                                  {ranking.seed, LAND_HASH_BYTES},
                                  wg_bytes_of(rules->lot),
                                  wg_bytes_of(row->applicant->application)},
              4, row->draw);
  }
  qsort(ranking.rows, count, sizeof *ranking.rows, rules->near_first ? by_near : by_old);
  while (ranking.ranked < count && !ranking.rows[ranking.ranked].failed) {
    ranking.rows[ranking.ranked].rank = ranking.ranked + 1;
    ranking.ranked++;
  }
  struct wg_buffer text = {0};
  land_ranking_text(rules, &ranking, &text);
  wg_sha256(&(struct wg_bytes){text.data, text.size}, 1, ranking.result_sha256);
  wg_buffer_free(&text);
  return ranking;
}

static void hex(struct wg_buffer *out, const uint8_t hash[LAND_HASH_BYTES]) {
  for (size_t i = 0; i < LAND_HASH_BYTES; i++)
    wg_buffer_printf(out, "%02x", hash[i]);
}

void land_ranking_text(const struct land_ranking_rules *rules, const struct land_ranking *ranking,
                       struct wg_buffer *out) {
  wg_buffer_printf(out, "LANDRANK%d\t%s\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%s\t%d\t%d\t",
                   LAND_RANKING_VERSION, rules->lot, rules->opens_at_us, rules->closes_at_us, rules->reserve_fen_per_mu,
                   rules->near_bin_m, rules->near_first ? "near" : "old", rules->round, rules->outsiders_allowed);
  hex(out, ranking->seed);
  for (size_t i = 0; i < ranking->count; i++) {
    const struct land_ranking_row *row = &ranking->rows[i];
    const struct land_applicant *applicant = row->applicant;
    wg_buffer_printf(out, "\n%zu\t%s\t%s\t%u\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%d\t", row->rank,
                     applicant->application, applicant->household, row->failed, row->near, row->old, row->price,
                     row->member, row->revealed);
    hex(out, row->draw);
    wg_buffer_printf(out, "\t%d\t%" PRId64 "\t%" PRId64, row->edge, applicant->has_base ? applicant->distance_mm : -1,
                     applicant->has_base ? applicant->shared_dm : -1);
  }
  wg_buffer_text(out, "\n");
}

// Ranking of the applications for one lot: from near, from old, voluntary, paid (从近、从旧、自愿、有偿), land.md §2.8.
//
//   applicants -> gates (who fails one is refused, with all reasons) -> keys -> order -> rows -> result_sha256
//
// Integers only, no clock, no I/O: the same facts give the same rows and the same hash anywhere and in any order of the
// input. The facts come from the village's book (rank.c) or from an export of its ledger (`wangge land tender
// verify`).
//
// Keys, smaller wins, compared in the order of `near_first`, then price, member, draw:
//   near    0 when the applicant's base shares >= 1.0 m of boundary with the lot, else 1 + floor(mm / (bin × 1000));
//           no base: 2^31 - 1
//   old     0 held the last ended contract on the parcel (or on an ancestor that gives >= 50 % of it), ended without
//           breach; 1 occupier in the confirmed survey for >= 365 days who settled back rent; 2 held an earlier
//           contract on it; 3 none
//   price   -offer
//   member  0 member of the collective, 1 not: on equal terms members come first (农村土地承包法 51)
//   draw    those who revealed their nonce before those who did not, then SHA-256("draw" ‖ seed ‖ lot ‖ application)
//   seed    SHA-256(root of the tree at close ‖ the nonces that those who pass the gates revealed, in order of
//           applications). A root alone could be ground by who writes entries, nonces alone by who reveals last; one
//           who stands in for another can still choose between two seeds by keeping silent, and is seen to do so.
#pragma once

#include "common/base/arena.h"
#include "services/land/ledger/hash.h"

enum {
  LAND_RANKING_VERSION = 1,
  LAND_NONCE_BYTES = 32,
  LAND_SHARED_DM = 10,
  LAND_EDGE_MM = 10,
  LAND_OCCUPIED_DAYS = 365
};
#define LAND_NEAR_NONE INT32_MAX

// Gates, as bits of what failed.
enum {
  LAND_GATE_SIGNED = 1,     // 自愿 V1: no signed application
  LAND_GATE_WINDOW = 2,     // V1: not received from opening to closing
  LAND_GATE_WITHDRAWN = 4,  // V1
  LAND_GATE_SECOND = 8,     // V1: the household has an earlier one for this lot
  LAND_GATE_RESERVE = 16,   // 有偿 P1: offer below the reserve
  LAND_GATE_OVERDUE = 32,   // 有偿 P2: overdue rent in this village at close
  LAND_GATE_USE = 64,       // use not allowed on the lot
  LAND_GATE_MEMBER = 128,   // round 1 is for members of the collective
  LAND_GATE_OUTSIDER = 256, // round 2 without a decision and a township approval for outsiders
};
const char *land_gate_name(unsigned gate); // "overdue"; of one bit

enum { LAND_OLD_LAST, LAND_OLD_OCCUPIER, LAND_OLD_EARLIER, LAND_OLD_NONE };

// What is known of one applicant. Texts are tokens without blanks.
struct land_applicant {
  const char *application; // unique in the lot
  const char *household;
  uint64_t seq; // entry of the application: of two, the smaller counts
  int64_t received_at_us;
  bool signed_document, withdrawn, use_allowed, overdue, member;
  int64_t offer_fen_per_mu;
  // base: what the household holds already, as survey/geometry.h measures it against the lot
  bool has_base;
  int64_t shared_dm, distance_mm;
  // history of the lot's parcel
  bool held_last_clean, held_earlier;
  int64_t occupied_days; // as of the confirmed survey; 0: not the occupier
  bool settled_back_rent;
  // draw
  uint8_t nonce_sha256[LAND_HASH_BYTES]; // committed in the application
  const uint8_t *nonce;                  // revealed, LAND_NONCE_BYTES; NULL: not
  // entries that show it, for people: 0 none
  uint64_t base_seq, old_seq, overdue_seq;
};

struct land_ranking_rules {
  const char *lot;
  int64_t opens_at_us, closes_at_us; // from and with the first, before the second
  int64_t reserve_fen_per_mu;
  int64_t near_bin_m;            // 1 to 100,000
  bool near_first;               // else old is compared first
  int round;                     // 1: members only; 2
  bool outsiders_allowed;        // Decision and township approval
  uint8_t root[LAND_HASH_BYTES]; // of the village's tree at close
};

struct land_ranking_row {
  const struct land_applicant *applicant;
  unsigned failed; // gates; 0: ranked
  int64_t near, old, price, member;
  bool revealed;
  uint8_t draw[LAND_HASH_BYTES];
  bool edge;   // the distance is within 10 mm of a bin's edge: a signed check of the measurement is needed
  size_t rank; // 1 …; 0: refused
};

struct land_ranking {
  struct land_ranking_row *rows; // by rank, the refused behind them by application
  size_t count, ranked;
  uint8_t seed[LAND_HASH_BYTES];
  uint8_t result_sha256[LAND_HASH_BYTES];
};

// land_rank ranks. `applicants` must live as long as the ranking. A nonce that does not fit its commitment counts as
// not revealed.
struct land_ranking land_rank(const struct land_ranking_rules *rules, const struct land_applicant *applicants,
                              size_t count, struct wg_arena *arena);
bool land_nonce_fits(const uint8_t nonce_sha256[LAND_HASH_BYTES], const uint8_t *nonce, size_t size);
int64_t land_near_key(bool has_base, int64_t shared_dm, int64_t distance_mm, int64_t near_bin_m);
bool land_near_edge(bool has_base, int64_t shared_dm, int64_t distance_mm, int64_t near_bin_m);
int64_t land_old_key(const struct land_applicant *applicant);

// land_ranking_text appends the canonical rows, of which result_sha256 is the SHA-256: UTF-8, LF, one line of the rules
// and one a row, members separated by tabs:
//   LANDRANK1 lot opens closes reserve bin near|old round outsiders seed
//   rank application household failed near old price member revealed draw edge distance_mm shared_dm
// Distances without a base are -1; hashes are lower-case hexadecimal digits, flags 0 or 1.
void land_ranking_text(const struct land_ranking_rules *rules, const struct land_ranking *ranking,
                       struct wg_buffer *out);

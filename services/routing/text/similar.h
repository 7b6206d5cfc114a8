// Similar orders become one problem (并单): how alike an order and a problem are, and what follows. Pure: candidates
// come from the caller, what is decided is stored by the caller.
//
// Place decides first, text second. On real complaints the texts most alike of all (cosine 0.86 to 0.94) were about
// different places: one letter sent about two schools, one about two estates. So another district or another named
// place is a veto whatever the score, and an unknown place is never automatic.
//
//   score      mean cosine of the problem's 3 members most like the order (fewer when it has fewer)
//   SUGGEST    score >= suggest: a person may look
//   STRONG     score >= strong: a person should look
//   AUTOMATIC  the same person said the same text of the same place; or, when switched on, score >= automatic with the
//              same place_id and the same category. Never into a solved problem: that is a recurrence, and a person
//              says so.
//
// Merging takes nothing from a person: each order keeps its number, its answer and its call-back.
#pragma once

#include "services/routing/text/vector.h"

struct routing_similar_config {
  float suggest, strong; // same place
  float automatic;       // 0: off
  float unknown;         // SUGGEST when the place of one of them is not known
  double near_m;         // two positions this far apart are one place
  int64_t open_us;       // an open problem whose newest order is older is no candidate
  int64_t solved_us;     // the same for a solved one: how long it can recur
};
// 0.05, 0.08, off, 0.16, 300 m, 90 days, 365 days; for texts without the names of their place (study.h), which halves
// scores. Among messages of one place pairs are found with precision 0.93 and recall 0.95 at 0.05; in time order
// (B-cubed) 0.05 joins with precision 0.95 and recall 0.94, 0.08 with 0.98 and 0.79. With the names in, twice as high
// levels gave 0.91 and 0.96, 0.93 and 0.92, 0.98 and 0.79. `unknown` is our own choice, above what counts as strong.
// Tune them on one's own orders; tests/unit/test_text_data.c prints the figures.
extern const struct routing_similar_config ROUTING_SIMILAR_DEFAULTS;

// Where an order happened, or all that the members of a problem say of it. NULL counts as "".
struct routing_where {
  const char *district, *grid; // codes
  const char *place_id;        // the estate, building, road, station or site
  // Ids of all places that it names, those that contain place_id among them (the estate of a building). When neither
  // names the other's place_id, or nothing that both name is the same, they are of different named places.
  const char *const *named;
  size_t named_count;
  bool has_position;
  double lon, lat; // WGS84 degrees
};

enum routing_relation {
  ROUTING_SAME_PLACE,     // place_id
  ROUTING_SAME_GRID,      // grid code
  ROUTING_NEAR,           // within near_m
  ROUTING_PLACE_UNKNOWN,  // too little is known of one of them
  ROUTING_ELSEWHERE,      // other grid, or too far away
  ROUTING_OTHER_PLACE,    // veto: they name different places
  ROUTING_OTHER_DISTRICT, // veto
};
const char *routing_relation_name(enum routing_relation relation); // "same_place"
// routing_relate: distance_m -1 when a position is missing.
enum routing_relation routing_relate(const struct routing_where *a, const struct routing_where *b, double near_m,
                                     double *distance_m);

struct routing_similar_order {
  const struct routing_text *text;
  const struct routing_probe *probe; // of its vector
  struct routing_where where;
  uint64_t person;      // keyed hash of who reported; 0: not known
  const char *category; // leaf, "" when none
  int64_t at;           // occurred or received, as the problems' `last`
};

struct routing_similar_member {
  struct routing_packed vector;
  uint64_t person, text; // hashes as in the order: routing_text.hash; 0: not known, empty
};

struct routing_similar_problem {
  int64_t id;
  const struct routing_similar_member *members;
  size_t count;
  struct routing_where where;
  const char *category; // of its orders, "" when none or mixed
  int64_t last;         // when its newest order came, UTC microseconds
  bool solved;
};

enum routing_similar_level { ROUTING_NOT_SIMILAR, ROUTING_SUGGEST, ROUTING_STRONG, ROUTING_AUTOMATIC };
const char *routing_similar_level_name(enum routing_similar_level level); // "suggest"

struct routing_similar {
  size_t problem; // index in what was given
  enum routing_similar_level level;
  float score;
  enum routing_relation relation;
  double distance_m; // -1: not known
  size_t likest;     // index of the member most like the order
  size_t stale;      // members left out: their vectors are of another snapshot. Vectorise the texts anew
  bool same_words;   // the same person, the same normalised text
  bool recurrence;   // the problem is solved
};

// routing_similar_compare gives the level; ROUTING_NOT_SIMILAR with score 0 when place or time already say no (the
// vectors are not looked at).
struct routing_similar routing_similar_compare(const struct routing_similar_order *order,
                                               const struct routing_similar_problem *problem,
                                               const struct routing_similar_config *config);
// routing_similar_rank compares with all and fills the best `most` that reach a level, best first (level, then score,
// then the earlier in the list); gives how many. Above about 200 candidates the caller should narrow the place down.
size_t routing_similar_rank(const struct routing_similar_order *order, const struct routing_similar_problem *problems,
                            size_t count, const struct routing_similar_config *config, struct routing_similar *best,
                            size_t most);

// What a person is told, made for what is stored or shown only.
enum { ROUTING_SHARED_GRAMS = 10 };
struct routing_similar_explanation {
  size_t count;
  const char *gram[ROUTING_SHARED_GRAMS]; // characters and pairs shared with the likest member, heaviest first
  size_t bytes;                           // of all, which stand behind each other, each with its NUL
  float share[ROUTING_SHARED_GRAMS];      // of the cosine with that member
  uint64_t idf;                           // snapshot the score was computed under
  const char *evidence;                   // one line in Chinese: place, score, words
};
// routing_similar_explain: memory of the arena.
void routing_similar_explain(const struct routing_similar_order *order, const struct routing_similar_problem *problem,
                             const struct routing_similar *similar, struct wg_arena *arena,
                             struct routing_similar_explanation *explanation);

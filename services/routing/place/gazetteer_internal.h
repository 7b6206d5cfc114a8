// What gazetteer.c and gazetteer_build.c share.
//
// Names stand in a trie whose edges are a hash table. Nearly every position of a text is sent away before it by a
// filter: one bit for each hash of the first two code points of some name.
#pragma once

#include "common/base/arena.h"
#include "services/routing/place/gazetteer.h"
#include "services/routing/place/number.h"

enum { NOWHERE = UINT32_MAX };

struct numbered { // a building known by its number
  struct routing_number number;
  uint32_t entry, parent;
};

struct place_entry {
  struct routing_entry entry;
  uint64_t keys[ROUTING_LEVEL_GRID + 1]; // by level
  uint64_t rank;                         // see routing_gazetteer_rank
  uint32_t parent;                       // NOWHERE: none
  uint32_t numbered, numbered_count;     // its buildings, in gazetteer.numbered
  struct routing_text *texts;            // all its names
  size_t text_count;
};

struct place_name {
  const uint32_t *codes;
  uint32_t size;
  uint32_t owners, owner_count; // in gazetteer.owners
  bool derived;                 // nobody gave it
  unsigned form;                // of variants.h
};

struct edge {
  uint64_t key; // from node << 21 | code point; 0: free
  uint32_t to;
};

struct routing_gazetteer {
  const struct routing_net *net;
  struct wg_arena *arena;
  struct wg_map *ids; // place_id -> index + 1
  struct place_entry *entries;
  size_t count;
  struct place_name *names;
  size_t name_count;
  uint32_t *owners;
  struct numbered *numbered;
  size_t numbered_count;
  // the trie; node 0 is the root
  struct edge *edges;
  size_t edge_mask;
  uint32_t *node_names; // index + 1; 0: no name ends here
  uint64_t *filter;
  uint64_t filter_mask; // in bits
  struct routing_place_finding *findings;
  size_t finding_count, findings_seen;
};

struct spelling { // one name of one place
  const uint32_t *codes;
  uint32_t size, entry;
  uint32_t next; // another of the same place, while sealing
  bool numbered; // a house number, alone or behind its estate's name: found by number, not by name
  bool derived;  // made by variants.h
  unsigned form; // as it says
  uint64_t rank; // by the code of its place, so that owners stand in the order of their codes
};

struct routing_gazetteer_builder {
  struct routing_gazetteer *gazetteer; // grows here
  size_t capacity;
  struct spelling *spellings;
  size_t spelling_count, spelling_capacity, code_points;
  uint32_t folded[ROUTING_NAME_BYTES * 6];
};

// routing_fold_name folds a name into builder->folded and gives its size.
size_t routing_fold_name(struct routing_gazetteer_builder *builder, const char *name);
// routing_gazetteer_take_texts keeps the names that were given as texts; while house numbers still are among them.
void routing_gazetteer_take_texts(struct routing_gazetteer_builder *builder, struct routing_text_work *work);
// routing_gazetteer_derive adds the other forms of all names; codes are known by then.
void routing_gazetteer_derive(struct routing_gazetteer_builder *builder, struct routing_text_work *work);
__attribute__((format(printf, 3, 4))) void routing_gazetteer_fault(struct routing_gazetteer *gazetteer,
                                                                   const char *code, const char *format, ...);

static inline uint64_t mix(uint64_t key) {
  key *= UINT64_C(0x9e3779b97f4a7c15);
  return key ^ key >> 32;
}

static inline uint64_t edge_key(uint32_t node, uint32_t code) {
  return ((uint64_t)node << 21 | code) + 1;
}

static inline uint32_t follow(const struct routing_gazetteer *gazetteer, uint32_t node, uint32_t code) {
  const uint64_t key = edge_key(node, code);
  for (size_t at = (size_t)mix(key) & gazetteer->edge_mask;; at = (at + 1) & gazetteer->edge_mask) {
    const struct edge *edge = &gazetteer->edges[at];
    if (edge->key == key) return edge->to;
    if (!edge->key) return 0;
  }
}

static inline uint64_t filter_bit(const struct routing_gazetteer *gazetteer, uint32_t first, uint32_t second) {
  return mix((uint64_t)first << 21 | second) & gazetteer->filter_mask;
}

// The gazetteer (地名录): what places are called, and where in a text a name stands.
//
// Holds the names of the net (districts, streets, communities, grids) and every place that is added: estates,
// buildings, roads, stations, sites, each with aliases. Several places may have the same name; all are kept.
// Official forms are understood without an alias: "艾山街道办事处" is also "艾山街道", "汶河社区居民委员会" also
// "汶河社区", "第八网格(基础)" also "第八网格"; and so is what people write instead of a name (variants.h).
//
// Built over a sealed net that must outlive it; sealed itself, it never changes, and any number of threads may ask.
#pragma once

#include "services/routing/place/fold.h"
#include "services/routing/place/net.h"
#include "services/routing/text/normalise.h"

enum {
  ROUTING_PLACES = 200000,       // entries, with those of the net
  ROUTING_PLACE_NAMES = 400000,  // names and aliases in all
  ROUTING_PLACE_CODES = 4000000, // code points of all names
  ROUTING_PLACE_ALIASES = 50,    // of one place
  ROUTING_NAME_OWNERS = 5000,    // places with the same name
  ROUTING_NAME_SIZE = 60,        // code points of a folded name
  ROUTING_PLACE_ID_BYTES = 160,
  ROUTING_PLACE_FINDINGS = 1000, // kept; the rest is counted only
};

enum routing_place_kind {
  ROUTING_PLACE_CITY = 1, // above the districts: code of 2 or 4 digits; supports others, is never a place itself
  ROUTING_PLACE_DISTRICT,
  ROUTING_PLACE_STREET,
  ROUTING_PLACE_COMMUNITY,
  ROUTING_PLACE_GRID,
  ROUTING_PLACE_ESTATE,   // 小区
  ROUTING_PLACE_BUILDING, // 楼院
  ROUTING_PLACE_ROAD,
  ROUTING_PLACE_STATION, // 驿站
  ROUTING_PLACE_SITE,    // park, school, market, hospital, office …
};
const char *routing_place_kind_name(enum routing_place_kind kind); // "estate"; for people: _label, "小区"
const char *routing_place_kind_label(enum routing_place_kind kind);
bool routing_place_kind_parse(const char *name, enum routing_place_kind *kind);

struct routing_entry {
  const char *place_id; // unique; of an area of the net it is the code
  enum routing_place_kind kind;
  const char *name;
  const char *const *aliases;
  size_t alias_count;
  const char *code;   // of the smallest area of the net it lies in, "" when unknown: then taken from the position
  const char *parent; // place_id of the estate or road a building belongs to; NULL or "" when none
  bool has_position;
  double lon, lat;
};

struct routing_gazetteer;
struct routing_gazetteer_builder;

struct routing_gazetteer_builder *routing_gazetteer_builder_create(const struct routing_net *net);
void routing_gazetteer_builder_destroy(struct routing_gazetteer_builder *builder); // NULL is allowed
// routing_gazetteer_add copies a place. Refused and not added, with the field named: INVALID_ARGUMENT (place_id, kind,
// name or alias empty, too long, of one character or a word that names nothing; code not in the net; position),
// ALREADY_EXISTS (place_id), RESOURCE_EXHAUSTED. A building may be called "15号楼" when it has a parent: it is found
// behind the parent's name.
wg_status routing_gazetteer_add(struct routing_gazetteer_builder *builder, const struct routing_entry *entry,
                                struct wg_error *error);
// routing_gazetteer_alias gives a place, or an area of the net, one more name. NOT_FOUND: no such place; else as above.
wg_status routing_gazetteer_alias(struct routing_gazetteer_builder *builder, const char *place_id, const char *alias,
                                  struct wg_error *error);
// routing_gazetteer_seal ends the builder. Findings: a parent that is missing, two buildings of one number, a name of
// several places, a position outside the area of the code.
struct routing_gazetteer *routing_gazetteer_seal(struct routing_gazetteer_builder *builder);
void routing_gazetteer_close(struct routing_gazetteer *gazetteer); // NULL is allowed
const struct routing_place_finding *routing_gazetteer_findings(const struct routing_gazetteer *gazetteer, size_t *kept,
                                                               size_t *total);
size_t routing_gazetteer_count(const struct routing_gazetteer *gazetteer);
const struct routing_entry *routing_gazetteer_entry(const struct routing_gazetteer *gazetteer, uint32_t index);
const struct routing_entry *routing_gazetteer_get(const struct routing_gazetteer *gazetteer, const char *place_id);

// A name in a text.
struct routing_hit {
  uint32_t name;        // index of the name; its places by routing_gazetteer_owners
  uint32_t start, size; // in code points of the folded text
};
// routing_gazetteer_find gives the names in a folded text in the order they stand in, none overlapping another: of
// overlapping ones the longest, of equally long ones the first. A name does not begin or end inside a run of ASCII
// letters or digits. At most `max` and ROUTING_HITS hits; in a text of very many names the last ones are left out.
enum { ROUTING_HITS = 64 };
size_t routing_gazetteer_find(const struct routing_gazetteer *gazetteer, const uint32_t *codes, size_t count,
                              struct routing_hit *hits, size_t max);
// routing_gazetteer_owners: indexes of the places with this name, in the order of their codes.
const uint32_t *routing_gazetteer_owners(const struct routing_gazetteer *gazetteer, uint32_t name, size_t *count);
// routing_gazetteer_building: the building of an estate (or road) whose number stands behind the estate's name, or
// UINT32_MAX. `codes` begins behind the name. `days`: a bare 15号 counts as a house number, not as a day of the month.
uint32_t routing_gazetteer_building(const struct routing_gazetteer *gazetteer, uint32_t place, const uint32_t *codes,
                                    size_t count, bool days);
// routing_gazetteer_loose: the name is one that leaves something out (variants.h); it says less than one that was
// given.
bool routing_gazetteer_loose(const struct routing_gazetteer *gazetteer, uint32_t name);
// routing_gazetteer_texts: all names of a place, as texts are compared (text/normalise.h).
const struct routing_text *routing_gazetteer_texts(const struct routing_gazetteer *gazetteer, const char *place_id,
                                                   size_t *count);
// routing_gazetteer_key: the number of the area of `level` that a place lies in; 0: unknown.
uint64_t routing_gazetteer_key(const struct routing_gazetteer *gazetteer, uint32_t place, enum routing_level level);
// routing_gazetteer_rank: the code of a place, filled up with zeros to 15 digits: the order of owners. 0: no code.
uint64_t routing_gazetteer_rank(const struct routing_gazetteer *gazetteer, uint32_t place);
uint32_t routing_gazetteer_parent(const struct routing_gazetteer *gazetteer, uint32_t place); // UINT32_MAX: none

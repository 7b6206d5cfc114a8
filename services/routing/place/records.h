// The net and the gazetteer made from the registry's records: district, street, community, grid, building, place and
// station; other kinds are passed over.
//
// place_id is "DISTRICT/KIND/CODE", e.g. "370117/place/estate-001". A road of several grids lies in the smallest area
// that holds them all. A building belongs to the estate of its name that lies nearest in the net: same grid, else same
// community, else same street. A record that cannot be used as it is becomes a finding; an area with a bad boundary is
// known without it, a place with a bad alias without that alias.
#pragma once

#include "services/routing/place/gazetteer.h"

#include "wangge/v1/registry.pb-c.h"

struct routing_places {
  struct routing_net *net;
  struct routing_gazetteer *gazetteer;
  struct routing_place_finding *findings; // of records; those of the net and the gazetteer are asked of them
  size_t finding_count;
  struct wg_arena *arena;
};

// routing_places_make copies what it needs; it never fails.
struct routing_places *routing_places_make(const Wangge__V1__Record *const *records, size_t count);
void routing_places_close(struct routing_places *places); // NULL is allowed

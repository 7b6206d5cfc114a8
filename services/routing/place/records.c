// From records to the net and the gazetteer. See records.h.
#include "services/routing/place/records.h"

#include "common/base/arena.h"
#include "common/base/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct estate { // of one name, for the buildings that belong to it
  struct estate *next;
  const char *place_id, *code;
};

struct making {
  struct routing_places *places;
  struct routing_net_builder *areas;
  struct routing_gazetteer_builder *names;
  struct wg_map *estates; // "district/name" -> struct estate
  size_t capacity;
};

static void refuse(struct making *making, const char *code, const struct wg_error *error) {
  struct routing_places *places = making->places;
  if (places->finding_count == making->capacity) {
    making->capacity = making->capacity ? making->capacity * 2 : 16;
    places->findings = wg_realloc(places->findings, making->capacity * sizeof *places->findings);
  }
  places->findings[places->finding_count++] = (struct routing_place_finding){
      wg_arena_strdup(places->arena, code), wg_arena_printf(places->arena, "%s: %s", error->field, error->message)};
}

// --- areas ---

static void add_area(struct making *making, struct routing_area area) {
  struct wg_error error = {0};
  if (routing_net_add(making->areas, &area, &error) == WG_OK) return;
  refuse(making, area.code, &error);
  if (!area.boundary || !*area.boundary) return;
  area.boundary = NULL;
  routing_net_add(making->areas, &area, &error); // what else may be wrong with it is said already
}

static void take_area(struct making *making, const Wangge__V1__Record *record) {
  struct routing_area area = {.code = record->code};
  switch (record->body_case) {
  case WANGGE__V1__RECORD__BODY_NET_DISTRICT:
    area.level = ROUTING_LEVEL_DISTRICT;
    area.name = record->net_district->name, area.boundary = record->net_district->boundary;
    break;
  case WANGGE__V1__RECORD__BODY_STREET:
    area.level = ROUTING_LEVEL_STREET;
    area.name = record->street->name, area.boundary = record->street->boundary;
    break;
  case WANGGE__V1__RECORD__BODY_COMMUNITY:
    area.level = ROUTING_LEVEL_COMMUNITY;
    area.name = record->community->name, area.boundary = record->community->boundary;
    break;
  case WANGGE__V1__RECORD__BODY_GRID:
    area.level = ROUTING_LEVEL_GRID;
    area.name = record->grid->name, area.boundary = record->grid->boundary;
    if (record->grid->kind == WANGGE__V1__GRID_KIND__GRID_KIND_DEDICATED) area.kind = ROUTING_GRID_DEDICATED;
    break;
  default:
    return;
  }
  add_area(making, area);
}

static void take_area_aliases(struct making *making, const Wangge__V1__Record *record) {
  char **aliases = NULL;
  size_t count = 0;
  if (record->body_case == WANGGE__V1__RECORD__BODY_COMMUNITY)
    aliases = record->community->aliases, count = record->community->n_aliases;
  if (record->body_case == WANGGE__V1__RECORD__BODY_GRID)
    aliases = record->grid->aliases, count = record->grid->n_aliases;
  if (!routing_net_find(making->places->net, record->code)) return; // refused, and said
  for (size_t i = 0; i < count; i++) {
    struct wg_error error = {0};
    if (routing_gazetteer_alias(making->names, record->code, aliases[i], &error) != WG_OK)
      refuse(making, record->code, &error);
  }
}

// --- places ---

static const char *id_of(struct making *making, const Wangge__V1__Record *record, const char *kind) {
  return wg_arena_printf(making->places->arena, "%s/%s/%s", record->district, kind, record->code);
}

// The smallest area of the net that holds all the grids; those that the net does not have are passed over.
static const char *area_of(const struct making *making, char **grids, size_t count, const char *fallback) {
  const struct routing_net *net = making->places->net;
  const struct routing_area *area = NULL;
  for (size_t i = 0; i < count; i++) {
    const struct routing_area *grid = routing_net_find(net, grids[i]);
    if (!grid) continue;
    if (area && !(area = routing_net_common(net, area->code, grid->code))) return "";
    if (!area) area = grid;
  }
  if (!area && fallback && *fallback) area = routing_net_find(net, fallback);
  return area ? area->code : "";
}

static void add_place(struct making *making, const Wangge__V1__Record *record, struct routing_entry entry,
                      char **aliases, size_t alias_count) {
  struct wg_error error = {0};
  entry.has_position = entry.lon != 0 || entry.lat != 0;
  if (routing_gazetteer_add(making->names, &entry, &error) != WG_OK) {
    refuse(making, record->code, &error);
    if (!entry.has_position || strcmp(error.field, "position") != 0) return;
    entry.has_position = false;
    if (routing_gazetteer_add(making->names, &entry, &error) != WG_OK) return;
  }
  for (size_t i = 0; i < alias_count; i++)
    if (routing_gazetteer_alias(making->names, entry.place_id, aliases[i], &error) != WG_OK)
      refuse(making, record->code, &error);
}

static void remember_estate(struct making *making, const Wangge__V1__Record *record,
                            const struct routing_entry *entry) {
  const char *key = wg_arena_printf(making->places->arena, "%s/%s", record->district, entry->name);
  struct estate *estate = wg_arena_alloc(making->places->arena, sizeof *estate);
  *estate = (struct estate){wg_map_get(making->estates, key), entry->place_id, entry->code};
  wg_map_put(making->estates, key, estate);
}

static void take_place(struct making *making, const Wangge__V1__Record *record) {
  if (record->body_case == WANGGE__V1__RECORD__BODY_STATION) {
    const Wangge__V1__Station *station = record->station;
    add_place(making, record,
              (struct routing_entry){.place_id = id_of(making, record, "station"),
                                     .kind = ROUTING_PLACE_STATION,
                                     .name = station->name,
                                     .code = area_of(making, station->grids, station->n_grids, NULL),
                                     .lon = station->lon,
                                     .lat = station->lat},
              NULL, 0);
  }
  if (record->body_case != WANGGE__V1__RECORD__BODY_PLACE) return;
  const Wangge__V1__Place *place = record->place;
  const struct routing_entry entry = {
      .place_id = id_of(making, record, "place"),
      .kind = place->kind == WANGGE__V1__PLACE_KIND__PLACE_KIND_ESTATE ? ROUTING_PLACE_ESTATE
              : place->kind == WANGGE__V1__PLACE_KIND__PLACE_KIND_ROAD ? ROUTING_PLACE_ROAD
                                                                       : ROUTING_PLACE_SITE,
      .name = place->name,
      .code = area_of(making, place->grids, place->n_grids, place->community),
      .lon = place->lon,
      .lat = place->lat};
  add_place(making, record, entry, place->aliases, place->n_aliases);
  if (entry.kind == ROUTING_PLACE_ESTATE) remember_estate(making, record, &entry);
}

static const char *estate_of(const struct making *making, const Wangge__V1__Record *record) {
  enum { STREET_DIGITS = 9 };
  const Wangge__V1__Building *building = record->building;
  char key[1200];
  snprintf(key, sizeof key, "%s/%s", record->district, building->estate);
  const char *best = NULL;
  size_t best_same = STREET_DIGITS - 1;
  for (const struct estate *estate = wg_map_get(making->estates, key); estate; estate = estate->next) {
    size_t same = 0;
    while (estate->code[same] && estate->code[same] == building->grid[same])
      same++;
    if (same > best_same) best = estate->place_id, best_same = same;
  }
  return best;
}

static void take_building(struct making *making, const Wangge__V1__Record *record) {
  if (record->body_case != WANGGE__V1__RECORD__BODY_BUILDING) return;
  Wangge__V1__Building *building = record->building;
  add_place(making, record,
            (struct routing_entry){.place_id = id_of(making, record, "building"),
                                   .kind = ROUTING_PLACE_BUILDING,
                                   .name = building->name,
                                   .code = area_of(making, &building->grid, 1, NULL),
                                   .parent = *building->estate ? estate_of(making, record) : NULL,
                                   .lon = building->lon,
                                   .lat = building->lat},
            building->aliases, building->n_aliases);
}

struct routing_places *routing_places_make(const Wangge__V1__Record *const *records, size_t count) {
  struct routing_places *places = wg_zalloc(sizeof *places);
  places->arena = wg_arena_create(64 << 10);
  struct making making = {.places = places, .areas = routing_net_builder_create(), .estates = wg_map_create()};
  for (size_t i = 0; i < count; i++)
    take_area(&making, records[i]);
  places->net = routing_net_seal(making.areas);
  making.names = routing_gazetteer_builder_create(places->net);
  for (size_t i = 0; i < count; i++) {
    take_area_aliases(&making, records[i]);
    take_place(&making, records[i]);
  }
  for (size_t i = 0; i < count; i++) // behind all estates
    take_building(&making, records[i]);
  places->gazetteer = routing_gazetteer_seal(making.names);
  wg_map_destroy(making.estates);
  return places;
}

void routing_places_close(struct routing_places *places) {
  if (!places) return;
  routing_gazetteer_close(places->gazetteer);
  routing_net_close(places->net);
  free(places->findings);
  wg_arena_destroy(places->arena);
  free(places);
}

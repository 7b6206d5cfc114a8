// The map of the net: boundaries that are valid, tile the area above them and do not overlap; buildings and places that
// lie in their grids. A dedicated grid may lie inside a basic one; two grids of the same kind have nothing in common.
//
//   KIND.boundary_missing  a warning: gaps and overlaps cannot be seen
//   KIND.boundary_invalid  cannot be read, crosses itself, is not closed
//   net.gap      of the area above: a piece of it is in no area below
//   net.overlap  two streets, communities or grids share a piece
//   net.outside  lies in part outside the area above
//   net.overlay  could not be computed
//   building.outside_grid, place.outside_grid, place.outside_community  a warning: the point lies elsewhere
// Tolerances: check_plane.h; points may lie POINT_TOLERANCE metres outside.
#include "services/registry/check_plane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINT_TOLERANCE 10.0
static const char RULE_TILING[] = "网格划分：四至清晰、不留盲区、避免重叠";
static const char RULE_PLACE[] = "楼院、地名落在所属网格内";

static const struct level {
  int kind, above;
  int digits;
  const char *label, *above_label;
} LEVELS[] = {
    {REGISTRY_BODY(STREET), REGISTRY_BODY(NET_DISTRICT), 6, "街道", "区"},
    {REGISTRY_BODY(COMMUNITY), REGISTRY_BODY(STREET), 9, "社区", "街道"},
    {REGISTRY_BODY(GRID), REGISTRY_BODY(COMMUNITY), 12, "网格", "社区"},
};
enum { LEVEL_COUNT = sizeof LEVELS / sizeof *LEVELS, PIECES_TOLD = 20 };

static void locate(const struct registry_survey *survey, Wangge__V1__Finding *finding, double lon, double lat) {
  if (lon == 0 && lat == 0) return;
  finding->position = wg_arena_alloc(survey->arena, sizeof *finding->position);
  wangge__v1__position__init(finding->position);
  finding->position->lon = lon;
  finding->position->lat = lat;
}

// failed tells that GEOS could not lay shapes over each other; true: it could not.
static bool failed(const struct registry_survey *survey, const struct registry_pieces *pieces,
                   const Wangge__V1__Record *record) {
  if (!pieces->failure) return false;
  REGISTRY_SAY(survey, REGISTRY_FAULT, record, "net.overlay", "boundary", RULE_TILING,
               "边界无法与相邻边界叠加比较（%s）；请检查其中过密或重复的点", pieces->failure);
  return true;
}

// --- single shapes ---
static void tell_invalid(struct registry_survey *survey, const struct registry_shape *shape) {
  Wangge__V1__Finding *finding = REGISTRY_SAY(survey, REGISTRY_BLOCKS, shape->record, "boundary_invalid", "boundary",
                                              RULE_TILING, "边界的图形不成立（%s）；请重新描绘", shape->problem);
  locate(survey, finding, shape->problem_lon, shape->problem_lat);
}

// check_shapes reads all boundaries of a kind and tells what is missing or invalid.
static void check_shapes(struct registry_survey *survey, int kind, const char *label) {
  const struct registry_layer *layer = registry_plane_layer(survey, kind);
  struct registry_names missing = {0};
  for (size_t i = 0; i < layer->count; i++) {
    registry_shape_read(survey, &layer->shape[i]);
    if (layer->shape[i].state == REGISTRY_SHAPE_INVALID) tell_invalid(survey, &layer->shape[i]);
    if (layer->shape[i].state == REGISTRY_SHAPE_MISSING)
      registry_names_add(survey, &missing, layer->shape[i].record->code);
  }
  if (!missing.count) return;
  const struct registry_shape *first = layer->shape;
  while (first->state != REGISTRY_SHAPE_MISSING)
    first++;
  REGISTRY_SAY(survey, REGISTRY_HINT, first->record, "boundary_missing", "boundary", RULE_TILING,
               "%zu个%s（共%zu个）没有边界：%s；查不出缝隙和重叠，请测绘后补录", missing.count, label, layer->count,
               registry_names_text(survey, &missing));
}

// --- an area and those above and below it ---
// check_outside tells what of an area lies outside the one above it.
static void check_outside(struct registry_survey *survey, const struct level *level, const struct registry_shape *shape,
                          struct registry_shape *above, bool changed) {
  const struct registry_pieces pieces = registry_shape_beyond(survey, shape, above);
  if (failed(survey, &pieces, shape->record) || !pieces.count) return;
  const bool nonsense = changed && 2 * pieces.area > shape->area;
  const struct registry_piece *largest = pieces.piece;
  for (size_t i = 1; i < pieces.count; i++) {
    if (pieces.piece[i].area > largest->area) largest = &pieces.piece[i];
  }
  Wangge__V1__Finding *finding =
      REGISTRY_SAY(survey, nonsense ? REGISTRY_BLOCKS : REGISTRY_FAULT, shape->record, "net.outside", "boundary",
                   RULE_TILING, "%s“%s”有%.0f平方米在%s“%s”之外（%zu处，最大一处在 %.6f,%.6f）；请改边界或归属",
                   level->label, shape->record->code, pieces.area, level->above_label, above->record->code,
                   pieces.count, largest->lon, largest->lat);
  locate(survey, finding, largest->lon, largest->lat);
}

// check_gaps tells what of an area is in none of those below it. An area whose parts are not all known is left alone.
static void check_gaps(struct registry_survey *survey, const struct level *level, struct registry_shape *above) {
  size_t count = 0;
  struct registry_shape *parts =
      registry_layer_range(registry_plane_layer(survey, level->kind), above->record->code, &count);
  if (!count || !registry_shape_read(survey, above)) return;
  for (size_t i = 0; i < count; i++) {
    if (!registry_shape_read(survey, &parts[i])) return;
  }
  const struct registry_pieces pieces = registry_shape_left(survey, above, parts, count);
  if (failed(survey, &pieces, above->record)) return;
  for (size_t i = 0; i < pieces.count && i < PIECES_TOLD; i++) {
    const struct registry_piece *piece = &pieces.piece[i];
    Wangge__V1__Finding *finding =
        REGISTRY_SAY(survey, REGISTRY_FAULT, above->record, "net.gap", "boundary", RULE_TILING,
                     "%s“%s”在 %.6f,%.6f 处有%.0f平方米不属于任何%s（缝隙）；请把它划入相邻%s", level->above_label,
                     above->record->code, piece->lon, piece->lat, piece->area, level->label, level->label);
    locate(survey, finding, piece->lon, piece->lat);
  }
}

// same_cover: only grids of different kinds may share ground.
static bool same_cover(const struct registry_shape *a, const struct registry_shape *b) {
  if (a->record->body_case != WANGGE__V1__RECORD__BODY_GRID) return true;
  const Wangge__V1__GridKind dedicated = WANGGE__V1__GRID_KIND__GRID_KIND_DEDICATED;
  return (a->record->grid->kind == dedicated) == (b->record->grid->kind == dedicated);
}

static void check_overlap(struct registry_survey *survey, const struct level *level, const struct registry_shape *a,
                          const struct registry_shape *b) {
  if (!registry_shape_near(a, b) || !same_cover(a, b)) return;
  const struct registry_pieces pieces = registry_shape_common(survey, a, b);
  if (failed(survey, &pieces, a->record)) return;
  const bool nonsense = 2 * pieces.area > (a->area < b->area ? a->area : b->area);
  for (size_t i = 0; i < pieces.count && i < PIECES_TOLD; i++) {
    const struct registry_piece *piece = &pieces.piece[i];
    Wangge__V1__Finding *finding =
        REGISTRY_SAY(survey, nonsense ? REGISTRY_BLOCKS : REGISTRY_FAULT, a->record, "net.overlap", "boundary",
                     RULE_TILING, "%s“%s”与“%s”在 %.6f,%.6f 处重叠%.0f平方米；请把它只划给其中一个", level->label,
                     a->record->code, b->record->code, piece->lon, piece->lat, piece->area);
    locate(survey, finding, piece->lon, piece->lat);
  }
}

static struct registry_shape *above_of(struct registry_survey *survey, const struct level *level, const char *code) {
  char above[16];
  snprintf(above, sizeof above, "%.*s", level->digits, code);
  return registry_shape_find(survey, level->above, above);
}

static void check_level(struct registry_survey *survey, const struct level *level) {
  const struct registry_layer *layer = registry_plane_layer(survey, level->kind);
  const struct registry_layer *above = registry_plane_layer(survey, level->above);
  for (size_t i = 0; i < above->count; i++)
    check_gaps(survey, level, &above->shape[i]);
  for (size_t i = 0; i < layer->count; i++) {
    struct registry_shape *shape = &layer->shape[i];
    if (shape->state != REGISTRY_SHAPE_VALID) continue;
    struct registry_shape *parent = above_of(survey, level, shape->record->code);
    if (parent && registry_shape_read(survey, parent)) check_outside(survey, level, shape, parent, false);
    for (size_t k = i + 1; k < layer->count; k++) {
      if (layer->shape[k].state == REGISTRY_SHAPE_VALID) check_overlap(survey, level, shape, &layer->shape[k]);
    }
  }
}

// --- buildings and places ---
// grid_at gives the grid that a point lies in, a dedicated one rather than the basic one around it; NULL: none.
static const struct registry_shape *grid_at(struct registry_survey *survey, double lon, double lat) {
  const struct registry_layer *layer = registry_plane_layer(survey, REGISTRY_BODY(GRID));
  const struct registry_shape *found = NULL;
  for (size_t i = 0; i < layer->count; i++) {
    struct registry_shape *shape = &layer->shape[i];
    if (!registry_shape_read(survey, shape) || registry_shape_distance(survey, shape, lon, lat) > 0) continue;
    if (!found || shape->record->grid->kind == WANGGE__V1__GRID_KIND__GRID_KIND_DEDICATED) found = shape;
  }
  return found;
}

// distance_to gives how far a point lies outside an area; 0 too when its boundary is not known.
static double distance_to(struct registry_survey *survey, int kind, const char *code, double lon, double lat) {
  struct registry_shape *shape = registry_shape_find(survey, kind, code);
  if (!shape || !registry_shape_read(survey, shape)) return 0;
  return registry_shape_distance(survey, shape, lon, lat);
}

static void check_building(struct registry_survey *survey, const Wangge__V1__Record *record) {
  const Wangge__V1__Building *building = record->building;
  if (building->lon == 0 && building->lat == 0) return;
  const double distance = distance_to(survey, REGISTRY_BODY(GRID), building->grid, building->lon, building->lat);
  if (distance <= POINT_TOLERANCE) return;
  const struct registry_shape *lies_in = grid_at(survey, building->lon, building->lat);
  Wangge__V1__Finding *finding =
      REGISTRY_SAY(survey, REGISTRY_HINT, record, "outside_grid", "grid", RULE_PLACE,
                   "楼院“%s”的坐标在所属网格“%s”之外%.0f米，%s%s；请改坐标或所属网格", building->name, building->grid,
                   distance, lies_in ? "落在网格" : "不在任何网格内", lies_in ? lies_in->record->code : "");
  locate(survey, finding, building->lon, building->lat);
}

static void check_place(struct registry_survey *survey, const Wangge__V1__Record *record) {
  const Wangge__V1__Place *place = record->place;
  if (place->lon == 0 && place->lat == 0) return;
  const bool by_grid = place->n_grids > 0;
  if (!by_grid && !*place->community) return;
  double distance = by_grid ? 1e9 : 0;
  for (size_t i = 0; i < place->n_grids && distance > POINT_TOLERANCE; i++) {
    const double to = distance_to(survey, REGISTRY_BODY(GRID), place->grids[i], place->lon, place->lat);
    if (to < distance) distance = to;
  }
  if (!by_grid) distance = distance_to(survey, REGISTRY_BODY(COMMUNITY), place->community, place->lon, place->lat);
  if (distance <= POINT_TOLERANCE) return;
  Wangge__V1__Finding *finding =
      by_grid ? REGISTRY_SAY(survey, REGISTRY_HINT, record, "outside_grid", "grids", RULE_PLACE,
                             "地名“%s”的坐标离所列的%zu个网格最近的也有%.0f米；请改坐标或补网格", place->name,
                             place->n_grids, distance)
              : REGISTRY_SAY(survey, REGISTRY_HINT, record, "outside_community", "community", RULE_PLACE,
                             "地名“%s”的坐标在社区“%s”之外%.0f米；请改坐标或所属社区", place->name, place->community,
                             distance);
  locate(survey, finding, place->lon, place->lat);
}

static void check_points(struct registry_survey *survey) {
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(BUILDING));
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));)
    check_building(survey, record);
  walk = registry_each(survey, REGISTRY_BODY(PLACE));
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));)
    check_place(survey, record);
}

void registry_check_map(struct registry_survey *survey) {
  check_shapes(survey, REGISTRY_BODY(NET_DISTRICT), "区");
  for (int i = 0; i < LEVEL_COUNT; i++)
    check_shapes(survey, LEVELS[i].kind, LEVELS[i].label);
  for (int i = 0; i < LEVEL_COUNT; i++)
    check_level(survey, &LEVELS[i]);
  check_points(survey);
}

// --- what a Put changes ---
struct touched {
  struct registry_survey *survey;
  const struct registry_change *change; // of the district, in order of kinds and codes
  size_t count;
};

static const struct registry_change *change_of(const struct touched *touched, int kind, const char *code) {
  size_t low = 0, high = touched->count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    const struct registry_change *change = &touched->change[middle];
    const int body = (int)change->kind->body_case;
    const int order = body != kind ? (body > kind) - (body < kind) : strcmp(change->record->code, code);
    if (order == 0) return change;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return NULL;
}

// moved tells whether a change concerns the map.
static bool moved(const struct registry_change *change) {
  const Wangge__V1__Record *now = change->record, *before = change->before;
  if (now->deleted || !before) return *registry_boundary(now) != 0;
  if (now->body_case == WANGGE__V1__RECORD__BODY_GRID && now->grid->kind != before->grid->kind) return true;
  return strcmp(registry_boundary(now), registry_boundary(before)) != 0;
}

// parts_touched checks what lies in an area whose own boundary changed.
static void parts_touched(const struct touched *touched, const struct level *level,
                          const struct registry_change *change) {
  struct registry_survey *survey = touched->survey;
  struct registry_shape *above = registry_shape_find(survey, level->above, change->record->code);
  if (!above || !registry_shape_read(survey, above)) return;
  above->parts_seen = above->gaps_seen = true;
  check_gaps(survey, level, above);
  size_t count = 0;
  struct registry_shape *parts =
      registry_layer_range(registry_plane_layer(survey, level->kind), change->record->code, &count);
  for (size_t i = 0; i < count; i++) {
    if (!registry_shape_read(survey, &parts[i])) continue;
    const struct registry_change *own = change_of(touched, level->kind, parts[i].record->code);
    survey->findings->row = own ? own->row : change->row;
    check_outside(survey, level, &parts[i], above, own != NULL);
  }
}

// overlaps_touched checks an area against its neighbours; of two that changed, the first is told of the other.
static void overlaps_touched(const struct touched *touched, const struct level *level,
                             const struct registry_shape *shape) {
  const struct registry_layer *layer = registry_plane_layer(touched->survey, level->kind);
  for (size_t i = 0; i < layer->count; i++) {
    struct registry_shape *other = &layer->shape[i];
    if (other == shape || !registry_shape_read(touched->survey, other)) continue;
    const struct registry_change *own = other < shape ? change_of(touched, level->kind, other->record->code) : NULL;
    if (own && moved(own)) continue;
    check_overlap(touched->survey, level, shape, other);
  }
}

static void area_touched(const struct touched *touched, const struct level *level,
                         const struct registry_change *change) {
  struct registry_survey *survey = touched->survey;
  struct registry_shape *above = above_of(survey, level, change->record->code);
  struct registry_shape *shape = registry_shape_find(survey, level->kind, change->record->code);
  if (shape && registry_shape_read(survey, shape)) {
    overlaps_touched(touched, level, shape);
    if (above && !above->parts_seen && registry_shape_read(survey, above))
      check_outside(survey, level, shape, above, true);
  }
  if (!above || above->gaps_seen) return;
  above->gaps_seen = true;
  check_gaps(survey, level, above);
}

static void point_touched(struct registry_survey *survey, const struct registry_change *change) {
  if (change->record->deleted) return;
  if (change->kind->body_case == WANGGE__V1__RECORD__BODY_BUILDING) check_building(survey, change->record);
  if (change->kind->body_case == WANGGE__V1__RECORD__BODY_PLACE) check_place(survey, change->record);
}

void registry_check_map_touched(struct registry_survey *survey, const struct registry_change *change, size_t count) {
  const struct touched touched = {survey, change, count};
  for (int l = 0; l < LEVEL_COUNT; l++) {
    // The areas above first: what they say of an area below need not be said again.
    for (int below = 0; below < 2; below++) {
      const int kind = below ? LEVELS[l].kind : LEVELS[l].above;
      for (size_t i = 0; i < count; i++) {
        if ((int)change[i].kind->body_case != kind || !moved(&change[i])) continue;
        survey->findings->row = change[i].row;
        if (below) area_touched(&touched, &LEVELS[l], &change[i]);
        else if (!change[i].record->deleted) parts_touched(&touched, &LEVELS[l], &change[i]);
      }
    }
  }
  for (size_t i = 0; i < count; i++) {
    survey->findings->row = change[i].row;
    point_touched(survey, &change[i]);
  }
}

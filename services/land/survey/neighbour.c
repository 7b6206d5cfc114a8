// Neighbours of a parcel as its record has them (intake.h): computed, compared with the sheet, kept when signed.
#include "services/land/survey/intake.h"

#include "services/land/survey/measure.h"

#include <string.h>

static const Wangge__V1__NeighbourSide SIDES[] = {
    [LAND_SIDE_EAST] = WANGGE__V1__NEIGHBOUR_SIDE__NEIGHBOUR_SIDE_EAST,
    [LAND_SIDE_SOUTH] = WANGGE__V1__NEIGHBOUR_SIDE__NEIGHBOUR_SIDE_SOUTH,
    [LAND_SIDE_WEST] = WANGGE__V1__NEIGHBOUR_SIDE__NEIGHBOUR_SIDE_WEST,
    [LAND_SIDE_NORTH] = WANGGE__V1__NEIGHBOUR_SIDE__NEIGHBOUR_SIDE_NORTH,
};
static const Wangge__V1__NeighbourKind KINDS[] = {
    [LAND_BESIDE_UNKNOWN] = WANGGE__V1__NEIGHBOUR_KIND__NEIGHBOUR_KIND_UNKNOWN,
    [LAND_BESIDE_PARCEL] = WANGGE__V1__NEIGHBOUR_KIND__NEIGHBOUR_KIND_PARCEL,
    [LAND_BESIDE_ROAD] = WANGGE__V1__NEIGHBOUR_KIND__NEIGHBOUR_KIND_ROAD,
    [LAND_BESIDE_DITCH] = WANGGE__V1__NEIGHBOUR_KIND__NEIGHBOUR_KIND_DITCH,
    [LAND_BESIDE_RIVER] = WANGGE__V1__NEIGHBOUR_KIND__NEIGHBOUR_KIND_RIVER,
    [LAND_BESIDE_VILLAGE_EDGE] = WANGGE__V1__NEIGHBOUR_KIND__NEIGHBOUR_KIND_VILLAGE_EDGE,
};

static bool names_any(const char *text, const char *const *words) {
  for (; *words; words++)
    if (strstr(text, *words)) return true;
  return false;
}

// fits: what the sheet says of a direction names this neighbour, by its holder, its name or its kind.
static bool fits(const char *declared, enum land_beside beside, const Wangge__V1__Parcel *other) {
  static const char *const road[] = {"路", "道", "街", NULL}, *const ditch[] = {"沟", "渠", NULL};
  static const char *const river[] = {"河", "江", "溪", NULL}, *const edge[] = {"村", "界", NULL};
  if (other && *other->holder && strstr(declared, other->holder)) return true;
  if (other && *other->name && strstr(declared, other->name)) return true;
  switch (beside) {
  case LAND_BESIDE_ROAD:
    return names_any(declared, road);
  case LAND_BESIDE_DITCH:
    return names_any(declared, ditch);
  case LAND_BESIDE_RIVER:
    return names_any(declared, river);
  case LAND_BESIDE_VILLAGE_EDGE:
    return names_any(declared, edge);
  case LAND_BESIDE_PARCEL: // whose holder is not known: the sheet is all there is
    return other && !*other->holder;
  case LAND_BESIDE_UNKNOWN:
    return true;
  }
  return false;
}

static const char *declared_of(const Wangge__V1__ParcelInput *input, const Wangge__V1__Parcel *before,
                               enum land_side side) {
  if (input) {
    const char *texts[] = {input->declared_east, input->declared_south, input->declared_west, input->declared_north};
    if (*texts[side]) return texts[side];
  }
  for (size_t i = 0; i < before->n_neighbours; i++)
    if (before->neighbours[i]->side == SIDES[side] && *before->neighbours[i]->declared)
      return before->neighbours[i]->declared;
  return "";
}

static const Wangge__V1__Neighbour *known(const Wangge__V1__Parcel *before, const Wangge__V1__Neighbour *now) {
  for (size_t i = 0; i < before->n_neighbours; i++) {
    const Wangge__V1__Neighbour *then = before->neighbours[i];
    if (then->side == now->side && then->kind == now->kind && strcmp(then->parcel_id, now->parcel_id) == 0) return then;
  }
  return NULL;
}

static void keep_signature(const Wangge__V1__Neighbour *then, Wangge__V1__Neighbour *now) {
  bool signed_or_said = *then->signer || *then->note;
  if (!signed_or_said) return;
  now->verdict = then->verdict;
  now->signer = then->signer;
  now->signed_on = then->signed_on;
  now->doc = then->doc;
  now->note = then->note;
}

void land_neighbours_write(struct land_write *write, const struct land_fabric *fabric, size_t piece,
                           const struct land_site *site, const struct land_beside_parcel *pieces,
                           const Wangge__V1__ParcelInput *input, Wangge__V1__Parcel *parcel) {
  size_t count;
  struct land_neighbour *found = land_fabric_neighbours(fabric, piece, site->territory, write->arena, &count);
  Wangge__V1__Neighbour **rows = wg_arena_alloc(write->arena, (count + 1) * sizeof *rows);
  int32_t seq = 0;
  for (size_t i = 0; i < count; i++) {
    const struct land_beside_parcel *other = found[i].piece == SIZE_MAX ? NULL : &pieces[found[i].piece];
    Wangge__V1__Neighbour *row = rows[i] = wg_arena_alloc(write->arena, sizeof *row);
    wangge__v1__neighbour__init(row);
    seq = i > 0 && found[i].side == found[i - 1].side ? seq + 1 : 1;
    row->side = SIDES[found[i].side];
    row->seq = seq;
    row->kind = KINDS[found[i].beside];
    if (other) row->parcel_id = (char *)(uintptr_t)other->id;
    row->shared_dm = land_length_dm(found[i].length);
    row->declared = (char *)(uintptr_t)declared_of(input, parcel, found[i].side);
    row->verdict = *row->declared && !fits(row->declared, found[i].beside, other ? other->parcel : NULL)
                       ? WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_DIFFERS
                       : WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_UNSIGNED;
    const Wangge__V1__Neighbour *then = known(parcel, row);
    if (then) keep_signature(then, row);
  }
  parcel->neighbours = rows;
  parcel->n_neighbours = count;
}

// Splitting and merging: parcels end and others take their place, on the same ground (invariant 3 of land.md §2.6).
#include "services/land/survey/actions.h"
#include "services/land/survey/intake.h"

#include "services/land/survey/measure.h"

#include <math.h>
#include <string.h>

enum { PARTS_MOST = 100 };
#define NEW_BOUNDARY_WIDTH_M 0.02

// may_end: not while it is in dispute. Contracts on it are the contract topic's to keep: it names parcels in force.
static bool may_end(struct land_write *write, const char *id, const char *pointer) {
  const Wangge__V1__Parcel *parcel = LAND_GET(write, PARCEL, parcel, id);
  if (!parcel) {
    land_unknown(write, pointer, LAND_KIND(PARCEL), id);
    return false;
  }
  if (parcel->state != WANGGE__V1__PARCEL_STATE__PARCEL_STATE_DISPUTED && *parcel->geom) return true;
  land_refuse(write, (struct land_what){.code = "parcel.disputed",
                                        .pointer = pointer,
                                        .zh = land_text(write, "地块%s有争议，先解决争议。", id),
                                        .en = land_text(write, "Parcel %s is in dispute: settle it first.", id),
                                        .kind = LAND_KIND(PARCEL),
                                        .id = id});
  return false;
}

static void end_parcel(struct land_write *write, const char *id) {
  Wangge__V1__Parcel *parcel = land_change(write, LAND_KIND(PARCEL), id);
  parcel->state = WANGGE__V1__PARCEL_STATE__PARCEL_STATE_HISTORIC;
  land_end(write, LAND_KIND(PARCEL), id);
}

static GEOSGeometry *ground_of(struct land_write *write, const struct land_site *site, const char *id) {
  const Wangge__V1__Parcel *parcel = LAND_GET(write, PARCEL, parcel, id);
  struct land_outline *degrees = land_outline_parse(parcel->geom, write->arena);
  struct land_outline *plane = degrees ? land_outline_on_plane(site->plane, degrees, write->arena) : NULL;
  return plane ? land_polygon(land_geo(), plane) : NULL;
}

static double area_of(const GEOSGeometry *shape) {
  double area = 0;
  return shape && GEOSArea_r(land_geo()->geos, shape, &area) == 1 ? area : NAN;
}

static double length_of(const GEOSGeometry *shape) {
  double length = 0;
  return shape && GEOSLength_r(land_geo()->geos, shape, &length) == 1 ? length : NAN;
}

static void inherit(struct land_candidate *part, const Wangge__V1__Parcel *from, char **parents, size_t parent_count) {
  Wangge__V1__Parcel *parcel = part->parcel;
  parcel->parents = parents;
  parcel->n_parents = parent_count;
  if (!parcel->land_class) parcel->land_class = from->land_class;
  if (!parcel->ownership) parcel->ownership = from->ownership;
  if (!*parcel->holder) parcel->holder = from->holder;
  if (from->basic_farmland) parcel->basic_farmland = true; // a line on a map does not end protection
}

static void check_ids(struct land_write *write, struct land_candidate *parts, size_t count) {
  for (size_t i = 0; i < count; i++) {
    bool known = land_last(write, LAND_KIND(PARCEL), parts[i].input->id) != NULL;
    for (size_t k = 0; k < i; k++)
      known |= strcmp(parts[k].input->id, parts[i].input->id) == 0;
    if (!known) continue;
    land_fault(&parts[i].faults, "parcel.exists", "/id", "编号已用过，新地块要用新编号。",
               "The id is or was another parcel's; a new parcel takes a new one.")
        ->status = WG_ALREADY_EXISTS;
  }
}

// check_ground: together the parts are the parent's ground, and its area, within the width of the new boundary.
static void check_ground(struct land_write *write, const GEOSGeometry *parent, struct land_candidate *parts,
                         size_t count) {
  struct land_geo *geo = land_geo();
  double sum = 0, perimeters = 0, beyond = 0;
  for (size_t i = 0; i < count; i++) {
    if (!parts[i].drawing.plane || parts[i].faults.error) return;
    GEOSGeometry *part = land_polygon(geo, parts[i].drawing.plane);
    GEOSGeometry *outside = part ? GEOSDifference_r(geo->geos, part, parent) : NULL;
    sum += area_of(part);
    perimeters += length_of(part);
    beyond += area_of(outside);
    GEOSGeom_destroy_r(geo->geos, outside);
    GEOSGeom_destroy_r(geo->geos, part);
  }
  double fresh = fmax((perimeters - length_of(parent)) / 2, 0); // each new line bounds two parts
  double allowed = NEW_BOUNDARY_WIDTH_M * fresh + 0.01, difference = sum - area_of(parent);
  if (!(fabs(difference) <= allowed))
    land_refuse(write,
                (struct land_what){
                    .code = "lineage.area",
                    .pointer = "/parts",
                    .zh = land_text(write, "分割前后面积相差%.2f平方米，超过容许值%.2f平方米（0.02米×新界线长）。",
                                    difference, allowed),
                    .en = land_text(write, "The parts differ from the parcel by %.2f m²; %.2f m² are allowed.",
                                    difference, allowed)});
  if (!(beyond <= allowed))
    land_refuse(write,
                (struct land_what){.code = "lineage.outside",
                                   .pointer = "/parts",
                                   .zh = land_text(write, "分割后的地块有%.2f平方米在原地块之外。", beyond),
                                   .en = land_text(write, "The parts reach %.2f m² beyond the parcel.", beyond)});
}

static void write_parts(struct land_write *write, const char *const *ended, struct land_candidate *parts,
                        size_t count) {
  for (; *ended; ended++)
    end_parcel(write, *ended);
  for (size_t i = 0; i < count; i++)
    land_candidate_write(write, &parts[i]);
}

static wg_status split(struct land_write *write, const struct land_site *site,
                       const Wangge__V1__SplitParcelRequest *request, struct wg_error *error) {
  struct land_geo *geo = land_geo();
  const Wangge__V1__Parcel *parent = LAND_GET(write, PARCEL, parcel, request->parcel_id);
  struct land_candidate *parts = wg_arena_zalloc(write->arena, request->n_parts * sizeof *parts);
  char **parents = wg_arena_alloc(write->arena, sizeof *parents);
  *parents = request->parcel_id;
  for (size_t i = 0; i < request->n_parts; i++) {
    Wangge__V1__ParcelInput *input = request->parts[i];
    if (!input->land_class) input->land_class = parent->land_class;
    parts[i].input = input;
    parts[i].pointer = land_text(write, "/parts/%zu", i);
    land_candidate_read(write, site, NULL, &parts[i]);
    inherit(&parts[i], parent, parents, 1);
  }
  check_ids(write, parts, request->n_parts);
  GEOSGeometry *ground = ground_of(write, site, request->parcel_id);
  check_ground(write, ground, parts, request->n_parts);
  GEOSGeom_destroy_r(geo->geos, ground);
  const char *gone[] = {request->parcel_id, NULL};
  wg_status status = land_candidates_settle(write, site, parts, request->n_parts, gone, error);
  if (status != WG_OK) return status;
  land_candidates_tell(write, parts, request->n_parts, false);
  if (!write->refused) write_parts(write, gone, parts, request->n_parts);
  return WG_OK;
}

wg_status land_split_parcel(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__SplitParcelRequest *request = (const void *)write->request;
  if (request->n_parts < 2 || request->n_parts > PARTS_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "parts", "2 to %d", PARTS_MOST);
  if (!may_end(write, request->parcel_id, "/parcel_id")) return WG_OK;
  struct land_site site;
  wg_status status = land_site_open(write, request->survey_task, &site, error);
  if (status == WG_OK && !write->refused) status = split(write, &site, request, error);
  land_site_close(&site);
  return status;
}

// --- merging ---
// union_of gives the WKT of the union in degrees; NULL and a finding when it is not one piece.
static const char *union_of(struct land_write *write, const struct land_site *site,
                            const Wangge__V1__MergeParcelsRequest *request) {
  struct land_geo *geo = land_geo();
  GEOSGeometry *all = NULL;
  for (size_t i = 0; i < request->n_parcel_ids; i++) {
    GEOSGeometry *next = ground_of(write, site, request->parcel_ids[i]);
    GEOSGeometry *joined = all && next ? GEOSUnion_r(geo->geos, all, next) : NULL;
    if (!all) {
      all = next;
      continue;
    }
    GEOSGeom_destroy_r(geo->geos, all);
    GEOSGeom_destroy_r(geo->geos, next);
    all = joined;
  }
  struct land_outline *outline = NULL;
  if (all && GEOSGeomTypeId_r(geo->geos, all) == GEOS_POLYGON) outline = land_outline_of(geo, all, write->arena);
  GEOSGeom_destroy_r(geo->geos, all);
  for (size_t r = 0; outline && r < outline->count; r++)
    if (!land_plane_to_degrees(site->plane, outline->ring[r].point, outline->ring[r].count)) outline = NULL;
  if (outline) return land_outline_write(outline, write->arena);
  land_refuse(write, (struct land_what){.code = "lineage.apart",
                                        .pointer = "/parcel_ids",
                                        .zh = "要合并的地块不相连，合并后不是一块。",
                                        .en = "The parcels do not touch: together they are not one."});
  return NULL;
}

static wg_status merge(struct land_write *write, struct land_site *site, const Wangge__V1__MergeParcelsRequest *request,
                       struct wg_error *error) {
  const Wangge__V1__Parcel *first = LAND_GET(write, PARCEL, parcel, request->parcel_ids[0]);
  const char *wkt = union_of(write, site, request);
  if (!wkt) return WG_OK;
  // What is merged was surveyed before: its coordinates are the ledger's.
  Wangge__V1__SurveyTask *stored = wg_arena_alloc(write->arena, sizeof *stored);
  wangge__v1__survey_task__init(stored);
  stored->source_epsg = 4490;
  stored->datum = WANGGE__V1__DATUM__DATUM_CGCS2000;
  site->task = stored;
  site->task_id = first->survey_task;
  site->system = land_system(4490);
  Wangge__V1__ParcelInput *input = wg_arena_alloc(write->arena, sizeof *input);
  *input = *request->merged;
  input->geometry = (char *)(uintptr_t)wkt;
  if (!input->land_class) input->land_class = first->land_class;
  struct land_candidate row = {.input = input, .pointer = "/merged"};
  land_candidate_read(write, site, NULL, &row);
  const char **gone = wg_arena_zalloc(write->arena, (request->n_parcel_ids + 1) * sizeof *gone);
  for (size_t i = 0; i < request->n_parcel_ids; i++) {
    gone[i] = request->parcel_ids[i];
    inherit(&row, LAND_GET(write, PARCEL, parcel, gone[i]), request->parcel_ids, request->n_parcel_ids);
  }
  check_ids(write, &row, 1);
  wg_status status = land_candidates_settle(write, site, &row, 1, gone, error);
  if (status != WG_OK) return status;
  land_candidates_tell(write, &row, 1, false);
  if (!write->refused) write_parts(write, gone, &row, 1);
  return WG_OK;
}

wg_status land_merge_parcels(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__MergeParcelsRequest *request = (const void *)write->request;
  if (request->n_parcel_ids < 2 || request->n_parcel_ids > PARTS_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "parcel_ids", "2 to %d", PARTS_MOST);
  if (!request->merged) return wg_fail(error, WG_INVALID_ARGUMENT, "merged", "must be given");
  for (size_t i = 0; i < request->n_parcel_ids; i++) {
    const char *pointer = land_text(write, "/parcel_ids/%zu", i);
    for (size_t k = 0; k < i; k++)
      if (strcmp(request->parcel_ids[i], request->parcel_ids[k]) == 0)
        return wg_fail(error, WG_INVALID_ARGUMENT, "parcel_ids", "%s is there twice", request->parcel_ids[i]);
    may_end(write, request->parcel_ids[i], pointer);
  }
  if (write->refused) return WG_OK;
  struct land_site site;
  wg_status status = land_site_open(write, NULL, &site, error);
  if (status == WG_OK && !write->refused) status = merge(write, &site, request, error);
  land_site_close(&site);
  return status;
}

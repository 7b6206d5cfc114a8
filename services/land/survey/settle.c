// Candidates against the village and each other (intake.h).
#include "services/land/survey/intake.h"

#include "services/land/survey/land_class.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIGHT_DEGREES 0.0003 // 20 m and more: as far as a boundary looks for neighbours
#define DATUM_LEAST_M 100.0
#define OVERLAP_BASE_M2 0.01 // invariant 2 of land.md §2.6
#define OVERLAP_WIDTH_M 0.02

struct beside { // a parcel in force near the candidates
  const char *id;
  const Wangge__V1__Parcel *parcel;
  size_t piece;
  bool adjoins; // its neighbours are computed anew
};
struct settling {
  struct land_write *write;
  const struct land_site *site;
  struct land_candidate *candidates;
  size_t count;
  struct beside *beside;
  size_t beside_count;
  struct land_fabric *fabric;
  struct land_beside_parcel *pieces; // by number of the piece
  size_t laid;                       // candidates in it, whose pieces come first, in their order
};

static bool takes_part(const struct land_candidate *candidate) {
  return candidate->drawing.plane && !candidate->faults.error;
}

static struct land_box box_of(const Wangge__V1__Parcel *parcel) {
  return (struct land_box){parcel->west, parcel->south, parcel->east, parcel->north};
}

static void widen(struct land_box *box, struct land_box by) {
  *box = (struct land_box){fmin(box->west, by.west), fmin(box->south, by.south), fmax(box->east, by.east),
                           fmax(box->north, by.north)};
}

// --- boundary and datum ---
static void say_datum(struct settling *settling, enum land_datum datum) {
  bool gcj = datum == LAND_DATUM_GCJ02;
  land_refuse(
      settling->write,
      (struct land_what){
          .code = gcj ? "datum.gcj02" : "datum.bd09",
          .status = WG_INVALID_ARGUMENT,
          .pointer = "/survey_task",
          .zh = land_text(settling->write,
                          "坐标像是%s（国内公共地图的偏移坐标）：还原后95%%以上的点落在本村界内。请核实来源，"
                          "确认后把调查任务的坐标基准改为%s再导入。",
                          gcj ? "GCJ-02" : "BD-09", gcj ? "gcj02" : "bd09"),
          .en = land_text(settling->write,
                          "Coordinates look like %s, the shifted ones of public maps: taken back, 95 %% of the points "
                          "lie in the village. If so, set the task's datum to %s and import again.",
                          gcj ? "GCJ-02" : "BD-09", gcj ? "gcj02" : "bd09"),
          .suggestion = gcj ? "gcj02" : "bd09"});
}

static void check_boundary(struct settling *settling) {
  const struct land_site *site = settling->site;
  struct wg_arena *arena = settling->write->arena;
  struct land_outside *outside = wg_arena_zalloc(arena, (settling->count + 1) * sizeof *outside);
  struct land_outline **drawn = wg_arena_alloc(arena, (settling->count + 1) * sizeof *drawn);
  size_t drawn_count = 0, outside_count = 0;
  double farthest = 0;
  for (size_t i = 0; i < settling->count; i++) {
    struct land_candidate *candidate = &settling->candidates[i];
    if (!takes_part(candidate)) continue;
    drawn[drawn_count++] = candidate->drawing.degrees;
    outside[i] = land_territory_outside(site->territory, candidate->drawing.plane, arena);
    if (outside[i].area <= 0) continue;
    outside_count++;
    farthest = fmax(farthest, outside[i].distance);
  }
  if (outside_count == 0) return;
  // A datum moves by hundreds of metres; what reaches over the boundary by less is drawn so.
  enum land_datum datum =
      farthest < DATUM_LEAST_M ? LAND_DATUM_AS_GIVEN : land_datum_guess(drawn, drawn_count, site->territory);
  if (datum != LAND_DATUM_AS_GIVEN) {
    say_datum(settling, datum);
    return;
  }
  for (size_t i = 0; i < settling->count; i++) {
    if (outside[i].area <= 0) continue;
    bool far = outside[i].distance > 10;
    struct land_fault *fault = land_fault(
        &settling->candidates[i].faults, "boundary.outside", "/geometry",
        wg_arena_printf(arena, "有%.1f平方米在村界之外，最远%.1f米。%s", outside[i].area, outside[i].distance,
                        far ? "超过10米，须先更正村界或核对坐标系。" : "请核对界址点。"),
        wg_arena_printf(arena, "%.1f m² lie outside the village, up to %.1f m.%s", outside[i].area, outside[i].distance,
                        far ? " More than 10 m: the village's boundary must be corrected first." : ""));
    fault->geojson = outside[i].geojson;
  }
}

// --- laying out ---
static bool is_gone(const char *const *gone, const char *id) {
  for (; gone && *gone; gone++)
    if (strcmp(*gone, id) == 0) return true;
  return false;
}

static bool is_candidate(const struct settling *settling, const char *id) { // candidates are in order of ids
  size_t low = 0, high = settling->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    int order = strcmp(settling->candidates[middle].input->id, id);
    if (order == 0) return true;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return false;
}

// find_beside lists the parcels in force that lie near the candidates, and those near them, which their neighbours
// need.
static void find_beside(struct settling *settling, const char *const *gone) {
  struct land_write *write = settling->write;
  struct land_box box = {INFINITY, INFINITY, -INFINITY, -INFINITY};
  for (size_t i = 0; i < settling->count; i++)
    if (takes_part(&settling->candidates[i])) widen(&box, box_of(settling->candidates[i].parcel));
  size_t room = wg_book_count(write->book, write->write->village, LAND_KIND(PARCEL));
  settling->beside = wg_arena_zalloc(write->arena, (room + 1) * sizeof *settling->beside);
  struct land_box around = box;
  struct wg_book_walk near = land_each(write, LAND_KIND(PARCEL));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&near));)
    if (*record->parcel->geom && land_box_meet(box_of(record->parcel), box, SIGHT_DEGREES))
      widen(&around, box_of(record->parcel));
  struct wg_book_walk walk = land_each(write, LAND_KIND(PARCEL));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    const Wangge__V1__Parcel *parcel = record->parcel;
    if (!*parcel->geom || !land_box_meet(box_of(parcel), around, SIGHT_DEGREES) || is_gone(gone, record->id) ||
        is_candidate(settling, record->id))
      continue;
    settling->beside[settling->beside_count++] =
        (struct beside){record->id, parcel, SIZE_MAX, land_box_meet(box_of(parcel), box, SIGHT_DEGREES)};
  }
}

static size_t lay(struct settling *settling, const char *id, const Wangge__V1__Parcel *parcel,
                  const struct land_outline *plane, bool fresh) {
  const Wangge__V1__LandClass *of = parcel->land_class;
  struct land_piece piece = {.id = id,
                             .plane = plane,
                             .feature = of ? land_class_feature(of->standard, of->code) : LAND_FEATURE_PARCEL,
                             .layer = (enum land_layer)(parcel->layer - 1),
                             .fresh = fresh};
  size_t number = land_fabric_add(settling->fabric, piece);
  settling->pieces[number] = (struct land_beside_parcel){id, parcel};
  return number;
}

static wg_status lay_out(struct settling *settling, struct wg_error *error) {
  struct wg_arena *arena = settling->write->arena;
  settling->fabric = land_fabric_create();
  settling->pieces = wg_arena_alloc(arena, (settling->count + settling->beside_count + 1) * sizeof *settling->pieces);
  for (size_t i = 0; i < settling->count; i++) {
    struct land_candidate *candidate = &settling->candidates[i];
    candidate->piece = SIZE_MAX;
    if (takes_part(candidate))
      candidate->piece = lay(settling, candidate->input->id, candidate->parcel, candidate->drawing.plane, true);
    settling->laid += candidate->piece != SIZE_MAX;
  }
  for (size_t i = 0; i < settling->beside_count; i++) {
    struct beside *beside = &settling->beside[i];
    struct land_outline *degrees = land_outline_parse(beside->parcel->geom, arena);
    struct land_outline *plane = degrees ? land_outline_on_plane(settling->site->plane, degrees, arena) : NULL;
    if (!plane)
      return wg_fail(error, WG_INTERNAL, "parcel", "parcel %s of the ledger cannot be laid out on the plane",
                     beside->id);
    beside->piece = lay(settling, beside->id, beside->parcel, plane, beside->adjoins);
  }
  land_fabric_join(settling->fabric);
  return WG_OK;
}

// --- what is found ---
static struct land_candidate *candidate_of(const struct settling *settling, size_t piece) {
  if (piece >= settling->laid) return NULL;
  size_t low = 0,
         high = settling->count; // those that take no part have none: their place is found by the next that has
  while (low < high) {
    size_t middle = (low + high) / 2, at = middle;
    while (at < high && settling->candidates[at].piece == SIZE_MAX)
      at++;
    if (at < high && settling->candidates[at].piece == piece) return &settling->candidates[at];
    if (at < high && settling->candidates[at].piece < piece) low = at + 1;
    else high = middle;
  }
  return NULL;
}

static const char *in_degrees(const struct settling *settling, struct land_outline *plane) {
  for (size_t r = 0; plane && r < plane->count; r++)
    if (!land_plane_to_degrees(settling->site->plane, plane->ring[r].point, plane->ring[r].count)) return NULL;
  return plane ? land_outline_geojson(plane, settling->write->arena) : NULL;
}

static void say_overlap(struct settling *settling, struct land_candidate *row, const char *other,
                        const struct land_pair *pair, const char *geojson) {
  if (!row) return;
  struct wg_arena *arena = settling->write->arena;
  struct land_fault *fault =
      land_fault(&row->faults, "overlap.parcel", "/geometry",
                 wg_arena_printf(arena, "与地块%s重叠%.2f平方米，超过容许值%.2f平方米。", other, pair->overlap,
                                 OVERLAP_BASE_M2 + OVERLAP_WIDTH_M * land_pair_shared(pair)),
                 wg_arena_printf(arena, "Overlaps parcel %s by %.2f m²; %.2f m² are allowed.", other, pair->overlap,
                                 OVERLAP_BASE_M2 + OVERLAP_WIDTH_M * land_pair_shared(pair)));
  fault->status = WG_FAILED_PRECONDITION;
  fault->geojson = geojson;
}

static void check_overlaps(struct settling *settling) {
  size_t count;
  const struct land_pair *pairs = land_fabric_pairs(settling->fabric, &count);
  for (size_t i = 0; i < count; i++) {
    if (land_pair_excess(settling->fabric, &pairs[i], OVERLAP_BASE_M2, OVERLAP_WIDTH_M) <= 0) continue;
    struct land_candidate *a = candidate_of(settling, pairs[i].a), *b = candidate_of(settling, pairs[i].b);
    if (!a && !b) continue; // both stand, and were let stand
    const char *geojson = in_degrees(settling, land_pair_overlap(settling->fabric, &pairs[i], settling->write->arena));
    say_overlap(settling, a, settling->pieces[pairs[i].b].id, &pairs[i], geojson);
    say_overlap(settling, b, settling->pieces[pairs[i].a].id, &pairs[i], geojson);
  }
}

static void flag_sliver(struct settling *settling, struct land_candidate *row, const struct land_gap *gap,
                        const char *geojson) {
  struct wg_arena *arena = settling->write->arena;
  const char *zh = wg_arena_printf(arena, "旁边有狭长缝隙：%.2f平方米，平均宽%.2f米；请核对界址点或说明原因。",
                                   gap->area, gap->mean_width);
  struct land_fault *fault =
      land_remark(&row->faults, WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_WARNING, "overlap.sliver_gap", "/geometry", zh,
                  wg_arena_printf(arena, "A sliver is left beside it: %.2f m², %.2f m wide; mend it or explain it.",
                                  gap->area, gap->mean_width));
  fault->geojson = geojson;
  land_flag_set(row->parcel, "overlap.sliver_gap", zh, arena);
}

static void check_slivers(struct settling *settling) {
  size_t count;
  struct land_gap *gaps = land_fabric_gaps(settling->fabric, settling->write->arena, &count);
  for (size_t i = 0; i < settling->count; i++)
    land_flag_drop(settling->candidates[i].parcel, "overlap.sliver_gap");
  for (size_t i = 0; i < count; i++) {
    if (!gaps[i].sliver) continue;
    const char *geojson = in_degrees(settling, gaps[i].plane);
    for (size_t k = 0; k < gaps[i].around_count; k++) {
      struct land_candidate *row = candidate_of(settling, gaps[i].around[k]);
      if (row) flag_sliver(settling, row, &gaps[i], geojson);
    }
  }
}

static bool may_follow(const Wangge__V1__Parcel *parcel) {
  return parcel->state == WANGGE__V1__PARCEL_STATE__PARCEL_STATE_DRAFT ||
         parcel->state == WANGGE__V1__PARCEL_STATE__PARCEL_STATE_SURVEYED;
}

static bool same_neighbours(const Wangge__V1__Parcel *a, const Wangge__V1__Parcel *b) {
  if (a->n_neighbours != b->n_neighbours) return false;
  for (size_t i = 0; i < a->n_neighbours; i++) {
    const Wangge__V1__Neighbour *x = a->neighbours[i], *y = b->neighbours[i];
    if (x->side != y->side || x->kind != y->kind || x->shared_dm != y->shared_dm ||
        strcmp(x->parcel_id, y->parcel_id) != 0)
      return false;
  }
  return true;
}

static void write_neighbours(struct settling *settling) {
  for (size_t i = 0; i < settling->count; i++) {
    struct land_candidate *row = &settling->candidates[i];
    if (row->piece != SIZE_MAX && takes_part(row))
      land_neighbours_write(settling->write, settling->fabric, row->piece, settling->site, settling->pieces, row->input,
                            row->parcel);
  }
  for (size_t i = 0; i < settling->beside_count && !settling->write->refused; i++) {
    struct beside *beside = &settling->beside[i];
    if (!beside->adjoins || !may_follow(beside->parcel)) continue;
    Wangge__V1__Parcel after = *beside->parcel;
    land_neighbours_write(settling->write, settling->fabric, beside->piece, settling->site, settling->pieces, NULL,
                          &after);
    if (same_neighbours(beside->parcel, &after)) continue;
    Wangge__V1__Parcel *next = land_change(settling->write, LAND_KIND(PARCEL), beside->id);
    *next = *land_parcel_copy(&after, settling->write->arena);
  }
}

wg_status land_candidates_settle(struct land_write *write, const struct land_site *site,
                                 struct land_candidate *candidates, size_t count, const char *const *gone,
                                 struct wg_error *error) {
  struct settling settling = {.write = write, .site = site, .candidates = candidates, .count = count};
  if (site->territory) check_boundary(&settling);
  find_beside(&settling, gone);
  wg_status status = lay_out(&settling, error);
  if (status == WG_OK) {
    check_overlaps(&settling);
    check_slivers(&settling);
    bool faulty = write->refused;
    for (size_t i = 0; i < count; i++)
      faulty |= candidates[i].faults.error;
    if (!faulty) write_neighbours(&settling);
  }
  land_fabric_destroy(settling.fabric);
  return status;
}

// --- findings ---
static void tell(struct land_write *write, const struct land_fault *fault, bool as_warning, const char *id) {
  bool error = fault->severity == WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_ERROR;
  land_find(write, (struct land_what){
                       .code = fault->code,
                       .severity = error && as_warning ? WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_WARNING
                                                       : (int)fault->severity,
                       .status = (int)fault->status,
                       .pointer = fault->pointer,
                       .zh = fault->zh,
                       .en = fault->en,
                       .geojson = fault->geojson,
                       .suggestion = fault->suggestion,
                       .rule = fault->rule,
                       .kind = LAND_KIND(PARCEL),
                       .id = id,
                   });
}

// Errors come first, so that the warnings of a large file do not keep them from being told.
static size_t tell_some(struct land_write *write, const struct land_candidate *candidates, size_t count, bool errors,
                        bool as_warning, size_t total) {
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < candidates[i].faults.count; k++) {
      const struct land_fault *fault = &candidates[i].faults.fault[k];
      bool is_error = fault->severity == WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_ERROR;
      if (is_error == errors && total++ < LAND_FINDINGS) tell(write, fault, as_warning, candidates[i].input->id);
    }
  return total;
}

void land_candidates_tell(struct land_write *write, struct land_candidate *candidates, size_t count, bool as_warning) {
  size_t total = tell_some(write, candidates, count, true, as_warning, 0);
  total = tell_some(write, candidates, count, false, as_warning, total);
  if (total <= LAND_FINDINGS) return;
  land_find(write, (struct land_what){
                       .code = "import.more_findings",
                       .severity = WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_NOTE,
                       .zh = land_text(write, "共有%zu条，只列出前%d条。", total, (int)LAND_FINDINGS),
                       .en = land_text(write, "%zu in all; the first %d are shown.", total, (int)LAND_FINDINGS),
                   });
}

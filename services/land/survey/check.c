#include "services/land/survey/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CLOSE_M 0.01                    // rings open by no more are closed
#define SPIKE_COSINE 0.9998476951563913 // of 1 degree
#define LEAST_AREA_M2 1.0

bool land_drawing_make(struct land_drawing *drawing, const struct land_outline *given, struct land_plane *from,
                       struct land_plane *plane, struct wg_arena *arena, struct land_faults *faults) {
  drawing->degrees = land_outline_copy(given, arena);
  for (size_t r = 0; r < given->count; r++) {
    struct land_ring *ring = &drawing->degrees->ring[r];
    if (from && !land_plane_to_degrees(from, ring->point, ring->count)) goto beyond;
    for (size_t i = 0; i < ring->count; i++) {
      ring->point[i].x = round(ring->point[i].x * 1e9) / 1e9;
      ring->point[i].y = round(ring->point[i].y * 1e9) / 1e9;
    }
  }
  drawing->plane = land_outline_on_plane(plane, drawing->degrees, arena);
  if (drawing->plane) return true;
beyond:
  land_fault(faults, "crs.out_of_china", "/geometry", "有坐标超出本村平面坐标系可表示的范围，请核对坐标系。",
             "A coordinate is beyond what the village's plane can show; check the coordinate system.");
  return false;
}

struct check {
  struct land_drawing *drawing;
  struct wg_arena *arena;
  struct land_faults *faults;
};

static const char *ring_pointer(const struct check *check, size_t ring) {
  return ring == 0 ? "/geometry" : wg_arena_printf(check->arena, "/geometry/%zu", ring);
}

static void show(const struct check *check, struct land_fault *fault, size_t ring, size_t point) {
  fault->geojson = land_point_geojson(check->drawing->degrees->ring[ring].point[point], check->arena);
}

static bool same(struct land_point a, struct land_point b) {
  return fabs(a.x - b.x) < 0.0005 && fabs(a.y - b.y) < 0.0005; // both are rounded to mm
}

static void remove_points(struct land_ring *ring, const bool *gone) {
  size_t kept = 0;
  for (size_t i = 0; i < ring->count; i++)
    if (!gone[i]) ring->point[kept++] = ring->point[i];
  ring->count = kept;
}

// close_ring makes the last point the first again.
static bool close_ring(struct check *check, size_t r) {
  struct land_ring *ring = &check->drawing->plane->ring[r], *degrees = &check->drawing->degrees->ring[r];
  size_t last = ring->count - 1;
  double gap = hypot(ring->point[last].x - ring->point[0].x, ring->point[last].y - ring->point[0].y);
  bool exact = degrees->point[last].x == degrees->point[0].x && degrees->point[last].y == degrees->point[0].y;
  if (gap > CLOSE_M) {
    struct land_fault *fault =
        land_fault(check->faults, "geometry.unclosed", ring_pointer(check, r),
                   wg_arena_printf(check->arena, "环没有闭合：首尾两点相距%.2f米；首尾应是同一点。", gap),
                   wg_arena_printf(check->arena, "The ring is not closed: its ends are %.2f m apart.", gap));
    show(check, fault, r, last);
    return false;
  }
  if (!exact) {
    struct land_fault *note =
        land_remark(check->faults, WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_NOTE, "geometry.closed",
                    ring_pointer(check, r), wg_arena_printf(check->arena, "环的首尾相距%.0f毫米，已闭合。", gap * 1000),
                    wg_arena_printf(check->arena, "The ring's ends were %.0f mm apart and were joined.", gap * 1000));
    show(check, note, r, last);
  }
  ring->point[last] = ring->point[0];
  degrees->point[last] = degrees->point[0];
  return true;
}

static void drop_duplicates(struct check *check, size_t r) {
  struct land_ring *ring = &check->drawing->plane->ring[r], *degrees = &check->drawing->degrees->ring[r];
  bool *gone = wg_arena_zalloc(check->arena, ring->count);
  size_t dropped = 0, place = 0, last = 0; // last: newest point that stays
  for (size_t i = 1; i < ring->count; i++) {
    bool closing = i + 1 == ring->count;
    if (!same(ring->point[i], ring->point[last])) {
      last = i;
      continue;
    }
    if (closing && last == 0) break; // all points are the same: what is left is too few
    place = closing ? last : i;      // the point that closes the ring stays, the one before it goes
    gone[place] = true;
    dropped++;
  }
  if (dropped == 0) return;
  struct land_fault *note =
      land_remark(check->faults, WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_NOTE, "geometry.duplicate_points",
                  ring_pointer(check, r), wg_arena_printf(check->arena, "去掉了%zu个重复的点。", dropped),
                  wg_arena_printf(check->arena, "%zu repeated points were dropped.", dropped));
  show(check, note, r, place);
  remove_points(ring, gone);
  remove_points(degrees, gone);
}

static bool no_spikes(struct check *check, size_t r) {
  const struct land_ring *ring = &check->drawing->plane->ring[r];
  size_t corners = ring->count - 1;
  for (size_t i = 0; i < corners; i++) {
    struct land_point at = ring->point[i], before = ring->point[(i + corners - 1) % corners],
                      after = ring->point[i + 1];
    double ax = before.x - at.x, ay = before.y - at.y, bx = after.x - at.x, by = after.y - at.y;
    if (ax * bx + ay * by <= SPIKE_COSINE * hypot(ax, ay) * hypot(bx, by)) continue;
    struct land_fault *fault =
        land_fault(check->faults, "geometry.spike", ring_pointer(check, r),
                   wg_arena_printf(check->arena, "第%zu个点处有小于1°的尖刺，请删去或改正该点。", i + 1),
                   wg_arena_printf(check->arena, "A spike of less than 1 degree at point %zu; correct it.", i + 1));
    show(check, fault, r, i);
    return false;
  }
  return true;
}

// is_line: no point lies off the line from the first point to the one farthest from it.
static bool is_line(const struct land_ring *ring) {
  struct land_point first = ring->point[0], far = first;
  for (size_t i = 1; i < ring->count; i++)
    if (hypot(ring->point[i].x - first.x, ring->point[i].y - first.y) > hypot(far.x - first.x, far.y - first.y))
      far = ring->point[i];
  double length = hypot(far.x - first.x, far.y - first.y);
  for (size_t i = 1; i < ring->count; i++) {
    double off = (far.x - first.x) * (ring->point[i].y - first.y) - (far.y - first.y) * (ring->point[i].x - first.x);
    if (fabs(off) > 0.001 * length) return false;
  }
  return true;
}

static bool has_area(struct check *check) {
  double area = land_outline_area(check->drawing->plane);
  if (area >= LEAST_AREA_M2) return true;
  show(check,
       land_fault(check->faults, "geometry.too_small", "/geometry",
                  wg_arena_printf(check->arena, "面积只有%.2f平方米，地块至少应有1平方米；请核对坐标单位。", area),
                  wg_arena_printf(check->arena, "The area is %.2f m²; a parcel has at least 1 m².", area)),
       0, 0);
  return false;
}

static void reverse(struct land_ring *ring) {
  for (size_t low = 0, high = ring->count - 1; low < high; low++, high--) {
    struct land_point held = ring->point[low];
    ring->point[low] = ring->point[high];
    ring->point[high] = held;
  }
}

static bool check_ring(struct check *check, size_t r) {
  struct land_ring *ring = &check->drawing->plane->ring[r], *degrees = &check->drawing->degrees->ring[r];
  bool few = ring->count < 3;
  if (!few) {
    if (!close_ring(check, r)) return false;
    drop_duplicates(check, r);
  }
  if (few || ring->count < 4) {
    bool line = !few && ring->count == 3;
    land_fault(check->faults, line ? "geometry.zero_area" : "geometry.too_few_points", ring_pointer(check, r),
               "一个环至少要有3个不同的点。", "A ring has at least 3 different points.");
    return false;
  }
  if (is_line(ring)) {
    show(check,
         land_fault(check->faults, "geometry.zero_area", ring_pointer(check, r), "图形没有面积，各点在一条线上。",
                    "The geometry has no area: its points lie on a line."),
         r, 0);
    return false;
  }
  if (!no_spikes(check, r)) return false;
  if ((land_ring_area(ring) > 0) != (r == 0)) {
    reverse(ring);
    reverse(degrees);
  }
  return true;
}

static void show_place(const struct check *check, struct land_fault *fault, struct land_plane *plane,
                       const GEOSGeometry *where) {
  struct land_geo *geo = land_geo();
  struct land_point place;
  if (!where || GEOSGeomGetX_r(geo->geos, where, &place.x) != 1 || GEOSGeomGetY_r(geo->geos, where, &place.y) != 1 ||
      !land_plane_to_degrees(plane, &place, 1))
    return;
  fault->geojson = land_point_geojson(place, check->arena);
}

static const struct {
  const char *reason, *code, *zh, *en;
} REASONS[] = {
    {"Self-intersection", "geometry.self_intersection", "边界自相交（如蝴蝶结形），请按实地改正。",
     "The boundary crosses itself; correct it as it is on the ground."},
    {"Ring Self-intersection", "geometry.self_intersection", "边界在一点与自身相接，请拆成几个地块或改正。",
     "The boundary touches itself in a point; split the parcel or correct it."},
    {"Hole lies outside", "geometry.hole_outside", "扣除部分（内环）在地块之外。", "A hole lies outside the parcel."},
    {"Holes are nested", "geometry.holes", "扣除部分（内环）互相嵌套。", "Holes lie inside each other."},
    {"Interior is disconnected", "geometry.holes", "扣除部分把地块断开，请拆成几个地块。",
     "Holes cut the parcel in pieces; split it."},
    {"Duplicate Rings", "geometry.holes", "同一个环出现了两次。", "The same ring is there twice."},
};

static bool is_valid(struct check *check, struct land_plane *plane) {
  struct land_geo *geo = land_geo();
  GEOSGeometry *polygon = land_polygon(geo, check->drawing->plane), *where = NULL;
  char *reason = NULL;
  bool valid = polygon && GEOSisValidDetail_r(geo->geos, polygon, 0, &reason, &where) == 1;
  if (!valid) {
    const char *said = reason ? reason : geo->message;
    size_t i = 0;
    while (i < sizeof REASONS / sizeof *REASONS && strncmp(said, REASONS[i].reason, strlen(REASONS[i].reason)) != 0)
      i++;
    bool known = i < sizeof REASONS / sizeof *REASONS;
    struct land_fault *fault =
        land_fault(check->faults, known ? REASONS[i].code : "geometry.invalid", "/geometry",
                   known ? REASONS[i].zh : wg_arena_printf(check->arena, "图形不成立（%s）。", said),
                   known ? REASONS[i].en : wg_arena_printf(check->arena, "The geometry is not valid: %s.", said));
    show_place(check, fault, plane, where);
  }
  GEOSFree_r(geo->geos, reason);
  GEOSGeom_destroy_r(geo->geos, where);
  GEOSGeom_destroy_r(geo->geos, polygon);
  return valid;
}

bool land_drawing_check(struct land_drawing *drawing, struct land_plane *plane, struct wg_arena *arena,
                        struct land_faults *faults) {
  struct check check = {drawing, arena, faults};
  for (size_t r = 0; r < drawing->plane->count; r++)
    if (!check_ring(&check, r)) return false;
  return is_valid(&check, plane) && has_area(&check);
}

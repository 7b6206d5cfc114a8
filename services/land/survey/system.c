// Which coordinate system numbers can be of (datum.h): EPSG's families of CGCS2000, and what numbers look like in each.
#include "services/land/survey/datum.h"

#include <math.h>

struct land_system land_system(int epsg) {
  struct land_system plane = {.kind = LAND_SYSTEM_PLANE, .epsg = epsg};
  if (epsg == 4490 || epsg == 4326) return (struct land_system){.kind = LAND_SYSTEM_DEGREES, .epsg = epsg};
  if (epsg >= 4491 && epsg <= 4501) {
    plane.width = 6;
    plane.zone = 13 + epsg - 4491;
    plane.meridian = 6 * plane.zone - 3;
  } else if (epsg >= 4502 && epsg <= 4512) {
    plane.width = 6;
    plane.meridian = 75 + 6 * (epsg - 4502);
  } else if (epsg >= 4513 && epsg <= 4533) {
    plane.width = 3;
    plane.zone = 25 + epsg - 4513;
    plane.meridian = 3 * plane.zone;
  } else if (epsg >= 4534 && epsg <= 4554) {
    plane.width = 3;
    plane.meridian = 75 + 3 * (epsg - 4534);
  } else if ((epsg >= 2327 && epsg <= 2390) || (epsg >= 2401 && epsg <= 2442) || epsg == 4214 || epsg == 4610 ||
             (epsg >= 21413 && epsg <= 21463)) {
    return (struct land_system){.kind = LAND_SYSTEM_LEGACY, .epsg = epsg};
  } else {
    return (struct land_system){.kind = LAND_SYSTEM_UNKNOWN, .epsg = epsg};
  }
  return plane;
}

static bool is_china(double longitude, double latitude) {
  return longitude >= 73 && longitude <= 136 && latitude >= 3 && latitude <= 54;
}

static bool is_northing(double number) {
  return number >= 3e5 && number <= 6.1e6;
}

static int zone_of(double easting) { // the zone number in front of an easting; 0: it has six digits; -1: it is none
  if (!(easting >= 0 && easting < 1e8)) return -1;
  return (int)floor(easting / 1e6);
}

static bool is_easting(double number) {
  int zone = zone_of(number);
  double within = number - 1e6 * zone;
  return (zone == 0 || (zone >= 13 && zone <= 45)) && within >= 5e4 && within <= 9.5e5;
}

static bool check_degrees(const struct land_outline *given, struct land_point first, struct wg_arena *arena,
                          struct land_faults *faults) {
  if (is_china(first.y, first.x)) {
    struct land_outline *turned = land_outline_copy(given, arena);
    for (size_t r = 0; r < turned->count; r++)
      for (size_t i = 0; i < turned->ring[r].count; i++)
        turned->ring[r].point[i] = (struct land_point){given->ring[r].point[i].y, given->ring[r].point[i].x};
    struct land_fault *fault =
        land_fault(faults, "axes.swapped", "/geometry", "经纬度似乎颠倒了：应先经度（73–136）后纬度（3–54）。",
                   "The axes look swapped: longitude (73 to 136) comes first, then latitude (3 to 54).");
    fault->suggestion = wg_arena_printf(arena, "%.7f %.7f", first.y, first.x);
    fault->geojson = land_outline_geojson(turned, arena);
    return false;
  }
  if (fabs(first.x) > 180 || fabs(first.y) > 180) {
    struct land_fault *fault = land_fault(
        faults, "crs.not_degrees", "/geometry", "坐标像是平面坐标（米），但声明为经纬度：请用epsg说明坐标系。",
        "The numbers look like metres of a plane but are declared as degrees: state the plane's EPSG.");
    if (is_easting(first.x) && zone_of(first.x)) {
      int zone = zone_of(first.x);
      fault->suggestion = wg_arena_printf(arena, "EPSG:%d", zone >= 25 ? 4513 + zone - 25 : 4491 + zone - 13);
    }
    return false;
  }
  return true;
}

static bool wrong_zone(struct land_system system, const struct land_outline *given, int zone,
                       const struct land_territory *territory, struct wg_arena *arena, struct land_faults *faults) {
  int fits = zone >= 25 && zone <= 45 ? 4513 + zone - 25 : zone >= 13 && zone <= 23 ? 4491 + zone - 13 : 0;
  if (zone == 0) fits = territory ? land_zone_near(given, territory, arena) : 0;
  const char *code = zone == 0 ? "crs.no_meridian" : "crs.zone";
  const char *declared = system.zone ? wg_arena_printf(arena, "%d带", system.zone)
                                     : wg_arena_printf(arena, "中央经线%d°、不带带号", system.meridian);
  const char *found = zone ? wg_arena_printf(arena, "带号为%d", zone) : "没有带号（六位）";
  const char *hint_zh = fits ? wg_arena_printf(arena, "与EPSG:%d相符。", fits) : "请说明中央经线。";
  const char *hint_en = fits ? wg_arena_printf(arena, "they fit EPSG:%d.", fits) : "state the central meridian.";
  struct land_fault *fault =
      land_fault(faults, code, "/geometry",
                 wg_arena_printf(arena, "声明的坐标系EPSG:%d（%s）与横坐标不符：横坐标%s；%s", system.epsg, declared,
                                 found, hint_zh),
                 wg_arena_printf(arena, "Eastings do not belong to EPSG:%d: they have %s%.0d; %s", system.epsg,
                                 zone ? "zone " : "six digits and no zone", zone, hint_en));
  if (fits) fault->suggestion = wg_arena_printf(arena, "EPSG:%d", fits);
  return false;
}

static bool check_plane(const struct land_outline *given, struct land_system system, struct land_point first,
                        const struct land_territory *territory, struct wg_arena *arena, struct land_faults *faults) {
  // A northing of China is no easting: 4.2e6 would have the zone 4, which there is not.
  if (!is_easting(first.x) && is_northing(first.x) && is_easting(first.y)) {
    struct land_fault *fault =
        land_fault(faults, "axes.swapped", "/geometry",
                   "横纵坐标似乎颠倒了：本接口先横坐标（东，Y）后纵坐标（北，X），测绘图纸上相反。",
                   "The axes look swapped: east comes first, then north; survey sheets have X = north first.");
    fault->suggestion = wg_arena_printf(arena, "%.3f %.3f", first.y, first.x);
    return false;
  }
  if (is_china(first.x, first.y)) {
    struct land_fault *fault =
        land_fault(faults, "crs.not_metres", "/geometry", "坐标像是经纬度，但声明为平面坐标：请用epsg说明坐标系。",
                   "The numbers look like degrees but are declared as metres of a plane.");
    fault->suggestion = "EPSG:4490";
    return false;
  }
  int zone = zone_of(first.x);
  if (is_easting(first.x) && is_northing(first.y) && zone == system.zone) return true;
  if (is_easting(first.x)) return wrong_zone(system, given, zone, territory, arena, faults);
  land_fault(faults, "crs.out_of_china", "/geometry",
             wg_arena_printf(arena, "坐标%.3f, %.3f不在EPSG:%d的范围内。", first.x, first.y, system.epsg),
             wg_arena_printf(arena, "%.3f, %.3f is beyond what EPSG:%d is for.", first.x, first.y, system.epsg));
  return false;
}

bool land_axes_check(const struct land_outline *given, struct land_system system,
                     const struct land_territory *territory, struct wg_arena *arena, struct land_faults *faults) {
  struct land_point first = given->ring[0].point[0];
  switch (system.kind) {
  case LAND_SYSTEM_DEGREES:
    if (!check_degrees(given, first, arena, faults)) return false;
    break;
  case LAND_SYSTEM_PLANE:
    return check_plane(given, system, first, territory, arena, faults);
  case LAND_SYSTEM_LEGACY:
    land_fault(faults, "crs.legacy", "/epsg",
               "北京54、西安80坐标须先用当地七参数转换为CGCS2000（EPSG:4490或4513–4554）再导入。",
               "Beijing 1954 and Xian 1980 coordinates must first be converted to CGCS2000 with local parameters.");
    return false;
  case LAND_SYSTEM_UNKNOWN:
    land_fault(faults, "crs.unknown", "/epsg",
               wg_arena_printf(arena, "不支持EPSG:%d；应为4490（经纬度）或4491–4554（CGCS2000平面）。", system.epsg),
               wg_arena_printf(arena, "EPSG:%d is not taken; use 4490 (degrees) or 4491 to 4554 (planes of CGCS2000).",
                               system.epsg));
    return false;
  }
  for (size_t i = 0; i < given->ring[0].count; i++) {
    struct land_point point = given->ring[0].point[i];
    if (is_china(point.x, point.y)) continue;
    land_fault(faults, "crs.out_of_china", "/geometry",
               wg_arena_printf(arena, "坐标%.7f, %.7f不在中国范围内（经度73–136，纬度3–54）。", point.x, point.y),
               wg_arena_printf(arena, "%.7f, %.7f is not in China (longitude 73 to 136, latitude 3 to 54).", point.x,
                               point.y));
    return false;
  }
  return true;
}

// share_inside: of the outer ring's points, as coordinates of a plane, those that lie within 100 m of the territory.
static double share_inside(const struct land_outline *given, int epsg, const struct land_territory *territory,
                           struct wg_arena *arena) {
  struct land_plane *plane;
  struct wg_error error;
  if (land_plane(epsg, &plane, &error) != WG_OK) return 0;
  struct land_outline *shape = land_outline_copy(given, arena);
  struct land_ring *ring = &shape->ring[0];
  size_t inside = 0;
  if (!land_plane_to_degrees(plane, ring->point, ring->count) ||
      !land_plane_from_degrees(land_territory_plane(territory), ring->point, ring->count))
    return 0;
  for (size_t i = 0; i < ring->count; i++)
    if (land_territory_inside(territory, ring->point[i], 100)) inside++;
  return (double)inside / (double)ring->count;
}

int land_zone_near(const struct land_outline *given, const struct land_territory *territory, struct wg_arena *arena) {
  static const int narrow_first[][2] = {{4513, 4554}, {4491, 4512}};
  for (size_t family = 0; family < 2; family++)
    for (int epsg = narrow_first[family][0]; epsg <= narrow_first[family][1]; epsg++)
      if (share_inside(given, epsg, territory, arena) >= 0.95) return epsg;
  return 0;
}

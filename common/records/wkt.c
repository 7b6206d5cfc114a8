// A light check of boundaries: POLYGON and MULTIPOLYGON of well-known text (OGC 06-103r4), rings closed, coordinates in
// China with the longitude first. What needs geometry (self-intersection, overlaps, gaps) is PostGIS's.

#include "common/records/cell.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct wkt {
  const char *at;
  const char *problem;
  struct wg_arena *arena;
};

static bool problem(struct wkt *wkt, const char *what) {
  if (wkt->problem == NULL) wkt->problem = what;
  return false;
}

static void blanks(struct wkt *wkt) {
  wkt->at += strspn(wkt->at, " \t\r\n");
}

static bool take(struct wkt *wkt, char wanted) {
  blanks(wkt);
  if (*wkt->at != wanted) return false;
  wkt->at++;
  return true;
}

static bool number(struct wkt *wkt, double *value) {
  blanks(wkt);
  size_t size = strspn(wkt->at, "0123456789+-.eE");
  char *end;
  *value = size > 0 ? strtod(wkt->at, &end) : 0;
  if (size == 0 || end != wkt->at + size) return problem(wkt, "坐标不是数字");
  wkt->at = end;
  return true;
}

static bool position(struct wkt *wkt, double *lon, double *lat) {
  if (!number(wkt, lon) || !number(wkt, lat)) return false;
  if (*lon >= 73 && *lon <= 136 && *lat >= 3 && *lat <= 54) return true;
  if (*lat >= 73 && *lat <= 136 && *lon >= 3 && *lon <= 54)
    return problem(wkt, wg_arena_printf(wkt->arena, "坐标 %g %g 的经纬度颠倒，应先经度后纬度", *lon, *lat));
  return problem(wkt, wg_arena_printf(wkt->arena, "坐标 %g %g 不在中国范围内（经度 73–136，纬度 3–54）", *lon, *lat));
}

static bool ring(struct wkt *wkt) {
  double first_lon = 0, first_lat = 0, lon = 0, lat = 0;
  size_t points = 0;
  if (!take(wkt, '(')) return problem(wkt, "缺少左括号");
  do {
    if (!position(wkt, &lon, &lat)) return false;
    if (points++ == 0) {
      first_lon = lon;
      first_lat = lat;
    }
  } while (take(wkt, ','));
  if (!take(wkt, ')')) return problem(wkt, "缺少右括号或坐标之间的逗号");
  if (points < 4) return problem(wkt, "一个环至少要有 4 个点");
  if (lon != first_lon || lat != first_lat) return problem(wkt, "环没有闭合，首尾两点应相同");
  return true;
}

static bool polygon(struct wkt *wkt) {
  if (!take(wkt, '(')) return problem(wkt, "缺少左括号");
  do {
    if (!ring(wkt)) return false;
  } while (take(wkt, ','));
  return take(wkt, ')') || problem(wkt, "缺少右括号");
}

const char *wg_wkt_problem(const char *text, struct wg_arena *arena) {
  struct wkt wkt = {text, NULL, arena};
  blanks(&wkt);
  bool many = strncasecmp(wkt.at, "MULTIPOLYGON", 12) == 0;
  if (!many && strncasecmp(wkt.at, "POLYGON", 7) != 0) return "应为 POLYGON 或 MULTIPOLYGON";
  wkt.at += many ? 12 : 7;
  if (!many) {
    if (!polygon(&wkt)) return wkt.problem;
  } else {
    if (!take(&wkt, '(')) return "缺少左括号";
    do {
      if (!polygon(&wkt)) return wkt.problem;
    } while (take(&wkt, ','));
    if (!take(&wkt, ')')) return "缺少右括号";
  }
  blanks(&wkt);
  return *wkt.at == 0 ? NULL : "边界之后还有多余的内容";
}

// Reference data of intake: the districts this cell serves and the category tree. Read from two files at start and
// again on SIGHUP; a file with an error is refused whole, and the error names file, line and what would be right.
//
//   districts   INI, one section per 6-digit code: name, min_lon, max_lon, min_lat, max_lat (degrees, CGCS2000)
//   categories  CSV with the header 一级分类,二级分类,三级分类, one leaf a line, levels from the left, no quoting.
//               A category path is levels joined by "/"; every level of every line is a valid path.
#pragma once

#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/base/status.h"

struct intake_district {
  char code[7];
  char name[64];
  double min_lon, max_lon, min_lat, max_lat;
};

struct intake_reference {
  struct intake_district *districts;
  size_t district_count;
  char served[256];          // "370117 钢城区, 131102 桃城区", for messages; cut when long
  struct wg_map *categories; // path -> itself
  char first_levels[256];    // names of the first level, for messages; cut when long
};

wg_status intake_reference_open(const char *districts_path, const char *categories_path,
                                struct intake_reference **reference, struct wg_error *error);
void intake_reference_close(struct intake_reference *reference); // NULL is allowed
const struct intake_district *intake_district_find(const struct intake_reference *reference, const char *code);
bool intake_category_known(const struct intake_reference *reference, const char *path);
bool intake_district_contains(const struct intake_district *district, double lon, double lat);

// Reference data of intake: the districts this cell serves, their category trees and who hands orders over there, built
// from the registry's records of the kinds "district", "category", "station" and "message_group". Immutable; replaced
// whole.
//
//   district   its box is that of its boundary, or min_lon … max_lat when there is no boundary (degrees, CGCS2000)
//   category   its path is levels joined by "/"; every level above it is a valid path too. Each district has its own
//              catalogue; one without categories takes orders without a category only.
//   station, message_group   origins of orders of the channels STATION_WALK_IN and WECHAT_GROUP
#pragma once

#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/base/status.h"

#include "wangge/v1/registry.pb-c.h"

// An origin: its area is the grid of a group, or the smallest area that holds every grid of a station.
struct intake_origin {
  char area[16]; // 15, 12, 9 or 6 digits; "": without a grid
};

struct intake_district {
  char code[7];
  char name[64];
  double min_lon, max_lon, min_lat, max_lat;
  struct wg_map *categories;        // path -> itself
  char first_levels[256];           // names of the first level, for messages; cut when long
  struct wg_map *stations, *groups; // code -> struct intake_origin
};

struct intake_reference {
  struct wg_arena *arena;            // of the origins
  struct intake_district *districts; // in order of their codes
  size_t district_count;
  char served[256]; // "370117 钢城区, 131102 桃城区", for messages; cut when long
};

// intake_reference_build: records of other kinds are left alone. INVALID_ARGUMENT names the record at fault.
wg_status intake_reference_build(const Wangge__V1__Record *const *records, size_t count,
                                 struct intake_reference **reference, struct wg_error *error);
void intake_reference_close(struct intake_reference *reference); // NULL is allowed
const struct intake_district *intake_district_find(const struct intake_reference *reference, const char *code);
bool intake_category_known(const struct intake_district *district, const char *path);
// intake_origin_find: the station or group that an order of this channel names. NULL: there is none, or the channel is
// of neither.
const struct intake_origin *intake_origin_find(const struct intake_district *district, int channel, const char *code);
bool intake_district_contains(const struct intake_district *district, double lon, double lat);

// Builds districts, category trees and origins from records. See reference.h.
#include "services/intake/reference.h"

#include "common/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CATEGORY_MAX_BYTES 300u

// Limits of a position in China, as in wangge.v1.Position.
#define CHINA_MIN_LON 73.0
#define CHINA_MAX_LON 136.0
#define CHINA_MIN_LAT 3.0
#define CHINA_MAX_LAT 54.0

// list_append adds `item` to a list for messages, or "…" once when there is no room.
static void list_append(char *list, size_t capacity, const char *item) {
  size_t used = strlen(list);
  const char *more = ", …";
  if (used + strlen(item) + strlen(", ") + strlen(more) < capacity) {
    snprintf(list + used, capacity - used, "%s%s", used ? ", " : "", item);
  } else if (used >= strlen(more) && strcmp(list + used - strlen("…"), "…") != 0) {
    snprintf(list + used, capacity - used, "%s", more);
  }
}

// --- districts ---

// box_of_boundary takes the box of all points of a WKT polygon or multipolygon; false: it has none.
static bool box_of_boundary(const char *wkt, struct intake_district *district) {
  bool any = false;
  for (const char *at = wkt; *at != '\0';) {
    char *end = NULL;
    double lon = strtod(at, &end);
    if (end == at) {
      at++;
      continue;
    }
    at = end;
    double lat = strtod(at, &end);
    if (end == at) return false;
    at = end;
    if (!any) {
      district->min_lon = district->max_lon = lon;
      district->min_lat = district->max_lat = lat;
    }
    any = true;
    district->min_lon = fmin(district->min_lon, lon);
    district->max_lon = fmax(district->max_lon, lon);
    district->min_lat = fmin(district->min_lat, lat);
    district->max_lat = fmax(district->max_lat, lat);
  }
  return any;
}

static bool box_is_sound(const struct intake_district *district) {
  // Comparisons with NaN are false.
  return district->min_lon >= CHINA_MIN_LON && district->min_lon < district->max_lon &&
         district->max_lon <= CHINA_MAX_LON && district->min_lat >= CHINA_MIN_LAT &&
         district->min_lat < district->max_lat && district->max_lat <= CHINA_MAX_LAT;
}

static wg_status add_district(struct intake_reference *reference, const Wangge__V1__Record *record,
                              struct wg_error *error) {
  const Wangge__V1__District *body = record->net_district;
  size_t count = reference->district_count + 1;
  if (!wg_all_digits(record->code, 6)) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "district", "code \"%s\" must be 6 digits", record->code);
  }
  if (intake_district_find(reference, record->code) != NULL) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "district", "%s stands there twice", record->code);
  }
  reference->districts = wg_realloc(reference->districts, count * sizeof *reference->districts);
  struct intake_district *district = &reference->districts[reference->district_count];
  *district = (struct intake_district){
      .min_lon = body->min_lon, .max_lon = body->max_lon, .min_lat = body->min_lat, .max_lat = body->max_lat};
  memcpy(district->code, record->code, sizeof district->code - 1);
  if (body->name[0] == '\0' || strlen(body->name) >= sizeof district->name) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "district", "%s: its name must have 1 to %zu bytes", record->code,
                   sizeof district->name - 1);
  }
  snprintf(district->name, sizeof district->name, "%s", body->name);
  bool bounded = body->boundary[0] == '\0' || box_of_boundary(body->boundary, district);
  if (!bounded || !box_is_sound(district)) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "district",
                   "%s needs a boundary, or min_lon below max_lon within %.0f to %.0f and min_lat below max_lat within "
                   "%.0f to %.0f degrees",
                   record->code, CHINA_MIN_LON, CHINA_MAX_LON, CHINA_MIN_LAT, CHINA_MAX_LAT);
  }
  district->categories = wg_map_create();
  district->stations = wg_map_create();
  district->groups = wg_map_create();
  reference->district_count = count;
  return WG_OK;
}

static int by_code(const void *left, const void *right) {
  return strcmp(((const struct intake_district *)left)->code, ((const struct intake_district *)right)->code);
}

static wg_status add_districts(struct intake_reference *reference, const Wangge__V1__Record *const *records,
                               size_t count, struct wg_error *error) {
  wg_status status = WG_OK;
  for (size_t i = 0; i < count && status == WG_OK; i++) {
    if (records[i]->body_case == WANGGE__V1__RECORD__BODY_NET_DISTRICT) {
      status = add_district(reference, records[i], error);
    }
  }
  if (status != WG_OK) return status;
  if (reference->district_count == 0) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "district", "there is no district; at least one is needed");
  }
  qsort(reference->districts, reference->district_count, sizeof *reference->districts, by_code);
  for (size_t i = 0; i < reference->district_count; i++) {
    char item[80];
    snprintf(item, sizeof item, "%s %s", reference->districts[i].code, reference->districts[i].name);
    list_append(reference->served, sizeof reference->served, item);
  }
  return WG_OK;
}

// --- categories ---

// Keys of the map are copies; its values only need to be non-NULL.
static char known_category;

static wg_status add_category(const struct intake_reference *reference, const Wangge__V1__Record *record,
                              struct wg_error *error) {
  const char *path = record->category->path;
  size_t size = strlen(path);
  wg_status status = wg_text_check(path, CATEGORY_MAX_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "path", error);
  if (status == WG_OK && (path[0] == '/' || path[size - 1] == '/' || strstr(path, "//") != NULL)) {
    status = wg_fail(error, WG_INVALID_ARGUMENT, "path", "has an empty level");
  }
  if (status != WG_OK) {
    const struct wg_error cause = *error;
    return wg_fail(error, status, "category", "%.200s of district %s: path %s", record->code, record->district,
                   cause.message);
  }
  struct intake_district *district = (struct intake_district *)intake_district_find(reference, record->district);
  if (district == NULL) return WG_OK; // of a district that is not served here
  for (const char *end = path; end != NULL;) {
    end = strchr(end, '/');
    char level[CATEGORY_MAX_BYTES + 1];
    snprintf(level, sizeof level, "%.*s", (int)(end == NULL ? size : (size_t)(end - path)), path);
    if (end != NULL) end++;
    if (wg_map_get(district->categories, level) != NULL) continue;
    wg_map_put(district->categories, level, &known_category);
    if (strchr(level, '/') == NULL) list_append(district->first_levels, sizeof district->first_levels, level);
  }
  return WG_OK;
}

// --- origins ---

// common_area cuts `area` to the smallest area that it and `grid` lie in; one of another district has none.
static void common_area(char area[16], const char *grid) {
  static const size_t levels[] = {15, 12, 9, 6, 0};
  size_t level = 0;
  while (levels[level] > strlen(area) || strncmp(area, grid, levels[level]) != 0)
    level++;
  area[levels[level]] = '\0';
}

static struct intake_origin *make_origin(struct intake_reference *reference, const char *district, char *const *grids,
                                         size_t count) {
  struct intake_origin *origin = wg_arena_zalloc(reference->arena, sizeof *origin);
  for (size_t i = 0; i < count; i++) {
    if (!wg_all_digits(grids[i], 15) || strncmp(grids[i], district, 6) != 0) continue; // the registry lets none through
    if (origin->area[0] == '\0') snprintf(origin->area, sizeof origin->area, "%s", grids[i]);
    else common_area(origin->area, grids[i]);
  }
  return origin;
}

static void add_origin(struct intake_reference *reference, const Wangge__V1__Record *record) {
  const struct intake_district *district = intake_district_find(reference, record->district);
  if (district == NULL) return; // of a district that is not served here
  if (record->body_case == WANGGE__V1__RECORD__BODY_STATION)
    wg_map_put(district->stations, record->code,
               make_origin(reference, record->district, record->station->grids, record->station->n_grids));
  else if (record->body_case == WANGGE__V1__RECORD__BODY_MESSAGE_GROUP)
    wg_map_put(district->groups, record->code,
               make_origin(reference, record->district, &record->message_group->grid, 1));
}

const struct intake_origin *intake_origin_find(const struct intake_district *district, int channel, const char *code) {
  if (channel == WANGGE__V1__CHANNEL__CHANNEL_STATION_WALK_IN) return wg_map_get(district->stations, code);
  if (channel == WANGGE__V1__CHANNEL__CHANNEL_WECHAT_GROUP) return wg_map_get(district->groups, code);
  return NULL;
}

wg_status intake_reference_build(const Wangge__V1__Record *const *records, size_t count,
                                 struct intake_reference **reference, struct wg_error *error) {
  *reference = NULL;
  struct intake_reference *made = wg_zalloc(sizeof *made);
  made->arena = wg_arena_create(4096);
  wg_status status = add_districts(made, records, count, error);
  for (size_t i = 0; i < count && status == WG_OK; i++) {
    if (records[i]->body_case == WANGGE__V1__RECORD__BODY_CATEGORY) status = add_category(made, records[i], error);
    else add_origin(made, records[i]);
  }
  if (status == WG_OK) *reference = made;
  else intake_reference_close(made);
  return status;
}

void intake_reference_close(struct intake_reference *reference) {
  if (reference == NULL) return;
  for (size_t i = 0; i < reference->district_count; i++) {
    wg_map_destroy(reference->districts[i].categories);
    wg_map_destroy(reference->districts[i].stations);
    wg_map_destroy(reference->districts[i].groups);
  }
  wg_arena_destroy(reference->arena);
  free(reference->districts);
  free(reference);
}

const struct intake_district *intake_district_find(const struct intake_reference *reference, const char *code) {
  for (size_t i = 0; i < reference->district_count; i++) {
    if (strcmp(reference->districts[i].code, code) == 0) return &reference->districts[i];
  }
  return NULL;
}

bool intake_category_known(const struct intake_district *district, const char *path) {
  return wg_map_get(district->categories, path) != NULL;
}

bool intake_district_contains(const struct intake_district *district, double lon, double lat) {
  return lon >= district->min_lon && lon <= district->max_lon && lat >= district->min_lat && lat <= district->max_lat;
}

// GeoJSON as rows (rows.h).
#include "services/land/survey/rows.h"

#include "common/base/text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *land_row_get(const struct land_row *row, const char *const *names) {
  for (; *names; names++)
    for (size_t i = 0; i < row->attribute_count; i++)
      if (strcasecmp(row->attribute[i].name, *names) == 0) return row->attribute[i].value;
  return "";
}

struct writer {
  struct wg_buffer text;
  struct wg_arena *arena;
  const char *problem_zh, *problem_en;
  size_t points;
};

static bool stop(struct writer *writer, const char *zh, const char *en) {
  writer->problem_zh = zh;
  writer->problem_en = en;
  return false;
}

static bool write_position(struct writer *writer, const json_t *position) {
  size_t size = json_array_size(position);
  if (!json_is_array(position) || size < 2 || size > 3)
    return stop(writer, "坐标应为[经度, 纬度]两个数", "a position is [longitude, latitude]");
  for (size_t i = 0; i < size; i++)
    if (!json_is_number(json_array_get(position, i)))
      return stop(writer, "坐标应为数字", "coordinates must be numbers");
  char text[32];
  for (size_t i = 0; i < 2; i++) {
    wg_buffer_append(&writer->text, text,
                     (size_t)land_number_write(json_number_value(json_array_get(position, i)), text));
    if (i == 0) wg_buffer_text(&writer->text, " ");
  }
  return true;
}

// write_nested writes `depth` levels of arrays in brackets, the innermost of positions.
static bool write_nested(struct writer *writer, const json_t *array, int depth) {
  if (depth == 0) return write_position(writer, array);
  if (!json_is_array(array) || json_array_size(array) == 0)
    return stop(writer, "coordinates的嵌套层数不对或为空", "coordinates are nested wrongly or empty");
  wg_buffer_text(&writer->text, "(");
  for (size_t i = 0; i < json_array_size(array); i++) {
    if (i) wg_buffer_text(&writer->text, ",");
    if (!write_nested(writer, json_array_get(array, i), depth - 1)) return false;
  }
  wg_buffer_text(&writer->text, ")");
  return true;
}

static const char *write_geometry(const json_t *geometry, size_t feature, struct wg_arena *arena,
                                  struct land_faults *faults) {
  struct writer writer = {.arena = arena};
  const char *type = json_string_value(json_object_get(geometry, "type"));
  bool one = type && strcmp(type, "Polygon") == 0, many = type && strcmp(type, "MultiPolygon") == 0, good;
  wg_buffer_text(&writer.text, many ? "MULTIPOLYGON " : "POLYGON ");
  if (!one && !many) good = stop(&writer, "图形应为Polygon或MultiPolygon", "a Polygon or a MultiPolygon is expected");
  else good = write_nested(&writer, json_object_get(geometry, "coordinates"), many ? 3 : 2);
  const char *wkt = "";
  if (good) wkt = wg_arena_text(arena, (struct wg_bytes){writer.text.data, writer.text.size});
  else
    land_fault(
        faults, "geojson.geometry", wg_arena_printf(arena, "/features/%zu/geometry", feature),
        wg_arena_printf(arena, "第%zu个要素的图形不可读：%s。", feature + 1, writer.problem_zh),
        wg_arena_printf(arena, "The geometry of feature %zu cannot be read: %s.", feature + 1, writer.problem_en));
  wg_buffer_free(&writer.text);
  return wkt;
}

static const char *text_of(const json_t *value, struct wg_arena *arena) {
  if (json_is_string(value)) return wg_arena_strdup(arena, json_string_value(value));
  if (json_is_integer(value)) return wg_arena_printf(arena, "%lld", (long long)json_integer_value(value));
  if (json_is_real(value)) return wg_arena_printf(arena, "%.15g", json_real_value(value));
  if (json_is_boolean(value)) return json_is_true(value) ? "1" : "0";
  if (json_is_null(value) || !value) return "";
  char *dumped = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
  const char *kept = dumped ? wg_arena_strdup(arena, dumped) : "";
  free(dumped);
  return kept;
}

static struct land_row read_feature(const json_t *feature, size_t number, struct wg_arena *arena,
                                    struct land_faults *faults) {
  struct land_row row = {.line = number + 1, .id = text_of(json_object_get(feature, "id"), arena)};
  json_t *properties = json_object_get(feature, "properties");
  row.attribute = wg_arena_alloc(arena, (json_object_size(properties) + 1) * sizeof *row.attribute);
  const char *name;
  json_t *value;
  json_object_foreach(properties, name, value) row.attribute[row.attribute_count++] =
      (struct land_attribute){wg_arena_strdup(arena, name), text_of(value, arena)};
  row.wkt = write_geometry(json_object_get(feature, "geometry"), number, arena, faults);
  return row;
}

// crs_is_fine: RFC 7946 has no `crs`; files that still carry one may say CRS84 and nothing else.
static bool crs_is_fine(const json_t *root) {
  const json_t *crs = json_object_get(root, "crs");
  if (!crs) return true;
  const char *name = json_string_value(json_object_get(json_object_get(crs, "properties"), "name"));
  return name && strstr(name, "CRS84") != NULL;
}

struct land_rows land_rows_geojson(struct wg_bytes text, struct wg_arena *arena, struct land_faults *faults) {
  struct land_rows rows = {0};
  json_error_t problem;
  json_t *root = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &problem);
  const json_t *features = json_object_get(root, "features");
  if (!root) { // what Jansson quotes may be cut within a character
    const char *said = wg_utf8_valid(wg_bytes_of(problem.text)) ? problem.text : "what stands there is no JSON";
    land_fault(
        faults, "file.not_json", "",
        wg_arena_printf(arena, "文件不是有效的JSON：第%d行第%d列，%s。", problem.line, problem.column, said),
        wg_arena_printf(arena, "The file is not JSON: line %d column %d, %s.", problem.line, problem.column, said));
  } else if (!json_is_array(features)) {
    land_fault(faults, "geojson.type", "/type", "应为GeoJSON的FeatureCollection，其中有features数组。",
               "A GeoJSON FeatureCollection with an array of features is expected.");
  } else if (!crs_is_fine(root)) {
    struct land_fault *fault =
        land_fault(faults, "geojson.crs", "/crs", "GeoJSON的crs成员不予采用：请删去，并用epsg参数说明坐标系。",
                   "The crs member of GeoJSON is not taken: remove it and state the system with --epsg.");
    fault->rule = "RFC 7946 §4";
  } else {
    rows.row = wg_arena_alloc(arena, (json_array_size(features) + 1) * sizeof *rows.row);
    for (size_t i = 0; i < json_array_size(features); i++)
      rows.row[rows.count++] = read_feature(json_array_get(features, i), i, arena, faults);
  }
  json_decref(root);
  return rows;
}

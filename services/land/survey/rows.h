// Files of parcels as rows: GeoJSON (RFC 7946) and CSV. Other formats are brought to GeoJSON by ogr2ogr before
// (`wangge land import`).
//
// A row has its geometry as WKT, in the coordinates of the file, and its attributes as texts. Nothing is interpreted
// here; what a file says about itself that cannot be taken is a fault with the place in the file.
#pragma once

#include "services/land/survey/outline.h"

struct land_attribute {
  const char *name, *value;
};
struct land_row {
  size_t line;     // GeoJSON: number of the feature, from 1; CSV: line of the file
  const char *id;  // the feature's own id, or ""
  const char *wkt; // "" when it has none
  struct land_attribute *attribute;
  size_t attribute_count;
};
struct land_rows {
  struct land_row *row;
  size_t count;
};

// land_row_get gives an attribute by one of several names (ended by NULL), upper or lower case alike; "" when there is
// none.
const char *land_row_get(const struct land_row *row, const char *const *names);

// Faults: file.not_json, geojson.type (no FeatureCollection), geojson.crs (a `crs` member other than CRS84),
// geojson.geometry (no Polygon or MultiPolygon, or brackets nested otherwise), geojson.number. A faulty feature has wkt
// "".
struct land_rows land_rows_geojson(struct wg_bytes text, struct wg_arena *arena, struct land_faults *faults);

// CSV: one line a parcel with a column "wkt" (geometry), or one line a point with the columns "id", "x" and "y" (also
// lon/lat, 经度/纬度, 东坐标/北坐标) and optionally "ring" (0: outer): points of one id stand together, in order; a
// ring that does not end where it began is closed, since lists of points do not repeat the first. UTF-8 or GB18030.
// NOTE csv.gb18030 says that it was converted. `guarded`: texts may have the guard against formulas
// (common/csv/write.h) that is taken away; false: of a program that writes none. Faults: csv.header, csv.record,
// csv.number, csv.order.
struct land_rows land_rows_csv(struct wg_bytes text, bool guarded, struct wg_arena *arena, struct land_faults *faults);

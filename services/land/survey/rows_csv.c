// CSV as rows (rows.h).
#include "services/land/survey/rows.h"

#include "common/csv/csv.h"
#include "common/csv/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reading {
  struct wg_arena *arena;
  struct land_faults *faults;
  struct wg_csv csv;
  bool guarded;
  const char *name[WG_CSV_FIELDS];
  int columns, wkt, id, x, y, ring; // -1: none
  struct wg_buffer rows;            // struct land_row
  struct wg_buffer points;          // of the row that is being put together: WKT without its end
  char first[2][64];                // its ring's first point
  char last[2][64], open_ring[32];
};

static int column(const struct reading *reading, const char *const *names) {
  for (; *names; names++)
    for (int i = 0; i < reading->columns; i++)
      if (strcasecmp(reading->name[i], *names) == 0) return i;
  return -1;
}

static bool read_header(struct reading *reading) {
  struct wg_error error;
  if (wg_csv_next(&reading->csv, &error) != WG_CSV_RECORD) {
    land_fault(reading->faults, "csv.header", "/1", "文件没有标题行。", "The file has no line of headings.");
    return false;
  }
  reading->columns = reading->csv.count;
  for (int i = 0; i < reading->columns; i++)
    reading->name[i] = wg_arena_strdup(reading->arena, reading->csv.field[i]);
  reading->wkt = column(reading, (const char *const[]){"wkt", "geometry", "geom", "图形", NULL});
  reading->id = column(reading, (const char *const[]){"id", "编号", "地块编号", "dkbm", NULL});
  reading->x = column(reading, (const char *const[]){"x", "lon", "longitude", "经度", "东坐标", "e", NULL});
  reading->y = column(reading, (const char *const[]){"y", "lat", "latitude", "纬度", "北坐标", "n", NULL});
  reading->ring = column(reading, (const char *const[]){"ring", "环", NULL});
  if (reading->wkt >= 0 || (reading->id >= 0 && reading->x >= 0 && reading->y >= 0)) return true;
  land_fault(reading->faults, "csv.header", "/1",
             "标题行缺少图形列：要有wkt，或者有id（编号）、x（经度、东坐标）、y（纬度、北坐标）。",
             "The headings lack the geometry: a column wkt, or the columns id, x (or lon) and y (or lat).");
  return false;
}

static const char *field(const struct reading *reading, int index) {
  if (index < 0 || index >= reading->csv.count) return "";
  return reading->guarded ? wg_unguarded(reading->csv.field[index]) : reading->csv.field[index];
}

static struct land_row *add_row(struct reading *reading) {
  struct land_row row = {
      .line = reading->csv.line, .id = wg_arena_strdup(reading->arena, field(reading, reading->id)), .wkt = ""};
  row.attribute = wg_arena_alloc(reading->arena, ((size_t)reading->columns + 1) * sizeof *row.attribute);
  for (int i = 0; i < reading->columns; i++)
    if (i != reading->wkt && i != reading->x && i != reading->y && i != reading->ring)
      row.attribute[row.attribute_count++] =
          (struct land_attribute){reading->name[i], wg_arena_strdup(reading->arena, field(reading, i))};
  wg_buffer_append(&reading->rows, &row, sizeof row);
  return (struct land_row *)(void *)(reading->rows.data + reading->rows.size - sizeof row);
}

// --- one line a point ---
static void end_ring(struct reading *reading) {
  bool closed = strcmp(reading->first[0], reading->last[0]) == 0 && strcmp(reading->first[1], reading->last[1]) == 0;
  if (!closed) wg_buffer_printf(&reading->points, ",%s %s", reading->first[0], reading->first[1]);
  wg_buffer_text(&reading->points, ")");
}

static void end_parcel(struct reading *reading) {
  if (reading->points.size == 0) return;
  end_ring(reading);
  wg_buffer_text(&reading->points, ")");
  struct land_row *row = (struct land_row *)(void *)(reading->rows.data + reading->rows.size - sizeof *row);
  row->wkt = wg_arena_text(reading->arena, (struct wg_bytes){reading->points.data, reading->points.size});
  wg_buffer_clear(&reading->points);
}

static bool is_number(const char *text) {
  char *end;
  strtod(text, &end);
  return *text && *end == 0 && strlen(text) < 64;
}

static void take_point(struct reading *reading) {
  const char *id = field(reading, reading->id), *x = field(reading, reading->x), *y = field(reading, reading->y);
  const char *ring = field(reading, reading->ring);
  const char *pointer = wg_arena_printf(reading->arena, "/%llu", (unsigned long long)reading->csv.line);
  if (!is_number(x) || !is_number(y)) {
    land_fault(reading->faults, "csv.number", pointer, "坐标不是数字。", "The coordinates are not numbers.");
    return;
  }
  const struct land_row *before =
      reading->rows.size ? (const struct land_row *)(void *)(reading->rows.data + reading->rows.size - sizeof *before)
                         : NULL;
  bool same_parcel = before && strcmp(before->id, id) == 0,
       same_ring = same_parcel && strcmp(reading->open_ring, ring) == 0;
  if (!same_parcel) {
    end_parcel(reading);
    const struct land_row *rows = (const struct land_row *)(void *)reading->rows.data;
    for (size_t i = 0; i < reading->rows.size / sizeof *rows; i++)
      if (strcmp(rows[i].id, id) == 0)
        land_fault(reading->faults, "csv.order", pointer, "同一地块的点没有连在一起。",
                   "The points of a parcel do not stand together.");
    add_row(reading);
    wg_buffer_text(&reading->points, "POLYGON (");
  } else if (!same_ring) {
    end_ring(reading);
    wg_buffer_text(&reading->points, ",");
  }
  wg_buffer_printf(&reading->points, "%s%s %s", same_ring ? "," : "(", x, y);
  snprintf(reading->last[0], sizeof reading->last[0], "%s", x);
  snprintf(reading->last[1], sizeof reading->last[1], "%s", y);
  if (!same_ring) memcpy(reading->first, reading->last, sizeof reading->first);
  snprintf(reading->open_ring, sizeof reading->open_ring, "%s", ring);
}

static void take_record(struct reading *reading) {
  if (reading->wkt < 0) {
    take_point(reading);
    return;
  }
  add_row(reading)->wkt = wg_arena_strdup(reading->arena, field(reading, reading->wkt));
}

struct land_rows land_rows_csv(struct wg_bytes text, bool guarded, struct wg_arena *arena, struct land_faults *faults) {
  struct reading reading = {.arena = arena, .faults = faults, .guarded = guarded};
  struct wg_input input = {0};
  struct wg_error error;
  wg_input_memory(&input, text);
  wg_csv_start(&reading.csv, &input);
  if (read_header(&reading))
    for (enum wg_csv_result result; (result = wg_csv_next(&reading.csv, &error)) != WG_CSV_END;) {
      if (result == WG_CSV_RECORD) take_record(&reading);
      else
        land_fault(faults, "csv.record", wg_arena_printf(arena, "/%llu", (unsigned long long)reading.csv.line),
                   wg_arena_printf(arena, "第%llu行不是正确的CSV记录。", (unsigned long long)reading.csv.line),
                   wg_arena_strdup(arena, error.message));
    }
  if (input.encoding == WG_INPUT_GB18030)
    land_remark(faults, WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_NOTE, "csv.gb18030", "",
                "文件是GB18030编码，已转换为UTF-8，请核对文字。",
                "The file is GB18030 and was converted to UTF-8; look at its texts.");
  end_parcel(&reading);
  wg_csv_stop(&reading.csv);
  wg_input_close(&input);
  struct land_rows rows = {wg_arena_alloc(arena, reading.rows.size + sizeof(struct land_row)),
                           reading.rows.size / sizeof(struct land_row)};
  if (reading.rows.size) memcpy(rows.row, reading.rows.data, reading.rows.size);
  wg_buffer_free(&reading.rows);
  wg_buffer_free(&reading.points);
  return rows;
}

#include "services/land/survey/outline.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// --- reading ---
struct reader {
  const char *text, *at;
  struct wg_arena *arena;
  struct land_faults *faults; // NULL: nobody wants to know
  bool heights;
  size_t points;
  struct wg_buffer held; // points of the ring, then rings of the part
};

static bool refuse(struct reader *reader, const char *code, const char *zh, const char *en) {
  if (reader->faults && !land_fault_find(reader->faults, code)) land_fault(reader->faults, code, "/geometry", zh, en);
  return false;
}

static bool bad_syntax(struct reader *reader, const char *zh, const char *en) {
  if (!reader->faults) return false;
  long place = (long)(reader->at - reader->text) + 1;
  return refuse(reader, "geometry.syntax",
                wg_arena_printf(reader->arena, "图形不是可读的WKT：第%ld个字符处%s。", place, zh),
                wg_arena_printf(reader->arena, "The geometry is not readable WKT: %s at character %ld.", en, place));
}

static void blanks(struct reader *reader) {
  reader->at += strspn(reader->at, " \t\r\n");
}

static bool take(struct reader *reader, char wanted) {
  blanks(reader);
  if (*reader->at != wanted) return false;
  reader->at++;
  return true;
}

static bool word(struct reader *reader, const char *wanted) {
  blanks(reader);
  size_t size = strlen(wanted);
  if (strncasecmp(reader->at, wanted, size) != 0) return false;
  reader->at += size;
  return true;
}

static bool number(struct reader *reader, double *value) {
  blanks(reader);
  char *end;
  *value = strtod(reader->at, &end);
  if (end == reader->at) return bad_syntax(reader, "应为数字", "a number is expected");
  if (!isfinite(*value))
    return refuse(reader, "geometry.number", "坐标有NaN或无穷大，请重新导出图形。",
                  "A coordinate is NaN or infinite; export the geometry again.");
  reader->at = end;
  return true;
}

static bool read_point(struct reader *reader) {
  struct land_point point;
  double height;
  if (!number(reader, &point.x) || !number(reader, &point.y)) return false;
  if (reader->heights && !number(reader, &height)) return false;
  if (++reader->points > LAND_OUTLINE_POINTS && reader->faults)
    return refuse(reader, "geometry.too_many_points", "一个地块最多10,000个点，请先抽稀或分割。",
                  "A parcel has at most 10,000 points; simplify or split it first.");
  wg_buffer_append(&reader->held, &point, sizeof point);
  return true;
}

// read_ring reads "( x y, … )"; the points go into the arena.
static bool read_ring(struct reader *reader, struct land_ring *ring) {
  size_t begin = reader->held.size;
  if (!take(reader, '(')) return bad_syntax(reader, "缺少左括号", "an opening bracket is missing");
  do {
    if (!read_point(reader)) return false;
  } while (take(reader, ','));
  if (!take(reader, ')')) return bad_syntax(reader, "缺少逗号或右括号", "a comma or a closing bracket is missing");
  size_t size = reader->held.size - begin;
  ring->point = wg_arena_alloc(reader->arena, size + sizeof *ring->point); // room to close it
  memcpy(ring->point, reader->held.data + begin, size);
  ring->count = size / sizeof *ring->point;
  reader->held.size = begin;
  return true;
}

static bool read_part(struct reader *reader, struct land_outline *shape) {
  size_t begin = reader->held.size;
  if (!take(reader, '(')) return bad_syntax(reader, "缺少左括号", "an opening bracket is missing");
  do {
    struct land_ring ring;
    if (!read_ring(reader, &ring)) return false;
    wg_buffer_append(&reader->held, &ring, sizeof ring);
  } while (take(reader, ','));
  if (!take(reader, ')')) return bad_syntax(reader, "缺少逗号或右括号", "a comma or a closing bracket is missing");
  size_t size = reader->held.size - begin;
  shape->ring = wg_arena_alloc(reader->arena, size);
  memcpy(shape->ring, reader->held.data + begin, size);
  shape->count = size / sizeof *shape->ring;
  reader->held.size = begin;
  return true;
}

static bool read_parts(struct reader *reader, bool many) {
  struct land_outline part;
  if (many && !take(reader, '(')) return bad_syntax(reader, "缺少左括号", "an opening bracket is missing");
  do {
    size_t begin = reader->held.size;
    if (!read_part(reader, &part)) return false;
    reader->held.size = begin;
    wg_buffer_append(&reader->held, &part, sizeof part);
  } while (many && take(reader, ','));
  if (many && !take(reader, ')')) return bad_syntax(reader, "缺少右括号", "a closing bracket is missing");
  blanks(reader);
  return *reader->at == 0 || bad_syntax(reader, "图形之后还有内容", "something follows the geometry");
}

// read_all gives all parts, in the arena; count 0: a fault.
static struct land_outline *read_all(const char *wkt, struct wg_arena *arena, struct land_faults *faults,
                                     size_t *count) {
  struct reader reader = {.text = wkt, .at = wkt, .arena = arena, .faults = faults};
  *count = 0;
  bool many = word(&reader, "MULTIPOLYGON"), whole = false;
  if (!many && !word(&reader, "POLYGON")) bad_syntax(&reader, "应为POLYGON", "POLYGON is expected");
  else {
    reader.heights = word(&reader, "Z");
    whole = read_parts(&reader, many);
  }
  struct land_outline *shapes = NULL;
  if (whole) {
    shapes = wg_arena_alloc(arena, reader.held.size);
    memcpy(shapes, reader.held.data, reader.held.size);
    *count = reader.held.size / sizeof *shapes;
  }
  wg_buffer_free(&reader.held);
  return shapes;
}

struct land_outline *land_outline_read(const char *wkt, struct wg_arena *arena, struct land_faults *faults) {
  size_t count;
  struct land_outline *shapes = read_all(wkt, arena, faults, &count);
  if (count <= 1) return shapes;
  land_fault(
      faults, "geometry.multipart", "/geometry",
      wg_arena_printf(arena, "图形由%zu个部分组成，一个地块只能是一块：请拆成%zu个地块。", count, count),
      wg_arena_printf(arena, "The geometry has %zu parts, a parcel is one: split it into %zu parcels.", count, count));
  return NULL;
}

struct land_outline *land_outline_parse(const char *wkt, struct wg_arena *arena) {
  size_t count;
  struct land_outline *shapes = read_all(wkt, arena, NULL, &count);
  return count == 1 ? shapes : NULL;
}

struct land_outline *land_outlines_parse(const char *wkt, struct wg_arena *arena, size_t *count) {
  return read_all(wkt, arena, NULL, count);
}

// --- writing ---
int land_number_write(double number, char text[32]) {
  int size = snprintf(text, 32, "%.9f", number);
  while (size > 1 && text[size - 1] == '0')
    size--;
  if (size > 1 && text[size - 1] == '.') size--;
  text[size] = 0;
  if (strcmp(text, "-0") == 0) size = snprintf(text, 32, "0");
  return size;
}

static void write_rings(struct wg_buffer *buffer, const struct land_outline *shape, const char *open,
                        const char *between, const char *next, const char *close) {
  char text[32];
  for (size_t r = 0; r < shape->count; r++) {
    wg_buffer_text(buffer, r ? "," : "");
    wg_buffer_text(buffer, open);
    for (size_t i = 0; i < shape->ring[r].count; i++) {
      if (i) wg_buffer_text(buffer, next);
      wg_buffer_append(buffer, text, (size_t)land_number_write(shape->ring[r].point[i].x, text));
      wg_buffer_text(buffer, between);
      wg_buffer_append(buffer, text, (size_t)land_number_write(shape->ring[r].point[i].y, text));
    }
    wg_buffer_text(buffer, close);
  }
}

static char *written(struct wg_buffer *buffer, struct wg_arena *arena) {
  char *text = wg_arena_text(arena, (struct wg_bytes){buffer->data, buffer->size});
  wg_buffer_free(buffer);
  return text;
}

char *land_outline_write(const struct land_outline *shape, struct wg_arena *arena) {
  struct wg_buffer buffer = {0};
  wg_buffer_text(&buffer, "POLYGON (");
  write_rings(&buffer, shape, "(", " ", ",", ")");
  wg_buffer_text(&buffer, ")");
  return written(&buffer, arena);
}

char *land_outline_geojson(const struct land_outline *shape, struct wg_arena *arena) {
  struct wg_buffer buffer = {0};
  wg_buffer_text(&buffer, "{\"type\":\"Polygon\",\"coordinates\":[");
  write_rings(&buffer, shape, "[[", ",", "],[", "]]");
  wg_buffer_text(&buffer, "]}");
  return written(&buffer, arena);
}

char *land_point_geojson(struct land_point degrees, struct wg_arena *arena) {
  char x[32], y[32];
  land_number_write(degrees.x, x);
  land_number_write(degrees.y, y);
  return wg_arena_printf(arena, "{\"type\":\"Point\",\"coordinates\":[%s,%s]}", x, y);
}

// --- measuring ---
struct land_outline *land_outline_copy(const struct land_outline *shape, struct wg_arena *arena) {
  struct land_outline *copy = wg_arena_alloc(arena, sizeof *copy);
  *copy = (struct land_outline){wg_arena_alloc(arena, shape->count * sizeof *copy->ring), shape->count};
  for (size_t r = 0; r < shape->count; r++) {
    size_t count = shape->ring[r].count;
    copy->ring[r] = (struct land_ring){wg_arena_alloc(arena, (count + 1) * sizeof(struct land_point)), count};
    if (count) memcpy(copy->ring[r].point, shape->ring[r].point, count * sizeof(struct land_point));
  }
  return copy;
}

struct land_box land_outline_box(const struct land_outline *shape) {
  struct land_box box = {INFINITY, INFINITY, -INFINITY, -INFINITY};
  for (size_t i = 0; i < shape->ring[0].count; i++) {
    struct land_point point = shape->ring[0].point[i];
    box.west = fmin(box.west, point.x);
    box.east = fmax(box.east, point.x);
    box.south = fmin(box.south, point.y);
    box.north = fmax(box.north, point.y);
  }
  return box;
}

bool land_box_meet(struct land_box a, struct land_box b, double margin) {
  return a.west <= b.east + margin && b.west <= a.east + margin && a.south <= b.north + margin &&
         b.south <= a.north + margin;
}

size_t land_outline_points(const struct land_outline *shape) {
  size_t count = 0;
  for (size_t r = 0; r < shape->count; r++)
    count += shape->ring[r].count;
  return count;
}

double land_ring_area(const struct land_ring *ring) {
  double sum = 0;
  const struct land_point origin = ring->count ? ring->point[0] : (struct land_point){0, 0};
  for (size_t i = 1; i + 1 < ring->count; i++)
    sum += (ring->point[i].x - origin.x) * (ring->point[i + 1].y - origin.y) -
           (ring->point[i + 1].x - origin.x) * (ring->point[i].y - origin.y);
  return sum / 2;
}

double land_outline_area(const struct land_outline *shape) {
  double area = fabs(land_ring_area(&shape->ring[0]));
  for (size_t r = 1; r < shape->count; r++)
    area -= fabs(land_ring_area(&shape->ring[r]));
  return fmax(area, 0);
}

double land_outline_length(const struct land_outline *shape) {
  double length = 0;
  for (size_t r = 0; r < shape->count; r++)
    for (size_t i = 1; i < shape->ring[r].count; i++)
      length += hypot(shape->ring[r].point[i].x - shape->ring[r].point[i - 1].x,
                      shape->ring[r].point[i].y - shape->ring[r].point[i - 1].y);
  return length;
}

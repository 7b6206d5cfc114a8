// Columns: one-dimensional arrays in PostgreSQL's binary format, built value by value.
//
//   int32 dimensions (1)  int32 has nulls  oid of the element  int32 elements  int32 lower bound (1)
//   per element: int32 length (-1: null), bytes
//   an empty array: dimensions 0, has nulls 0, oid          (src/backend/utils/adt/arrayfuncs.c, array_recv)

#include "common/db/internal.h"

#include <limits.h>

enum { HEADER = 20, EMPTY_HEADER = 12 };

struct wg_column {
  struct wg_arena *arena;
  Oid array, element;
  bool nulls;
  size_t rows;
  uint8_t *data; // starts with room for the header, which is written when the column becomes a parameter
  size_t size, capacity;
};

static struct wg_column *create(struct wg_arena *arena, Oid array, Oid element, size_t rows, size_t value_size) {
  struct wg_column *column = wg_arena_zalloc(arena, sizeof *column);
  column->arena = arena;
  column->array = array;
  column->element = element;
  column->size = HEADER;
  column->capacity = HEADER + rows * (4 + value_size);
  column->data = wg_arena_alloc(arena, column->capacity);
  return column;
}

struct wg_column *wg_column_i16(struct wg_arena *arena, size_t rows) {
  return create(arena, WG_OID_I16_ARRAY, WG_OID_I16, rows, 2);
}

struct wg_column *wg_column_i32(struct wg_arena *arena, size_t rows) {
  return create(arena, WG_OID_I32_ARRAY, WG_OID_I32, rows, 4);
}

struct wg_column *wg_column_i64(struct wg_arena *arena, size_t rows) {
  return create(arena, WG_OID_I64_ARRAY, WG_OID_I64, rows, 8);
}

struct wg_column *wg_column_f64(struct wg_arena *arena, size_t rows) {
  return create(arena, WG_OID_F64_ARRAY, WG_OID_F64, rows, 8);
}

struct wg_column *wg_column_bool(struct wg_arena *arena, size_t rows) {
  return create(arena, WG_OID_BOOL_ARRAY, WG_OID_BOOL, rows, 1);
}

struct wg_column *wg_column_text(struct wg_arena *arena, size_t rows) {
  return create(arena, WG_OID_TEXT_ARRAY, WG_OID_TEXT, rows, 24);
}

struct wg_column *wg_column_bytea(struct wg_arena *arena, size_t rows) {
  return create(arena, WG_OID_BYTEA_ARRAY, WG_OID_BYTEA, rows, 32);
}

struct wg_column *wg_column_time(struct wg_arena *arena, size_t rows) {
  return create(arena, WG_OID_TIME_ARRAY, WG_OID_TIME, rows, 8);
}

// room makes space for `size` more bytes. The old block stays in the arena; doubling bounds the waste.
static uint8_t *room(struct wg_column *column, size_t size) {
  if (column->capacity - column->size < size) {
    size_t capacity = column->capacity * 2;
    if (capacity < column->size + size) capacity = column->size + size;
    uint8_t *data = wg_arena_alloc(column->arena, capacity);
    memcpy(data, column->data, column->size);
    column->data = data;
    column->capacity = capacity;
  }
  uint8_t *at = column->data + column->size;
  column->size += size;
  return at;
}

// push appends the length word and returns where the value's bytes go.
static uint8_t *push(struct wg_column *column, Oid element, size_t length) {
  assert(column->element == element);
  assert(length <= INT_MAX);
  uint8_t *at = room(column, 4 + length);
  wg_put_u32(at, (uint32_t)length);
  column->rows++;
  return at + 4;
}

void wg_push_null(struct wg_column *column) {
  wg_put_u32(room(column, 4), UINT32_MAX);
  column->nulls = true;
  column->rows++;
}

void wg_push_i16(struct wg_column *column, int16_t value) {
  wg_put_u16(push(column, WG_OID_I16, 2), (uint16_t)value);
}

void wg_push_i32(struct wg_column *column, int32_t value) {
  wg_put_u32(push(column, WG_OID_I32, 4), (uint32_t)value);
}

void wg_push_i64(struct wg_column *column, int64_t value) {
  wg_put_u64(push(column, WG_OID_I64, 8), (uint64_t)value);
}

void wg_push_f64(struct wg_column *column, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  wg_put_u64(push(column, WG_OID_F64, 8), bits);
}

void wg_push_bool(struct wg_column *column, bool value) {
  *push(column, WG_OID_BOOL, 1) = value;
}

void wg_push_text(struct wg_column *column, const char *value) {
  if (!value) {
    wg_push_null(column);
    return;
  }
  size_t length = strlen(value);
  memcpy(push(column, WG_OID_TEXT, length), value, length);
}

void wg_push_bytea(struct wg_column *column, struct wg_bytes value) {
  uint8_t *at = push(column, WG_OID_BYTEA, value.size);
  if (value.size) memcpy(at, value.data, value.size);
}

void wg_push_time(struct wg_column *column, int64_t at_us) {
  if (at_us == 0) {
    wg_push_null(column);
    return;
  }
  const int64_t since_2000 = at_us == INT64_MAX ? INT64_MAX : at_us - WG_POSTGRES_EPOCH_US; // INT64_MAX: infinity
  wg_put_u64(push(column, WG_OID_TIME, 8), (uint64_t)since_2000);
}

size_t wg_column_rows(const struct wg_column *column) {
  return column->rows;
}

void wg_param_column(struct wg_params *params, const struct wg_column *column) {
  assert(params->count < params->capacity);
  assert(column->size <= INT_MAX && column->rows <= INT32_MAX);
  uint8_t *data = column->data;
  wg_put_u32(data, column->rows ? 1 : 0);
  wg_put_u32(data + 4, column->nulls);
  wg_put_u32(data + 8, column->element);
  wg_put_u32(data + 12, (uint32_t)column->rows);
  wg_put_u32(data + 16, 1);
  int at = params->count++;
  params->types[at] = column->array;
  params->values[at] = (const char *)data;
  params->lengths[at] = column->rows ? (int)column->size : EMPTY_HEADER;
  params->formats[at] = 1;
}

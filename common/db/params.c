// Parameters of one execution, in PostgreSQL's binary format.

#include "common/db/internal.h"

#include <limits.h>

struct wg_params *wg_params(struct wg_arena *arena, int capacity) {
  assert(capacity >= 0);
  size_t count = (size_t)capacity;
  struct wg_params *params = wg_arena_zalloc(arena, sizeof *params);
  params->arena = arena;
  params->capacity = capacity;
  params->types = wg_arena_alloc(arena, count * sizeof *params->types);
  params->values = wg_arena_alloc(arena, count * sizeof *params->values);
  params->lengths = wg_arena_alloc(arena, count * sizeof *params->lengths);
  params->formats = wg_arena_alloc(arena, count * sizeof *params->formats);
  return params;
}

static void add(struct wg_params *params, Oid type, const void *value, size_t length) {
  assert(params->count < params->capacity);
  assert(length <= INT_MAX);
  int at = params->count++;
  params->types[at] = type;
  params->values[at] = value;
  params->lengths[at] = (int)length;
  params->formats[at] = 1;
}

void wg_param_null(struct wg_params *params, Oid type) {
  add(params, type, NULL, 0);
}

void wg_param_bool(struct wg_params *params, bool value) {
  add(params, WG_OID_BOOL, value ? "\1" : "\0", 1);
}

void wg_param_i32(struct wg_params *params, int32_t value) {
  void *bytes = wg_arena_alloc(params->arena, 4);
  wg_put_u32(bytes, (uint32_t)value);
  add(params, WG_OID_I32, bytes, 4);
}

static void *eight(struct wg_params *params, uint64_t value) {
  void *bytes = wg_arena_alloc(params->arena, 8);
  wg_put_u64(bytes, value);
  return bytes;
}

void wg_param_i64(struct wg_params *params, int64_t value) {
  add(params, WG_OID_I64, eight(params, (uint64_t)value), 8);
}

void wg_param_f64(struct wg_params *params, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  add(params, WG_OID_F64, eight(params, bits), 8);
}

void wg_param_text(struct wg_params *params, const char *value) {
  add(params, WG_OID_TEXT, value, value ? strlen(value) : 0);
}

void wg_param_bytea(struct wg_params *params, struct wg_bytes value) {
  add(params, WG_OID_BYTEA, value.data ? (const void *)value.data : "", value.size);
}

void wg_param_time(struct wg_params *params, int64_t at_us) {
  add(params, WG_OID_TIME, eight(params, (uint64_t)(at_us - WG_POSTGRES_EPOCH_US)), 8);
}

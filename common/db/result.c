// Getters of binary results. A wrong type is a mistake in the program, so it is asserted and not reported.

#include "common/db/internal.h"

static const uint8_t *value(const PGresult *result, int row, int column, Oid type, size_t size) {
  assert(PQftype(result, column) == type && PQfformat(result, column) == 1);
  if (PQgetisnull(result, row, column)) return NULL;
  assert((size_t)PQgetlength(result, row, column) == size);
  return (const uint8_t *)PQgetvalue(result, row, column);
}

bool wg_is_null(const PGresult *result, int row, int column) {
  return PQgetisnull(result, row, column);
}

bool wg_get_bool(const PGresult *result, int row, int column) {
  const uint8_t *at = value(result, row, column, WG_OID_BOOL, 1);
  return at && *at;
}

int16_t wg_get_i16(const PGresult *result, int row, int column) {
  const uint8_t *at = value(result, row, column, WG_OID_I16, 2);
  return at ? (int16_t)wg_take_u16(at) : 0;
}

int32_t wg_get_i32(const PGresult *result, int row, int column) {
  const uint8_t *at = value(result, row, column, WG_OID_I32, 4);
  return at ? (int32_t)wg_take_u32(at) : 0;
}

int64_t wg_get_i64(const PGresult *result, int row, int column) {
  const uint8_t *at = value(result, row, column, WG_OID_I64, 8);
  return at ? (int64_t)wg_take_u64(at) : 0;
}

double wg_get_f64(const PGresult *result, int row, int column) {
  const uint8_t *at = value(result, row, column, WG_OID_F64, 8);
  if (!at) return 0;
  uint64_t bits = wg_take_u64(at);
  double number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

// Types whose binary form is their text. User types: enumerations and the like.
static bool is_text(Oid type) {
  switch (type) {
  case WG_OID_TEXT:
  case WG_OID_VARCHAR:
  case WG_OID_BPCHAR:
  case WG_OID_NAME:
  case WG_OID_CHAR:
  case WG_OID_JSON:
  case WG_OID_UNKNOWN:
    return true;
  default:
    return type >= WG_OID_FIRST_USER;
  }
}

const char *wg_get_text(const PGresult *result, int row, int column) {
  assert(PQfformat(result, column) == 1);
  if (PQgetisnull(result, row, column)) return "";
  const char *text = PQgetvalue(result, row, column);
  if (PQftype(result, column) == WG_OID_JSONB) return text + 1; // behind the version byte
  assert(is_text(PQftype(result, column)));
  return text;
}

struct wg_bytes wg_get_bytea(const PGresult *result, int row, int column) {
  assert(PQftype(result, column) == WG_OID_BYTEA && PQfformat(result, column) == 1);
  if (PQgetisnull(result, row, column)) return (struct wg_bytes){NULL, 0};
  return (struct wg_bytes){(const uint8_t *)PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column)};
}

int64_t wg_get_time(const PGresult *result, int row, int column) {
  const uint8_t *at = value(result, row, column, WG_OID_TIME, 8);
  if (!at) return 0;
  int64_t since_2000 = (int64_t)wg_take_u64(at);
  if (since_2000 == INT64_MAX || since_2000 == INT64_MIN) return since_2000; // infinity, -infinity
  return since_2000 + WG_POSTGRES_EPOCH_US;
}

size_t wg_get_i64_array(const PGresult *result, int row, int column, struct wg_arena *arena, int64_t **values) {
  assert(PQftype(result, column) == WG_OID_I64_ARRAY && PQfformat(result, column) == 1);
  *values = NULL;
  if (PQgetisnull(result, row, column)) return 0;
  const uint8_t *at = (const uint8_t *)PQgetvalue(result, row, column);
  size_t size = (size_t)PQgetlength(result, row, column);
  assert(size >= 12 && wg_take_u32(at + 8) == WG_OID_I64);
  if (wg_take_u32(at) == 0) return 0;
  assert(size >= 20 && wg_take_u32(at) == 1);
  size_t count = wg_take_u32(at + 12);
  assert(size == 20 + count * 12); // also: no null in it, a null has four bytes
  *values = wg_arena_alloc(arena, count * sizeof **values);
  for (size_t i = 0; i < count; i++)
    (*values)[i] = (int64_t)wg_take_u64(at + 20 + i * 12 + 4);
  return count;
}

// Outcome of every function that can fail: a google.rpc code, and a wg_error that says what and where.
//
// Rule: a function that can fail returns wg_status and takes a `struct wg_error *error` as its last argument
// (never NULL). On WG_OK the error is untouched. The caller handles it or passes it on; nobody swallows it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Numbers are those of google.rpc.Code and of wangge.v1.Code.
typedef enum wg_status {
  WG_OK = 0,
  WG_CANCELLED = 1,
  WG_UNKNOWN = 2,
  WG_INVALID_ARGUMENT = 3,
  WG_DEADLINE_EXCEEDED = 4,
  WG_NOT_FOUND = 5,
  WG_ALREADY_EXISTS = 6,
  WG_PERMISSION_DENIED = 7,
  WG_RESOURCE_EXHAUSTED = 8,
  WG_FAILED_PRECONDITION = 9,
  WG_ABORTED = 10,
  WG_OUT_OF_RANGE = 11,
  WG_UNIMPLEMENTED = 12,
  WG_INTERNAL = 13,
  WG_UNAVAILABLE = 14,
  WG_DATA_LOSS = 15,
  WG_UNAUTHENTICATED = 16,
} wg_status;

struct wg_error {
  wg_status code;
  char field[96];    // path of the field at fault, e.g. "orders[3].text"; "" when no field is
  char message[400]; // English, one sentence for a person: what is wrong and what would be right
};

// wg_fail fills `error` and returns `code`, so that `return wg_fail(...)` is the usual way out.
// `field` may be NULL. Text that does not fit is cut at a UTF-8 boundary.
wg_status wg_fail(struct wg_error *error, wg_status code, const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
#ifdef __clang_analyzer__ // which sees one file at a time, would not know what it returns, and would go on after errors
#define wg_fail(error, code, ...) ((void)(wg_fail)(error, code, __VA_ARGS__), (code) != WG_OK ? (code) : WG_UNKNOWN)
#endif

// wg_status_name gives "INVALID_ARGUMENT" for WG_INVALID_ARGUMENT; "CODE_99" style text for unknown numbers.
const char *wg_status_name(wg_status code);

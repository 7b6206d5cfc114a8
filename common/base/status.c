// Errors: text cut to its room, and always well-formed UTF-8, because it travels in Status messages and log lines.
#include "common/base/status.h"
#include "common/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// keep copies `text` into `out` of `room` bytes. What is not UTF-8 (a quoted piece of bad input) becomes '?'.
static void keep(char *out, size_t room, const char *text) {
  size_t size = wg_utf8_cut(wg_bytes_of(text), room - 1);
  memcpy(out, text, size);
  out[size] = '\0';
  for (size_t at = 0; at < size;) {
    size_t step = wg_utf8_step((const uint8_t *)out + at, size - at);
    if (step == 0) out[at] = '?';
    at += step == 0 ? 1 : step;
  }
}

wg_status(wg_fail)(struct wg_error *error, wg_status code, const char *field, const char *format, ...) {
  // Wrapping passes the error's own texts as arguments: format aside first.
  char message[sizeof error->message + 4], path[sizeof error->field + 4];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  snprintf(path, sizeof path, "%s", field == NULL ? "" : field);
  error->code = code;
  keep(error->message, sizeof error->message, message);
  keep(error->field, sizeof error->field, path);
  return code;
}

const char *wg_status_name(wg_status code) {
  static const char *const names[] = {
      "OK",        "CANCELLED",       "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS",  "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",    "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED",
  };
  static _Thread_local char other[24];
  if ((size_t)code < sizeof names / sizeof names[0]) return names[code];
  snprintf(other, sizeof other, "CODE_%d", (int)code);
  return other;
}

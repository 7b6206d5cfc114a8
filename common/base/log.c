#include "common/base/log.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <unistd.h>

// Longest text of one field: a line stays readable, and a hostile text cannot fill the disk.
enum { TEXT_MAX = 1000 };

// Set once before threads start.
static const char *service_name = "wangge";
static enum wg_log_level least_level = WG_LOG_INFO;

void wg_log_init(const char *service, enum wg_log_level least) {
  service_name = service;
  least_level = least;
}

struct wg_log_field wg_field_text(const char *key, const char *text) {
  return (struct wg_log_field){.key = key, .kind = WG_FIELD_TEXT, .text = text == NULL ? "" : text};
}

struct wg_log_field wg_field_int(const char *key, int64_t number) {
  return (struct wg_log_field){.key = key, .kind = WG_FIELD_INT, .number = number};
}

struct wg_log_field wg_field_real(const char *key, double real) {
  return (struct wg_log_field){.key = key, .kind = WG_FIELD_REAL, .real = real};
}

static void append_text(struct wg_buffer *line, const char *text) {
  struct wg_bytes bytes = wg_bytes_of(text);
  bytes.size = wg_utf8_cut(bytes, TEXT_MAX);
  wg_json_quote(line, bytes);
}

static void append_value(struct wg_buffer *line, const struct wg_log_field *field) {
  if (field->kind == WG_FIELD_TEXT) append_text(line, field->text);
  else if (field->kind == WG_FIELD_INT) wg_buffer_printf(line, "%" PRId64, field->number);
  else if (isfinite(field->real)) wg_buffer_printf(line, "%.15g", field->real);
  else wg_buffer_text(line, "null"); // JSON has no NaN and no infinity
}

// write_line: one write for the whole line, so that lines of several threads do not mix. A stderr that takes no more
// (a full disk, a closed pipe) must not stop the service, and there is nowhere to tell.
static void write_line(const struct wg_buffer *line) {
  ssize_t written;
  do
    written = write(STDERR_FILENO, line->data, line->size);
  while (written < 0 && errno == EINTR);
}

void wg_log_fields(enum wg_log_level level, const char *message, const struct wg_log_field *fields) {
  static const char *const names[] = {"debug", "info", "warn", "error"};
  if (level < least_level) return;
  char at[40];
  int keep_errno = errno;
  struct wg_buffer line = {0};
  wg_buffer_printf(&line, "{\"ts\":\"%s\",\"level\":\"%s\",\"service\":", wg_rfc3339_format(wg_now_us(), at),
                   names[level]);
  append_text(&line, service_name);
  wg_buffer_text(&line, ",\"msg\":");
  append_text(&line, message);
  for (; fields->kind != WG_FIELD_END; fields++) {
    wg_buffer_text(&line, ",");
    append_text(&line, fields->key);
    wg_buffer_text(&line, ":");
    append_value(&line, fields);
  }
  wg_buffer_text(&line, "}\n");
  write_line(&line);
  wg_buffer_free(&line);
  errno = keep_errno;
}

// JSON lines on stderr, one object a line: ts, level, service, msg, then the caller's fields.
// Never personal data, never secrets. Safe from any thread (one write(2) per line).
#pragma once

#include <stdint.h>

enum wg_log_level { WG_LOG_DEBUG, WG_LOG_INFO, WG_LOG_WARN, WG_LOG_ERROR };

void wg_log_init(const char *service, enum wg_log_level least);
//   wg_log(WG_LOG_INFO, "database connected", wg_field_text("host", host), wg_field_int("port", 5432), WG_END);
struct wg_log_field {
  const char *key;
  enum { WG_FIELD_END, WG_FIELD_TEXT, WG_FIELD_INT, WG_FIELD_REAL } kind;
  const char *text;
  int64_t number;
  double real;
};
struct wg_log_field wg_field_text(const char *key, const char *text);
struct wg_log_field wg_field_int(const char *key, int64_t number);
struct wg_log_field wg_field_real(const char *key, double real);
#define WG_END ((struct wg_log_field){0})
void wg_log_fields(enum wg_log_level level, const char *message, const struct wg_log_field *fields);
#define wg_log(level, message, ...) wg_log_fields(level, message, (const struct wg_log_field[]){__VA_ARGS__, WG_END})
#define wg_log0(level, message) wg_log_fields(level, message, (const struct wg_log_field[]){WG_END})

// Time: UTC microseconds since 1970 everywhere; Asia/Shanghai civil time (UTC+8, no summer time since 1991) for people.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define WG_SECOND_US INT64_C(1000000)
#define WG_DAY_US (INT64_C(86400) * WG_SECOND_US)
#define WG_SHANGHAI_OFFSET_US (INT64_C(8) * 3600 * WG_SECOND_US)

int64_t wg_now_us(void);       // wall clock, or the simulated one
int64_t wg_monotonic_us(void); // for durations and timeouts

// wg_clock_simulate makes wg_now_us read the time from a file from now on: 8 bytes, UTC microseconds, little-endian.
// The file is mapped, so whoever writes it moves the clock, both ways; it must not become shorter. For tests and
// replays. False: there is no such file, or it is shorter (errno). Before threads are started.
bool wg_clock_simulate(const char *path);

struct wg_civil {
  int year, month, day, hour, minute, second, microsecond;
};
struct wg_civil wg_civil_from_us(int64_t at_us);
int64_t wg_civil_to_us(struct wg_civil civil);
bool wg_civil_valid(struct wg_civil civil);
// "2026-11-27 20:39:20" in Asia/Shanghai; buffer of at least 32 bytes; returns it.
char *wg_civil_format(int64_t at_us, char buffer[32]);
// RFC 3339 with milliseconds and +08:00; buffer of at least 40 bytes; returns it.
char *wg_rfc3339_format(int64_t at_us, char buffer[40]);
// wg_civil_parse reads "2019-02-28 11:25:05", "2019/2/28 11:25", "2019-02-28", RFC 3339 with zone; without a zone
// the time is Asia/Shanghai. Returns false for anything else.
bool wg_civil_parse(const char *text, int64_t *at_us);
// Days since 1970-01-01 of a civil date, and back; weekday 0 = Monday.
int32_t wg_day_number(int year, int month, int day);
void wg_day_civil(int32_t day, int *year, int *month, int *day_of_month);
int wg_day_weekday(int32_t day);
// wg_day_parse reads a day as exactly YYYY-MM-DD at the beginning of `text`; what follows is the caller's to look at.
bool wg_day_parse(const char *text, int32_t *day);
// wg_day_format writes a day as YYYY-MM-DD; returns the buffer.
enum { WG_DAY_TEXT = 32 };
char *wg_day_format(int32_t day, char buffer[WG_DAY_TEXT]);
// wg_minute_parse reads a time of day, HH:MM up to 24:00, at the beginning of `text`, as minutes since midnight; what
// follows is the caller's to look at.
bool wg_minute_parse(const char *text, int *minute);

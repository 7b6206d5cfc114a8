// Bytes as text: the fast check agrees with the step-by-step one, and what is built from bad text is good text.
#include "common/base/clock.h"
#include "common/base/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool truth) {
  if (!truth) abort();
}

static bool valid_by_steps(struct wg_bytes text) {
  for (size_t at = 0, step; at < text.size; at += step)
    if ((step = wg_utf8_step(text.data + at, text.size - at)) == 0) return false;
  return true;
}

static void check_time(const char *text) {
  int64_t at_us, back;
  char buffer[40];
  if (!wg_civil_parse(text, &at_us)) return;
  struct wg_civil civil = wg_civil_from_us(at_us);
  // The zone may move the last hours of year 9999 and the first of year 1 out of the calendar.
  if (!wg_civil_valid(civil)) return;
  expect(wg_civil_parse(wg_rfc3339_format(at_us, buffer), &back) && back == at_us - civil.microsecond % 1000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct wg_bytes text = {data, size};
  bool valid = wg_utf8_valid(text);
  expect(valid == valid_by_steps(text));
  for (size_t limit = 0; limit <= size && limit < 64; limit++) {
    size_t cut = wg_utf8_cut(text, limit);
    expect(cut <= limit);
    if (valid) expect(wg_utf8_valid((struct wg_bytes){data, cut}));
  }
  struct wg_buffer json = {0};
  wg_json_quote(&json, text);
  expect(wg_utf8_valid((struct wg_bytes){json.data, json.size}));
  wg_buffer_free(&json);

  struct wg_buffer copy = {0};
  wg_buffer_append(&copy, data, size);
  const char *terminated = wg_buffer_cstr(&copy);
  struct wg_error error = {0};
  if (wg_text_check(terminated, size, 0, "text", &error) == WG_OK) expect(wg_utf8_valid(wg_bytes_of(terminated)));
  else expect(strcmp(error.field, "text") == 0);
  wg_fail(&error, WG_INTERNAL, terminated, "%s", terminated);
  expect(wg_utf8_valid(wg_bytes_of(error.message)) && wg_utf8_valid(wg_bytes_of(error.field)));
  check_time(terminated);
  wg_buffer_free(&copy);
  return 0;
}

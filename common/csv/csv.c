// A strict CSV reader that can say which record is broken and goes on behind it.

#include "common/csv/csv.h"

#include "common/base/text.h"

#include <string.h>

void wg_csv_start(struct wg_csv *csv, struct wg_input *input) {
  *csv = (struct wg_csv){.input = input};
}

void wg_csv_stop(struct wg_csv *csv) {
  wg_buffer_free(&csv->values);
}

enum parsed { PARSED, NEED_MORE, BROKEN };

static const char *const problems[] = {
    [WG_CSV_NOT_CLOSED] = "a quote is opened and never closed",
    [WG_CSV_QUOTE_INSIDE] = "a quote stands inside a field that is not quoted",
    [WG_CSV_RETURN_ALONE] = "a carriage return stands alone",
    [WG_CSV_TEXT_BEHIND] = "text follows a closing quote",
    [WG_CSV_TOO_MANY] = "the record has more than 256 fields",
    [WG_CSV_TOO_LARGE] = "the record is larger than 256 KiB; is a quote opened and never closed?",
};

// One pass over the text from *at. `end`: no text will follow.
struct scan {
  const uint8_t *data;
  size_t at, size;
  bool end;
  enum wg_csv_problem problem;
};

static enum parsed broken(struct scan *scan, enum wg_csv_problem problem) {
  scan->problem = problem;
  return BROKEN;
}

// quoted_field reads behind an opening quote up to and with the closing one.
static enum parsed quoted_field(struct scan *scan, struct wg_buffer *values) {
  for (;;) {
    size_t left = scan->size - scan->at;
    const uint8_t *quote = left > 0 ? memchr(scan->data + scan->at, '"', left) : NULL;
    if (quote == NULL) return scan->end ? broken(scan, WG_CSV_NOT_CLOSED) : NEED_MORE;
    size_t length = (size_t)(quote - scan->data) - scan->at;
    wg_buffer_append(values, scan->data + scan->at, length);
    scan->at += length + 1;
    if (scan->at == scan->size && !scan->end) return NEED_MORE; // perhaps the first of two
    if (scan->at == scan->size || scan->data[scan->at] != '"') return PARSED;
    wg_buffer_append(values, "\"", 1);
    scan->at++;
  }
}

static enum parsed bare_field(struct scan *scan, struct wg_buffer *values) {
  size_t start = scan->at;
  while (scan->at < scan->size) {
    uint8_t byte = scan->data[scan->at];
    if (byte == ',' || byte == '\n' || byte == '\r') break;
    if (byte == '"') return broken(scan, WG_CSV_QUOTE_INSIDE);
    scan->at++;
  }
  if (scan->at == scan->size && !scan->end) return NEED_MORE;
  wg_buffer_append(values, scan->data + start, scan->at - start);
  return PARSED;
}

// field_end reads what separates fields; *last: the record ended.
static enum parsed field_end(struct scan *scan, bool *last) {
  *last = true;
  if (scan->at == scan->size) return scan->end ? PARSED : NEED_MORE;
  uint8_t byte = scan->data[scan->at];
  if (byte == ',') {
    *last = false;
    scan->at++;
    return PARSED;
  }
  if (byte == '\r') {
    if (scan->at + 1 == scan->size && !scan->end) return NEED_MORE;
    if (scan->at + 1 == scan->size || scan->data[scan->at + 1] != '\n') return broken(scan, WG_CSV_RETURN_ALONE);
    scan->at++;
    byte = '\n';
  }
  if (byte != '\n') return broken(scan, WG_CSV_TEXT_BEHIND);
  scan->at++;
  return PARSED;
}

static enum parsed parse_record(struct wg_csv *csv, struct scan *scan) {
  wg_buffer_clear(&csv->values);
  csv->count = 0;
  bool last = false;
  while (!last) {
    if (csv->count == WG_CSV_FIELDS) return broken(scan, WG_CSV_TOO_MANY);
    csv->offset[csv->count++] = csv->values.size;
    if (scan->at == scan->size && !scan->end) return NEED_MORE;
    enum parsed result;
    if (scan->at < scan->size && scan->data[scan->at] == '"') {
      scan->at++;
      result = quoted_field(scan, &csv->values);
    } else {
      result = bare_field(scan, &csv->values);
    }
    if (result != PARSED) return result;
    wg_buffer_append(&csv->values, "", 1);
    result = field_end(scan, &last);
    if (result != PARSED) return result;
  }
  return PARSED;
}

static uint64_t lines_in(const uint8_t *data, size_t size) {
  uint64_t lines = 0;
  for (size_t i = 0; i < size; i++)
    lines += data[i] == '\n';
  return lines;
}

static enum wg_csv_result finish_record(struct wg_csv *csv, struct wg_error *error) {
  for (int i = 0; i < csv->count; i++) {
    size_t end = (i + 1 < csv->count ? csv->offset[i + 1] : csv->values.size) - 1;
    csv->field[i] = (char *)csv->values.data + csv->offset[i];
    struct wg_bytes text = {csv->values.data + csv->offset[i], end - csv->offset[i]};
    if (wg_utf8_valid(text)) continue;
    csv->problem = WG_CSV_NOT_TEXT;
    wg_fail(error, WG_INVALID_ARGUMENT, NULL, "field %d is not valid UTF-8 or holds a NUL", i + 1);
    return WG_CSV_BROKEN;
  }
  return WG_CSV_RECORD;
}

// skip_first_line goes to the line after the first of a broken record.
static void skip_first_line(struct wg_input *input) {
  for (;;) {
    size_t left = input->text.size - input->at;
    const uint8_t *start = input->text.data + input->at, *end = left > 0 ? memchr(start, '\n', left) : NULL;
    if (end != NULL) {
      input->at += (size_t)(end - start) + 1;
      input->line++;
      return;
    }
    input->at = input->text.size;
    if (input->ended) return;
    wg_input_more(input);
  }
}

static void skip_empty_lines(struct wg_input *input) {
  for (;;) {
    while (input->text.size - input->at < 2 && !input->ended)
      wg_input_more(input);
    size_t left = input->text.size - input->at;
    const uint8_t *next = input->text.data + input->at;
    size_t empty = left >= 1 && next[0] == '\n' ? 1 : left >= 2 && next[0] == '\r' && next[1] == '\n' ? 2 : 0;
    if (empty == 0) return;
    input->at += empty;
    input->line++;
  }
}

enum wg_csv_result wg_csv_next(struct wg_csv *csv, struct wg_error *error) {
  struct wg_input *input = csv->input;
  skip_empty_lines(input);
  csv->line = input->line;
  if (input->at == input->text.size && input->ended) return WG_CSV_END;
  for (;;) {
    size_t left = input->text.size - input->at;
    struct scan scan = {input->text.data + input->at, 0, left, input->ended, 0};
    enum parsed result = parse_record(csv, &scan);
    if (result == NEED_MORE && left > WG_CSV_RECORD_BYTES) result = broken(&scan, WG_CSV_TOO_LARGE);
    if (result == NEED_MORE) {
      wg_input_more(input);
      continue;
    }
    if (result == BROKEN) {
      csv->problem = scan.problem;
      wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s", problems[scan.problem]);
      skip_first_line(input);
      return WG_CSV_BROKEN;
    }
    input->line += lines_in(scan.data, scan.at);
    input->at += scan.at;
    return finish_record(csv, error);
  }
}

// A strict CSV reader that can say which record is broken and goes on behind it.

#include "ops/cli/csv.h"

#include "common/base/text.h"

#include <string.h>

void cli_csv_start(struct cli_csv *csv, struct cli_input *input) {
  *csv = (struct cli_csv){.input = input};
}

void cli_csv_stop(struct cli_csv *csv) {
  wg_buffer_free(&csv->values);
}

enum parsed { PARSED, NEED_MORE, BROKEN };

static enum parsed broken(struct wg_error *error, const char *what) {
  wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s", what);
  return BROKEN;
}

// One pass over the text from *at. `end`: no text will follow.
struct scan {
  const uint8_t *data;
  size_t at, size;
  bool end;
};

// quoted_field reads behind an opening quote up to and with the closing one.
static enum parsed quoted_field(struct scan *scan, struct wg_buffer *values, struct wg_error *error) {
  for (;;) {
    size_t left = scan->size - scan->at;
    const uint8_t *quote = left > 0 ? memchr(scan->data + scan->at, '"', left) : NULL;
    if (quote == NULL) return scan->end ? broken(error, "a quote is opened and never closed") : NEED_MORE;
    size_t length = (size_t)(quote - scan->data) - scan->at;
    wg_buffer_append(values, scan->data + scan->at, length);
    scan->at += length + 1;
    if (scan->at == scan->size && !scan->end) return NEED_MORE; // perhaps the first of two
    if (scan->at == scan->size || scan->data[scan->at] != '"') return PARSED;
    wg_buffer_append(values, "\"", 1);
    scan->at++;
  }
}

static enum parsed bare_field(struct scan *scan, struct wg_buffer *values, struct wg_error *error) {
  size_t start = scan->at;
  while (scan->at < scan->size) {
    uint8_t byte = scan->data[scan->at];
    if (byte == ',' || byte == '\n' || byte == '\r') break;
    if (byte == '"') return broken(error, "a quote stands inside a field that is not quoted");
    scan->at++;
  }
  if (scan->at == scan->size && !scan->end) return NEED_MORE;
  wg_buffer_append(values, scan->data + start, scan->at - start);
  return PARSED;
}

// field_end reads what separates fields; *last: the record ended.
static enum parsed field_end(struct scan *scan, bool *last, struct wg_error *error) {
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
    if (scan->at + 1 == scan->size || scan->data[scan->at + 1] != '\n')
      return broken(error, "a carriage return stands alone");
    scan->at++;
    byte = '\n';
  }
  if (byte != '\n') return broken(error, "text follows a closing quote");
  scan->at++;
  return PARSED;
}

static enum parsed parse_record(struct cli_csv *csv, struct scan *scan, struct wg_error *error) {
  wg_buffer_clear(&csv->values);
  csv->count = 0;
  bool last = false;
  while (!last) {
    if (csv->count == CLI_CSV_FIELDS) return broken(error, "the record has more than 256 fields");
    csv->offset[csv->count++] = csv->values.size;
    if (scan->at == scan->size && !scan->end) return NEED_MORE;
    enum parsed result;
    if (scan->at < scan->size && scan->data[scan->at] == '"') {
      scan->at++;
      result = quoted_field(scan, &csv->values, error);
    } else {
      result = bare_field(scan, &csv->values, error);
    }
    if (result != PARSED) return result;
    wg_buffer_append(&csv->values, "", 1);
    result = field_end(scan, &last, error);
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

static enum cli_csv_result finish_record(struct cli_csv *csv, struct wg_error *error) {
  for (int i = 0; i < csv->count; i++) {
    size_t end = (i + 1 < csv->count ? csv->offset[i + 1] : csv->values.size) - 1;
    csv->field[i] = (char *)csv->values.data + csv->offset[i];
    struct wg_bytes text = {csv->values.data + csv->offset[i], end - csv->offset[i]};
    if (wg_utf8_valid(text)) continue;
    wg_fail(error, WG_INVALID_ARGUMENT, NULL, "field %d is not valid UTF-8 or holds a NUL", i + 1);
    return CLI_CSV_BROKEN;
  }
  return CLI_CSV_RECORD;
}

// skip_first_line goes to the line after the first of a broken record.
static void skip_first_line(struct cli_input *input) {
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
    cli_input_more(input);
  }
}

static void skip_empty_lines(struct cli_input *input) {
  for (;;) {
    while (input->text.size - input->at < 2 && !input->ended)
      cli_input_more(input);
    size_t left = input->text.size - input->at;
    const uint8_t *next = input->text.data + input->at;
    size_t empty = left >= 1 && next[0] == '\n' ? 1 : left >= 2 && next[0] == '\r' && next[1] == '\n' ? 2 : 0;
    if (empty == 0) return;
    input->at += empty;
    input->line++;
  }
}

enum cli_csv_result cli_csv_next(struct cli_csv *csv, struct wg_error *error) {
  struct cli_input *input = csv->input;
  skip_empty_lines(input);
  csv->line = input->line;
  if (input->at == input->text.size && input->ended) return CLI_CSV_END;
  for (;;) {
    size_t left = input->text.size - input->at;
    struct scan scan = {input->text.data + input->at, 0, left, input->ended};
    enum parsed result = parse_record(csv, &scan, error);
    if (result == NEED_MORE && left > CLI_CSV_RECORD_BYTES)
      result = broken(error, "the record is larger than 256 KiB; is a quote opened and never closed?");
    if (result == NEED_MORE) {
      cli_input_more(input);
      continue;
    }
    if (result == BROKEN) {
      skip_first_line(input);
      return CLI_CSV_BROKEN;
    }
    input->line += lines_in(scan.data, scan.at);
    input->at += scan.at;
    return finish_record(csv, error);
  }
}

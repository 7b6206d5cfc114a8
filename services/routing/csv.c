// See csv.h.
#include "services/routing/csv.h"

#include "common/base/text.h"

#include <string.h>

void routing_csv_open(struct routing_csv *csv, struct wg_bytes text, struct wg_arena *arena) {
  *csv = (struct routing_csv){.text = text, .arena = arena, .next_line = 1};
  if (text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) csv->at = 3;
}

static bool at_end(const struct routing_csv *csv) {
  return csv->at == csv->text.size;
}

static char look(const struct routing_csv *csv) {
  return at_end(csv) ? '\n' : (char)csv->text.data[csv->at];
}

static bool line_ends(const struct routing_csv *csv) {
  if (look(csv) == '\n') return true;
  return look(csv) == '\r' && (csv->at + 1 == csv->text.size || csv->text.data[csv->at + 1] == '\n');
}

static void skip_line_end(struct routing_csv *csv) {
  if (look(csv) == '\r') csv->at++;
  if (!at_end(csv)) csv->at++;
  csv->next_line++;
}

static void add_field(struct routing_csv *csv, char *text) {
  if (csv->count < ROUTING_CSV_FIELDS) csv->fields[csv->count] = text;
  csv->count++;
}

static void plain_field(struct routing_csv *csv) {
  const size_t begin = csv->at;
  while (look(csv) != ',' && !line_ends(csv)) {
    if (look(csv) == '"') csv->trouble = "a quote stands inside a field that does not begin with one";
    csv->at++;
  }
  add_field(csv, wg_arena_text(csv->arena, (struct wg_bytes){csv->text.data + begin, csv->at - begin}));
}

// quote_end gives the place of the closing quote, or the end of the text.
static size_t quote_end(const struct routing_csv *csv, size_t at) {
  for (; at < csv->text.size; at++) {
    if (csv->text.data[at] != '"') continue;
    if (at + 1 == csv->text.size || csv->text.data[at + 1] != '"') return at;
    at++;
  }
  return at;
}

static void quoted_field(struct routing_csv *csv) {
  const size_t begin = csv->at + 1, end = quote_end(csv, begin);
  char *text = wg_arena_alloc(csv->arena, end - begin + 1);
  size_t size = 0;
  for (size_t at = begin; at < end; at++) {
    const char c = (char)csv->text.data[at];
    if (c == '"') at++;
    if (c == '\n') csv->next_line++;
    if (c == '\r' && at + 1 < end && csv->text.data[at + 1] == '\n') continue; // a line break is LF
    text[size++] = c;
  }
  text[size] = '\0';
  add_field(csv, text);
  csv->at = end;
  if (at_end(csv)) {
    csv->trouble = "a quote that is opened here is not closed";
    return;
  }
  csv->at++;
  if (look(csv) == ',' || line_ends(csv)) return;
  csv->trouble = "something follows the closing quote of a field";
  while (look(csv) != ',' && !line_ends(csv))
    csv->at++;
}

bool routing_csv_next(struct routing_csv *csv) {
  while (!at_end(csv) && line_ends(csv))
    skip_line_end(csv);
  if (at_end(csv)) return false;
  const size_t begin = csv->at;
  csv->line = csv->next_line;
  csv->count = 0;
  csv->trouble = NULL;
  for (;;) {
    if (look(csv) == '"') quoted_field(csv);
    else plain_field(csv);
    if (at_end(csv) || line_ends(csv)) break;
    csv->at++; // the comma
  }
  if (!wg_utf8_valid((struct wg_bytes){csv->text.data + begin, csv->at - begin}))
    csv->trouble = "it is not UTF-8 (or holds a NUL)";
  if (!at_end(csv)) skip_line_end(csv);
  return true;
}

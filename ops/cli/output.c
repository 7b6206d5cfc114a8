// Tables, times and progress.

#include "ops/cli/output.h"

#include "common/wire/wire.h"

#include "common/base/clock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

// next_character decodes one character (U+FFFD for what is not UTF-8) and gives its length and its columns.
static wchar_t next_character(const char *text, size_t *length, int *columns) {
  mbstate_t state = {0};
  wchar_t character;
  size_t taken = mbrtowc(&character, text, strlen(text), &state);
  if (taken == (size_t)-1 || taken == (size_t)-2 || taken == 0) {
    *length = 1;
    *columns = 1;
    return 0xfffd;
  }
  *length = taken;
  int width = wcwidth(character);
  *columns = width > 0 ? width : 0;
  return character;
}

int cli_width(const char *text) {
  int width = 0;
  while (*text != 0) {
    size_t length;
    int columns;
    next_character(text, &length, &columns);
    width += columns;
    text += length;
  }
  return width;
}

const char *cli_cut(const char *text, int columns, struct wg_buffer *out) {
  wg_buffer_clear(out);
  bool cut = cli_width(text) > columns;
  int left = cut ? columns - 1 : columns;
  while (*text != 0) {
    size_t length;
    int wide;
    wchar_t character = next_character(text, &length, &wide);
    if (character < 0x20 || character == 0x7f || character == 0xfffd) {
      if (character == 0xfffd) wg_buffer_text(out, "?");
      else wg_buffer_text(out, " ");
      wide = 1;
    } else {
      if (wide > left) break;
      wg_buffer_append(out, text, length);
    }
    left -= wide;
    text += length;
    if (left <= 0 && cut) break;
  }
  if (cut) wg_buffer_text(out, "…");
  return wg_buffer_cstr(out);
}

// --- tables ---

struct cli_table {
  const char *const *headings;
  int columns;
  char **cells;
  size_t count, room;
};

struct cli_table *cli_table_create(const char *const *headings) {
  struct cli_table *table = wg_zalloc(sizeof *table);
  table->headings = headings;
  while (headings[table->columns] != NULL)
    table->columns++;
  return table;
}

void cli_table_cell(struct cli_table *table, const char *format, ...) {
  if (table->count == table->room) {
    table->room = table->room == 0 ? 256 : table->room * 2;
    table->cells = wg_realloc(table->cells, table->room * sizeof *table->cells);
  }
  char *raw;
  va_list arguments;
  va_start(arguments, format);
  int length = vasprintf(&raw, format, arguments);
  va_end(arguments);
  if (length < 0) abort();
  struct wg_buffer clean = {0}; // a cell is one line, whatever the data holds
  table->cells[table->count++] = wg_strdup(cli_cut(raw, 1000, &clean));
  wg_buffer_free(&clean);
  free(raw);
}

static void print_cell(FILE *out, const char *text, int width, bool right, bool last) {
  int pad = width - cli_width(text);
  if (right) fprintf(out, "%*s%s", pad, "", text);
  else fprintf(out, "%s%*s", text, last ? 0 : pad, "");
  fputs(last ? "\n" : "  ", out);
}

void cli_table_print(struct cli_table *table, FILE *out) {
  int *width = wg_zalloc(sizeof *width * (size_t)(table->columns + 1));
  for (int column = 0; column < table->columns; column++)
    width[column] = cli_width(table->headings[column] + (table->headings[column][0] == '>'));
  for (size_t i = 0; i < table->count; i++) {
    int cell = cli_width(table->cells[i]), column = (int)(i % (size_t)table->columns);
    if (cell > width[column]) width[column] = cell;
  }
  for (int column = 0; column < table->columns; column++) {
    bool right = table->headings[column][0] == '>';
    print_cell(out, table->headings[column] + right, width[column], right, column == table->columns - 1);
  }
  for (size_t i = 0; i < table->count; i++) {
    int column = (int)(i % (size_t)table->columns);
    print_cell(out, table->cells[i], width[column], table->headings[column][0] == '>', column == table->columns - 1);
  }
  free(width);
}

size_t cli_table_rows(const struct cli_table *table) {
  return table->count / (size_t)table->columns;
}

int cli_table_columns(const struct cli_table *table) {
  return table->columns;
}

const char *cli_table_heading(const struct cli_table *table, int column) {
  return table->headings[column] + (table->headings[column][0] == '>');
}

bool cli_table_is_right(const struct cli_table *table, int column) {
  return table->headings[column][0] == '>';
}

const char *cli_table_at(const struct cli_table *table, size_t row, int column) {
  return table->cells[row * (size_t)table->columns + (size_t)column];
}

void cli_table_free(struct cli_table *table) {
  for (size_t i = 0; i < table->count; i++)
    free(table->cells[i]);
  free(table->cells);
  free(table);
}

// --- words for numbers ---

const char *cli_time(int64_t at_us, char buffer[32]) {
  if (at_us == 0) return "-";
  return wg_civil_format(at_us, buffer);
}

const char *cli_age(int64_t at_us, int64_t now_us, char buffer[32]) {
  if (at_us == 0) return "-";
  double seconds = (double)(now_us - at_us) / 1e6;
  if (seconds < 0) seconds = 0;
  if (seconds < 100) snprintf(buffer, 32, "%.1fs", seconds);
  else if (seconds < 6000) snprintf(buffer, 32, "%.0fm", seconds / 60);
  else if (seconds < 172800) snprintf(buffer, 32, "%.0fh", seconds / 3600);
  else snprintf(buffer, 32, "%.0fd", seconds / 86400);
  return buffer;
}

const char *cli_count(uint64_t number, char buffer[32]) {
  char digits[24];
  int length = snprintf(digits, sizeof digits, "%" PRIu64, number), at = 0;
  for (int i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0) buffer[at++] = ',';
    buffer[at++] = digits[i];
  }
  buffer[at] = 0;
  return buffer;
}

// --- JSON ---

void cli_print_json(json_t *object) {
  char *text = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
  json_decref(object);
  if (text == NULL) abort();
  puts(text);
  free(text);
  fflush(stdout);
}

void cli_print_line(struct wg_buffer *line) {
  fwrite(line->data, 1, line->size, stdout);
  putchar('\n');
  fflush(stdout);
  wg_buffer_clear(line);
}

void cli_print_message(const ProtobufCMessage *message) {
  struct wg_buffer line = {0};
  wg_json_message(&line, message);
  cli_print_line(&line);
  wg_buffer_free(&line);
}

// --- progress ---

static bool progress_shown;

void cli_progress(const char *label, uint64_t done, uint64_t total, double rate) {
  static int terminal = -1;
  static int64_t shown_at;
  if (terminal < 0) terminal = isatty(STDERR_FILENO);
  int64_t now = wg_monotonic_us();
  if (!terminal || now - shown_at < 100000) return;
  shown_at = now;
  progress_shown = true;
  char count[32];
  if (total == 0) {
    fprintf(stderr, "\r\033[K%s %s  %.0f/s", label, cli_count(done, count), rate);
    return;
  }
  double part = done >= total ? 1 : (double)done / (double)total;
  char bar[31] = "                              ";
  memset(bar, '#', (size_t)(part * 30));
  fprintf(stderr, "\r\033[K%s [%s] %3.0f%%  %.0f/s", label, bar, part * 100, rate);
}

void cli_progress_clear(void) {
  if (!progress_shown) return;
  fputs("\r\033[K", stderr);
  progress_shown = false;
}

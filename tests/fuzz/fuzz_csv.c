// Bytes as a CSV file and as JSON lines: read to the end, in bounded memory, every record valid UTF-8, lines ascending.
#include "common/base/arena.h"
#include "common/base/text.h"
#include "common/csv/csv.h"
#include "ops/cli/order.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool truth) {
  if (!truth) abort();
}

static void as_csv(struct wg_bytes bytes, struct wg_arena *arena) {
  struct wg_input input;
  struct wg_csv csv;
  struct wg_error error = {0};
  uint64_t line = 0;
  wg_input_memory(&input, bytes);
  wg_csv_start(&csv, &input);
  for (;;) {
    enum wg_csv_result result = wg_csv_next(&csv, &error);
    if (result == WG_CSV_END) break;
    expect(csv.line > line);
    line = csv.line;
    if (result == WG_CSV_BROKEN) {
      expect(error.code == WG_INVALID_ARGUMENT && error.message[0] != 0);
      continue;
    }
    expect(csv.count >= 1 && csv.count <= WG_CSV_FIELDS);
    Wangge__V1__NewOrder *order = cli_order_create(arena);
    for (int i = 0; i < csv.count; i++) {
      expect(wg_utf8_valid(wg_bytes_of(csv.field[i])));
      cli_order_set(order, arena, i % 2 == 0 ? "occurred_at" : "kind", csv.field[i], NULL, &error);
    }
  }
  expect(input.at == input.text.size && input.ended);
  wg_csv_stop(&csv);
  wg_input_close(&input);
}

static void as_lines(struct wg_bytes bytes, struct wg_arena *arena) {
  struct wg_input input;
  struct wg_error error = {0};
  uint64_t number, last = 0;
  char *line;
  wg_input_memory(&input, bytes);
  for (;;) {
    enum wg_line result = wg_input_line(&input, 4096, &line, &number, &error);
    if (result == WG_LINE_END) break;
    expect(number == last + 1);
    last = number;
    Wangge__V1__NewOrder *order;
    if (result == WG_LINE) cli_order_json(line, arena, &order, &error);
  }
  wg_input_close(&input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct wg_arena *arena = wg_arena_create(16 * 1024);
  as_csv((struct wg_bytes){data, size}, arena);
  as_lines((struct wg_bytes){data, size}, arena);
  wg_arena_destroy(arena);
  return 0;
}

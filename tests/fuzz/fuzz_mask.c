// Bytes as a text to be masked: never longer, valid as before, and a mobile number put behind it does not come through.
#include "common/base/arena.h"
#include "common/base/mask.h"
#include "common/base/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool truth) {
  if (!truth) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char behind[] = "，13812345678";
  struct wg_arena *arena = wg_arena_create(16 * 1024);
  char *text = wg_arena_alloc(arena, size + sizeof behind);
  memcpy(text, data, size);
  text[size] = '\0';
  const bool valid = wg_utf8_valid(wg_bytes_of(text));
  const char *masked = wg_mask_text(text, arena);
  expect(strlen(masked) <= strlen(text));
  expect(!valid || wg_utf8_valid(wg_bytes_of(masked)));
  expect(strlen(wg_mask_text(masked, arena)) <= strlen(masked));
  if (valid) {
    strcat(text, behind);
    masked = wg_mask_text(text, arena);
    expect(strcmp(masked + strlen(masked) - strlen("138****5678"), "138****5678") == 0);
  }
  wg_arena_destroy(arena);
  return 0;
}

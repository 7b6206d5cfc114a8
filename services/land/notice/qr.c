// QR codes by libqrencode.
#include "services/land/notice/sheet.h"

#include <assert.h>
#include <qrencode.h>

struct land_qr land_qr_make(const char *text, struct wg_arena *arena) {
  QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
  assert(code && "a short text without NUL, and memory");
  const size_t modules = (size_t)code->width * (size_t)code->width;
  uint8_t *black = wg_arena_alloc(arena, modules);
  for (size_t i = 0; i < modules; i++)
    black[i] = code->data[i] & 1;
  const struct land_qr qr = {code->width, black};
  QRcode_free(code);
  return qr;
}

// Bytes as an attachment of each type that holds others, and of one that does not: judged within bounds, refused with a
// reason.
#include "services/intake/media.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const types[] = {"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                                      "image/webp", "text/html"};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    struct wg_error error = {0};
    const wg_status status = intake_media_check((struct wg_bytes){data, size}, types[i], &error);
    if (status != WG_OK && (status != WG_INVALID_ARGUMENT || !error.message[0])) abort();
  }
  return 0;
}

#include "common/wire/attachments.h"

#include "common/base/text.h"

#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 255, MEDIA_TYPE_BYTES = 127 };

static wg_status check_one(const Wangge__V1__Attachment *attachment, struct wg_error *error) {
  const char *hash = attachment->sha256;
  if (strlen(hash) != 64 || strspn(hash, "0123456789abcdef") != 64)
    return wg_fail(error, WG_INVALID_ARGUMENT, "sha256",
                   "must be the SHA-256 of the bytes as 64 lower-case hex digits");
  wg_status status = wg_text_check(attachment->name, NAME_BYTES, 0, "name", error);
  if (status == WG_OK) status = wg_text_check(attachment->media_type, MEDIA_TYPE_BYTES, 0, "media_type", error);
  if (status == WG_OK && attachment->size_bytes < 0)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "size_bytes", "must not be negative");
  return status;
}

wg_status wg_attachments_check(Wangge__V1__Attachment *const *attachments, size_t count, size_t most,
                               struct wg_error *error) {
  if (count > most)
    return wg_fail(error, WG_INVALID_ARGUMENT, "attachments", "%zu attachments: at most %zu", count, most);
  for (size_t i = 0; i < count; i++) {
    const wg_status status = check_one(attachments[i], error);
    if (status == WG_OK) continue;
    char path[sizeof error->field];
    snprintf(path, sizeof path, "attachments[%zu].%.40s", i, error->field);
    memcpy(error->field, path, sizeof path);
    return status;
  }
  return WG_OK;
}

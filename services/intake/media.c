// See media.h.
#include "services/intake/media.h"

#include <string.h>

struct media {
  const char *type;
  const char *magic; // at `at`; '?' is any byte
  size_t at, size;
  const char *member; // of a zip
};

static const struct media MEDIA[] = {
    {"image/jpeg", "\xff\xd8\xff", 0, 3, NULL},
    {"image/png", "\x89PNG\r\n\x1a\n", 0, 8, NULL},
    {"image/gif", "GIF8?a", 0, 6, NULL},
    {"image/webp", "RIFF????WEBP", 0, 12, NULL},
    {"application/pdf", "%PDF-", 0, 5, NULL},
    {"video/mp4", "ftyp", 4, 4, NULL},
    {"audio/mp4", "ftyp", 4, 4, NULL},
    {"audio/amr", "#!AMR", 0, 5, NULL},
    {"audio/wav", "RIFF????WAVE", 0, 12, NULL},
    {"audio/mpeg", "ID3", 0, 3, NULL},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "PK\x03\x04", 0, 4,
     "word/document.xml"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK\x03\x04", 0, 4, "xl/workbook.xml"},
};

static bool has_magic(struct wg_bytes bytes, const struct media *media) {
  if (bytes.size < media->at + media->size) return false;
  for (size_t i = 0; i < media->size; i++) {
    const char wanted = media->magic[i];
    if (wanted != '?' && wanted != (char)((const uint8_t *)bytes.data)[media->at + i]) return false;
  }
  return true;
}

static const struct media *find_media(const char *type) {
  for (size_t i = 0; i < sizeof MEDIA / sizeof *MEDIA; i++) {
    if (strcmp(MEDIA[i].type, type) == 0) return &MEDIA[i];
  }
  return NULL;
}

static const char *what_it_is(struct wg_bytes bytes) {
  for (size_t i = 0; i < sizeof MEDIA / sizeof *MEDIA; i++) {
    if (has_magic(bytes, &MEDIA[i])) return MEDIA[i].member ? "a zip" : MEDIA[i].type;
  }
  return "nothing that is known";
}

bool intake_media_known(const char *media_type) {
  return find_media(media_type) != NULL;
}

wg_status intake_media_check(struct wg_bytes bytes, const char *media_type, struct wg_error *error) {
  const struct media *media = find_media(media_type);
  if (!media) return wg_fail(error, WG_INVALID_ARGUMENT, "media_type", "\"%s\" may not be evidence", media_type);
  if (!has_magic(bytes, media)) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "media_type", "the bytes are not %s; they look like %s", media_type,
                   what_it_is(bytes));
  }
  return media->member ? intake_zip_check(bytes, media->member, error) : WG_OK;
}

// A zip, judged by its central directory (APPNOTE.TXT 4.3) before a byte is unpacked, and then by unpacking each entry
// into nothing, never beyond the size it declares: so a directory that lies is found at the cost it admits to.
#include "services/intake/media.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

enum {
  END_BYTES = 22,
  ENTRY_BYTES = 46,
  LOCAL_BYTES = 30,
  COMMENT_BYTES = 65535,
  STORED = 0,
  DEFLATED = 8,
  ENCRYPTED = 1,
  RATIO_FROM = 1 << 20
};

struct zip {
  const uint8_t *data;
  size_t size;
  size_t directory, entries; // where the central directory begins, and how many it has
  uint64_t packed, unpacked; // so far
};

struct entry {
  unsigned flags, method;
  uint32_t crc, packed, unpacked, local;
  const char *name;
  size_t name_bytes;
};

static unsigned u16(const uint8_t *at) {
  return at[0] | (unsigned)at[1] << 8;
}
static uint32_t u32(const uint8_t *at) {
  return u16(at) | (uint32_t)u16(at + 2) << 16;
}

static wg_status refuse(struct wg_error *error, const char *why) {
  return wg_fail(error, WG_INVALID_ARGUMENT, "data", "the zip %s", why);
}

static wg_status find_directory(struct zip *zip, struct wg_error *error) {
  if (zip->size < END_BYTES) return refuse(error, "has no end");
  const size_t furthest = zip->size > END_BYTES + COMMENT_BYTES ? zip->size - END_BYTES - COMMENT_BYTES : 0;
  for (size_t at = zip->size - END_BYTES;; at--) {
    const uint8_t *end = zip->data + at;
    if (u32(end) == 0x06054b50 && at + END_BYTES + u16(end + 20) == zip->size) {
      zip->entries = u16(end + 10);
      zip->directory = u32(end + 16);
      if (zip->directory == UINT32_MAX || zip->entries == UINT16_MAX) return refuse(error, "is a ZIP64: too large");
      if (u16(end + 8) != zip->entries || (uint64_t)zip->directory + u32(end + 12) > at)
        return refuse(error, "has a directory that does not fit");
      return WG_OK;
    }
    if (at == furthest) return refuse(error, "has no end");
  }
}

static bool ends_with(const struct entry *entry, const char *ending) {
  const size_t size = strlen(ending);
  return entry->name_bytes >= size && strncasecmp(entry->name + entry->name_bytes - size, ending, size) == 0;
}

static bool is_archive(const struct entry *entry) {
  static const char *const endings[] = {".zip", ".docx", ".xlsx", ".pptx", ".jar", ".gz", ".tgz",
                                        ".bz2", ".xz",   ".7z",   ".rar",  ".tar", ".zst"};
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    if (ends_with(entry, endings[i])) return true;
  }
  return false;
}

static bool leaves_folder(const struct entry *entry) {
  if (entry->name_bytes == 0 || entry->name[0] == '/' || memchr(entry->name, '\\', entry->name_bytes) ||
      memchr(entry->name, 0, entry->name_bytes) || memchr(entry->name, ':', entry->name_bytes))
    return true;
  for (size_t i = 0; i + 1 < entry->name_bytes; i++) {
    const bool begins = i == 0 || entry->name[i - 1] == '/';
    const bool ends = i + 2 == entry->name_bytes || entry->name[i + 2] == '/';
    if (begins && ends && entry->name[i] == '.' && entry->name[i + 1] == '.') return true;
  }
  return false;
}

static wg_status check_entry(struct zip *zip, const struct entry *entry, struct wg_error *error) {
  if (entry->flags & ENCRYPTED) return refuse(error, "is encrypted");
  if (entry->method != STORED && entry->method != DEFLATED) return refuse(error, "is packed in an unknown way");
  if (leaves_folder(entry)) return refuse(error, "has an entry whose name leaves its folder");
  if (is_archive(entry)) return refuse(error, "holds another archive");
  zip->packed += entry->packed;
  zip->unpacked += entry->unpacked;
  if (zip->packed > zip->size) return refuse(error, "has entries that overlap");
  if (zip->unpacked > INTAKE_ZIP_BYTES) return refuse(error, "unpacks to more than 64 MiB");
  if (entry->unpacked > RATIO_FROM && entry->unpacked / INTAKE_ZIP_RATIO > entry->packed)
    return refuse(error, "has an entry that unpacks to more than a hundred times its size");
  return WG_OK;
}

// packed_bytes: where the entry's bytes stand, behind its local header.
static const uint8_t *packed_bytes(const struct zip *zip, const struct entry *entry) {
  if ((uint64_t)entry->local + LOCAL_BYTES > zip->directory) return NULL;
  const uint8_t *local = zip->data + entry->local;
  const uint64_t begin = (uint64_t)entry->local + LOCAL_BYTES + u16(local + 26) + u16(local + 28);
  if (u32(local) != 0x04034b50 || begin + entry->packed > zip->directory) return NULL;
  return zip->data + begin;
}

static bool unpacks_to_its_size(const uint8_t *packed, const struct entry *entry) {
  uint8_t scratch[16384];
  z_stream stream = {.next_in = (Bytef *)(uintptr_t)packed, .avail_in = entry->packed};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
  uint64_t got = 0;
  uLong crc = crc32(0, NULL, 0);
  int code = Z_OK;
  while (code == Z_OK && got <= entry->unpacked) {
    stream.next_out = scratch;
    stream.avail_out = sizeof scratch;
    code = inflate(&stream, Z_NO_FLUSH);
    const uInt made = (uInt)(sizeof scratch - stream.avail_out);
    crc = crc32(crc, scratch, made);
    got += made;
  }
  inflateEnd(&stream);
  return code == Z_STREAM_END && got == entry->unpacked && crc == entry->crc;
}

static wg_status unpack(const struct zip *zip, const struct entry *entry, struct wg_error *error) {
  const uint8_t *packed = packed_bytes(zip, entry);
  if (!packed) return refuse(error, "has an entry that is not where its directory says");
  const bool honest = entry->method == STORED ? entry->packed == entry->unpacked : unpacks_to_its_size(packed, entry);
  return honest ? WG_OK : refuse(error, "has an entry that is not what its directory says");
}

static wg_status walk(struct zip *zip, const char *member, bool unpacking, bool *found, struct wg_error *error) {
  size_t at = zip->directory;
  for (size_t i = 0; i < zip->entries; i++) {
    const uint8_t *head = zip->data + at;
    if (zip->size - at < ENTRY_BYTES || u32(head) != 0x02014b50) return refuse(error, "has a broken directory");
    const struct entry entry = {
        .flags = u16(head + 8),
        .method = u16(head + 10),
        .crc = u32(head + 16),
        .packed = u32(head + 20),
        .unpacked = u32(head + 24),
        .name = (const char *)head + ENTRY_BYTES,
        .name_bytes = u16(head + 28),
        .local = u32(head + 42),
    };
    const size_t size = ENTRY_BYTES + entry.name_bytes + u16(head + 30) + u16(head + 32);
    if (zip->size - at < size) return refuse(error, "has a broken directory");
    *found |= entry.name_bytes == strlen(member) && memcmp(entry.name, member, entry.name_bytes) == 0;
    const wg_status status = unpacking ? unpack(zip, &entry, error) : check_entry(zip, &entry, error);
    if (status != WG_OK) return status;
    at += size;
  }
  return WG_OK;
}

wg_status intake_zip_check(struct wg_bytes bytes, const char *member, struct wg_error *error) {
  struct zip zip = {.data = bytes.data, .size = bytes.size};
  bool found = false;
  wg_status status = find_directory(&zip, error);
  if (status == WG_OK && zip.entries > INTAKE_ZIP_ENTRIES) status = refuse(error, "has more than 2,000 entries");
  if (status == WG_OK) status = walk(&zip, member, false, &found, error);
  if (status == WG_OK && !found) {
    status = wg_fail(error, WG_INVALID_ARGUMENT, "media_type", "the bytes are a zip without %s", member);
  }
  if (status == WG_OK) status = walk(&zip, member, true, &found, error);
  return status;
}

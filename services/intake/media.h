// Kinds of files that may be evidence, told by their bytes. Pure.
#pragma once

#include "common/base/bytes.h"
#include "common/base/status.h"

// media_known: a media type that may be declared.
bool intake_media_known(const char *media_type);
// media_check: the bytes are what `media_type` says, and a container of it is harmless to whoever opens it: see
// media_zip.c. INVALID_ARGUMENT tells what they are.
wg_status intake_media_check(struct wg_bytes bytes, const char *media_type, struct wg_error *error);

#define INTAKE_ZIP_ENTRIES 2000u
#define INTAKE_ZIP_BYTES (64u << 20) // unpacked, all entries
#define INTAKE_ZIP_RATIO 100u        // of one entry that unpacks to more than a MiB

// zip_check (media_zip.c): a zip with `member` in it whose entries are within these limits, honest about their size,
// not encrypted, not overlapping, no archives themselves and named within the folder.
wg_status intake_zip_check(struct wg_bytes bytes, const char *member, struct wg_error *error);

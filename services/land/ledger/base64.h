// Base64 as in RFC 4648 section 4 (with padding), as exports, checkpoints and proofs have their bytes.
#pragma once

#include "common/base/bytes.h"
#include "services/land/ledger/hash.h"

enum { LAND_HASH_BASE64 = 44 }; // characters of a hash

void land_base64_append(struct wg_buffer *buffer, struct wg_bytes bytes);
// land_base64_read appends what `text` stands for; false: it is not base64, and nothing was appended.
bool land_base64_read(struct wg_bytes text, struct wg_buffer *buffer);
bool land_base64_hash(struct wg_bytes text, uint8_t hash[LAND_HASH_BYTES]);

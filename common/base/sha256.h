// SHA-256 of what is hashed often: orders, entries of ledgers.
//
// By libcrypto, which uses the processor's instructions for it where there are any: 300 bytes take a quarter of what
// libsodium's portable code takes.
#pragma once

#include "common/base/bytes.h"

enum { WG_SHA256_BYTES = 32 };

// wg_sha256 hashes the parts one after the other. From any thread. A libcrypto without SHA-256 ends the process.
void wg_sha256(const struct wg_bytes *parts, size_t count, uint8_t hash[WG_SHA256_BYTES]);

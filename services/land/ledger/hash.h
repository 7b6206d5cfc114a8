// SHA-256, the only hash of the land ledger.
//
// By libcrypto, which uses the processor's instructions for it where there are any: an entry of 300 bytes takes a
// quarter of what libsodium's portable code takes, and verifying a ledger is hashing and little else. Signatures are
// libsodium's (checkpoint.h).
#pragma once

#include "common/base/bytes.h"

enum { LAND_HASH_BYTES = 32 };

// land_sha256 hashes the parts one after the other. From any thread. A libcrypto without SHA-256 ends the process.
void land_sha256(const struct wg_bytes *parts, size_t count, uint8_t hash[LAND_HASH_BYTES]);

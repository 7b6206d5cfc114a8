// SHA-256, the only hash of the land ledger: verifying one is hashing and little else. Signatures are libsodium's
// (checkpoint.h).
#pragma once

#include "common/base/sha256.h"

enum { LAND_HASH_BYTES = WG_SHA256_BYTES };

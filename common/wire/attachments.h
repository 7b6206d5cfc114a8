// Attachments that travel by hash: what every message that names some must keep to.
#pragma once

#include "common/base/status.h"

#include "wangge/v1/common.pb-c.h"

// wg_attachments_check: at most `most`, each with the SHA-256 as 64 lower-case hex digits, a name, a media type and a
// size. INVALID_ARGUMENT names the field: "attachments[2].sha256".
wg_status wg_attachments_check(Wangge__V1__Attachment *const *attachments, size_t count, size_t most,
                               struct wg_error *error);

// Attachments that are kept for records of other services (KeepAttachments), and who gets them.
#pragma once

#include "services/intake/keep_store.h"

#include "common/stage/stage.h"

// intake_keep_check: all of a record is given. INVALID_ARGUMENT names the field: "record.id".
wg_status intake_keep_check(const Wangge__V1__KeptRecord *record, struct wg_error *error);
// intake_keep_may_get: may the caller of GetAttachment have what is kept for this record? See the comment of the call.
// The record is of a district that the caller may know of.
bool intake_keep_may_get(const struct wg_principal *caller, const Wangge__V1__GetAttachmentRequest *get,
                         const struct intake_kept *kept);

// KeepAttachments. It runs in a reader thread, in a transaction of its own: either all of the files are kept or none.
#include "services/intake/keep.h"

#include "common/base/text.h"
#include "services/intake/intake.h"
#include "services/intake/media.h"
#include "services/intake/validate.h"

#include <inttypes.h>
#include <string.h>

enum { FILES_MOST = 1000, RECORD_BYTES = 64, BY_BYTES = 64 };

#define KIND(name) WANGGE__V1__KEPT_KIND__KEPT_KIND_##name

wg_status intake_keep_check(const Wangge__V1__KeptRecord *record, struct wg_error *error) {
  if (!record) return wg_fail(error, WG_INVALID_ARGUMENT, "record", "is required: which record names the files");
  if (!wg_all_digits(record->district, 6))
    return wg_fail(error, WG_INVALID_ARGUMENT, "record.district", "must be 6 digits");
  if (!record->kind || !protobuf_c_enum_descriptor_get_value(&wangge__v1__kept_kind__descriptor, (int)record->kind))
    return wg_fail(error, WG_INVALID_ARGUMENT, "record.kind", "must be a value of KeptKind other than UNSPECIFIED");
  return wg_text_check(record->id, RECORD_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "record.id", error);
}

static wg_status check(const Wangge__V1__KeepAttachmentsRequest *request, struct wg_error *error) {
  wg_status status = intake_keep_check(request->record, error);
  if (status == WG_OK) status = wg_text_check(request->by, BY_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "by", error);
  if (status != WG_OK) return status;
  if (request->n_files < 1 || request->n_files > FILES_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "files", "1 to %d are possible, not %zu", FILES_MOST, request->n_files);
  for (size_t i = 0; i < request->n_files && status == WG_OK; i++)
    status = wg_hash_check(request->files[i]->sha256, "files.sha256", error);
  return status;
}

// fault_of says what is wrong with one file; NULL: nothing.
static Wangge__V1__AttachmentFault *fault_of(const Wangge__V1__KeepAttachmentsRequest *request,
                                             const Wangge__V1__Attachment *file, const struct intake_keepable *found,
                                             struct wg_arena *arena) {
  const char *field = NULL, *message = NULL;
  if (!found->media_type || (!found->brought && !found->kept)) {
    // who did not bring them is not told whether somebody else did
    field = "sha256";
    message =
        wg_arena_printf(arena, "%s has not brought the attachment %s: bring it first (wangge attach put --district %s)",
                        request->by, file->sha256, request->record->district);
  } else if (*file->media_type && strcmp(file->media_type, found->media_type) != 0) {
    field = "media_type";
    message = wg_arena_printf(arena, "its bytes are %s, not %.64s", found->media_type, file->media_type);
  } else if (file->size_bytes && file->size_bytes != found->size_bytes) {
    field = "size_bytes";
    message = wg_arena_printf(arena, "it has %" PRId64 " bytes, not %" PRId64, found->size_bytes, file->size_bytes);
  }
  if (!field) return NULL;
  Wangge__V1__AttachmentFault *fault = wg_arena_alloc(arena, sizeof *fault);
  wangge__v1__attachment_fault__init(fault);
  fault->field = (char *)(uintptr_t)field;
  fault->message = (char *)(uintptr_t)message;
  return fault;
}

wg_status intake_keep_attachments(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__KeepAttachmentsRequest *request = (const void *)call->request;
  wg_status status = check(request, error);
  if (status != WG_OK) return status;
  const char *district = request->record->district;
  if (!intake_visible_districts(call->service, call->caller, district, call->arena).count)
    return wg_fail(error, WG_INVALID_ARGUMENT, "record.district", "%s is not served here", district);
  struct intake_keepable *found = wg_arena_alloc(call->arena, request->n_files * sizeof *found);
  status = intake_keep_lock(call->db, call->arena, request, found, error);
  if (status != WG_OK) return status;
  Wangge__V1__KeepAttachmentsResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__keep_attachments_response__init(response);
  *reply = &response->base;
  for (size_t i = 0; i < request->n_files && !response->fault; i++) {
    response->fault = fault_of(request, request->files[i], &found[i], call->arena);
    if (response->fault) response->fault->index = (int32_t)i;
  }
  return response->fault ? WG_OK : intake_keep_add(call->db, call->arena, request, call->now, error);
}

// --- who gets them ---
bool intake_keep_may_get(const struct wg_principal *caller, const Wangge__V1__GetAttachmentRequest *get,
                         const struct intake_kept *kept) {
  if (get->record->kind == KIND(VILLAGE)) {
    if (caller->roles & WG_ROLE_REGISTRAR) return true;
    return (caller->roles & (WG_ROLE_VILLAGE | WG_ROLE_TOWNSHIP)) && wg_principal_may_area(caller, get->record->id);
  }
  if (caller->roles & (WG_ROLE_REGISTRAR | WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR)) return true;
  return kept->ticket != 0 && get->ticket == kept->ticket;
}

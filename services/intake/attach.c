// PutAttachment and GetAttachment. They run in reader threads, each in a transaction of its own: an error leaves
// nothing.
#include "common/base/text.h"
#include "services/intake/attach_store.h"
#include "services/intake/disclose.h"
#include "services/intake/intake.h"
#include "services/intake/keep.h"
#include "services/intake/media.h"
#include "services/intake/ticket.h"
#include "services/intake/validate.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_BYTES = 1 << 20, HASH_DIGITS = 64, LACKING_MOST = 20 };

// --- put ---

static wg_status check_put(const struct intake *intake, const struct wg_read_call *call,
                           const Wangge__V1__PutAttachmentRequest *put, struct wg_error *error) {
  wg_status status = wg_hash_check(put->sha256, "sha256", error);
  if (status != WG_OK) return status;
  const int64_t most = intake->settings.attachment_max_bytes;
  if (put->size_bytes < 1 || put->size_bytes > most)
    return wg_fail(error, WG_INVALID_ARGUMENT, "size_bytes", "%" PRId64 ": 1 to %" PRId64, put->size_bytes, most);
  if (put->data.len > PIECE_BYTES)
    return wg_fail(error, WG_INVALID_ARGUMENT, "data", "a piece has at most %d bytes", PIECE_BYTES);
  if (put->offset < 0 || put->offset > put->size_bytes || (int64_t)put->data.len > put->size_bytes - put->offset)
    return wg_fail(error, WG_INVALID_ARGUMENT, "offset", "the piece ends behind size_bytes");
  if (!intake_media_known(put->media_type))
    return wg_fail(error, WG_INVALID_ARGUMENT, "media_type", "\"%.64s\" may not be evidence", put->media_type);
  if (put->order_id < 0) return wg_fail(error, WG_INVALID_ARGUMENT, "order_id", "must not be negative");
  const struct intake_scope scope = intake_visible_districts(call->service, call->caller, put->district, call->arena);
  if (put->district[0] && scope.count == 1) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "district",
                 "is required: one that is served here and that you may push for");
}

// verify looks at all the bytes once the last have come.
static wg_status verify(struct wg_read_call *call, struct intake_upload *upload, struct wg_error *error) {
  uint8_t *bytes = malloc((size_t)upload->size_bytes);
  if (!bytes) return wg_fail(error, WG_RESOURCE_EXHAUSTED, NULL, "no memory to check the attachment; try again later");
  wg_status status = intake_upload_read(call->db, call->arena, upload, bytes, error);
  uint8_t hash[crypto_hash_sha256_BYTES];
  char hex[HASH_DIGITS + 1];
  if (status == WG_OK) {
    crypto_hash_sha256(hash, bytes, (size_t)upload->size_bytes);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    if (strcmp(hex, upload->sha256) != 0)
      status = wg_fail(error, WG_INVALID_ARGUMENT, "sha256", "the bytes have %s: begin again at 0", hex);
  }
  if (status == WG_OK) {
    const struct wg_bytes all = {bytes, (size_t)upload->size_bytes};
    status = intake_media_check(all, upload->media_type, error);
  }
  free(bytes);
  if (status == WG_OK) status = intake_blob_add(call->db, call->arena, upload, error);
  upload->complete = status == WG_OK;
  return status;
}

// take adds the piece, or says where the next one begins.
static wg_status take(struct wg_read_call *call, const Wangge__V1__PutAttachmentRequest *put,
                      struct intake_upload *upload, struct wg_error *error) {
  if (upload->complete || put->data.len == 0) return WG_OK;
  wg_status status = WG_OK;
  if (put->offset == 0) {
    upload->media_type = put->media_type;
    upload->size_bytes = put->size_bytes;
    upload->received = 0;
    status = intake_upload_restart(call->db, call->arena, upload, error);
  } else if (upload->size_bytes != put->size_bytes || strcmp(upload->media_type, put->media_type) != 0) {
    return wg_fail(error, WG_ALREADY_EXISTS, "size_bytes",
                   "this upload began as %" PRId64 " bytes of %s: begin again at 0", upload->size_bytes,
                   upload->media_type);
  } else if (put->offset != upload->received) {
    return wg_fail(error, WG_OUT_OF_RANGE, "offset", "%" PRId64 " bytes are there: the next piece begins at %" PRId64,
                   upload->received, upload->received);
  }
  const struct wg_bytes data = {put->data.data, put->data.len};
  if (status == WG_OK) status = intake_upload_add(call->db, call->arena, upload, put->offset, data, call->now, error);
  if (status != WG_OK) return status;
  upload->received = put->offset + (int64_t)put->data.len;
  return upload->received == upload->size_bytes ? verify(call, upload, error) : WG_OK;
}

wg_status intake_put_attachment(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__PutAttachmentRequest *put = (const Wangge__V1__PutAttachmentRequest *)call->request;
  const struct wg_principal *caller = call->caller;
  wg_status status = check_put(call->service, call, put, error);
  if (status != WG_OK) return status;
  const struct intake_upload wanted = {.district = put->district,
                                       .sha256 = put->sha256,
                                       .by = caller->name,
                                       .media_type = put->media_type,
                                       .size_bytes = put->size_bytes};
  struct intake_upload upload;
  status = intake_upload_open(call->db, call->arena, &wanted, call->now, &upload, error);
  if (status == WG_OK) status = take(call, put, &upload, error);
  const bool any = (caller->roles & (WG_ROLE_DISPATCHER | WG_ROLE_DEPARTMENT)) != 0;
  if (status == WG_OK && put->order_id != 0)
    status =
        intake_evidence_add(call->db, call->arena, &upload, put->order_id, any ? NULL : caller->name, call->now, error);
  if (status != WG_OK) return status;
  Wangge__V1__PutAttachmentResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__put_attachment_response__init(response);
  response->received = upload.received;
  response->complete = upload.complete;
  *reply = &response->base;
  return WG_OK;
}

// --- get ---

// may_get: see the comment of the call. A ticket of 0 is none.
static bool may_get(const struct wg_read_call *call, const Wangge__V1__GetAttachmentRequest *get,
                    const struct intake_found_blob *found, bool held) {
  const struct intake *intake = call->service;
  const unsigned roles = call->caller->roles;
  if (!found->named && !found->brought) return false;
  if (roles & WG_ROLE_DISPATCHER) return true;
  if ((roles & WG_ROLE_OPERATOR) && !held) return true;
  if ((roles & WG_ROLE_SOURCE) && strcmp(call->caller->name, found->source) == 0 && (found->own || found->brought))
    return true;
  if (!(roles & WG_ROLE_DEPARTMENT)) return false;
  return found->by_caller ||
         (found->named && !held && get->ticket == intake_ticket(get->order_id, get->sha256, intake->person_key));
}

static wg_status record(struct wg_read_call *call, const Wangge__V1__GetAttachmentRequest *get,
                        const struct intake_found_blob *found, struct wg_error *error) {
  if (!get->reveal_reason[0])
    return wg_fail(error, WG_PERMISSION_DENIED, "reveal_reason", "is required: the order's text is held back");
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.order_id = get->order_id;
  order.district = (char *)(uintptr_t)found->district;
  const struct intake_view view = {&order, call->caller->name, get->acting_person, get->reveal_reason, call->now};
  return get->offset == 0 ? intake_query_record_text(call->db, call->arena, &view, error) : WG_OK;
}

// give_piece answers with the bytes from the asked offset on.
static wg_status give_piece(struct wg_read_call *call, const struct intake_found_blob *found, ProtobufCMessage **reply,
                            struct wg_error *error) {
  const int64_t offset = ((const Wangge__V1__GetAttachmentRequest *)call->request)->offset;
  if (offset < 0 || offset > found->size_bytes)
    return wg_fail(error, WG_OUT_OF_RANGE, "offset", "0 to %" PRId64, found->size_bytes);
  struct wg_bytes data = {0};
  const wg_status status =
      offset < found->size_bytes ? intake_blob_piece(call->db, call->arena, found, offset, &data, error) : WG_OK;
  if (status != WG_OK) return status;
  Wangge__V1__GetAttachmentResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__get_attachment_response__init(response);
  response->media_type = (char *)(uintptr_t)found->media_type;
  response->size_bytes = found->size_bytes;
  response->data = (ProtobufCBinaryData){data.size, (uint8_t *)(uintptr_t)data.data};
  *reply = &response->base;
  return WG_OK;
}

static wg_status get_of_record(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__GetAttachmentRequest *get = (const Wangge__V1__GetAttachmentRequest *)call->request;
  wg_status status = intake_keep_check(get->record, error);
  struct intake_kept kept = {0};
  if (status == WG_OK &&
      intake_visible_districts(call->service, call->caller, get->record->district, call->arena).count)
    status = intake_keep_find(call->db, call->arena, get->record, get->sha256, &kept, error);
  if (status != WG_OK) return status;
  if (!kept.media_type || !intake_keep_may_get(call->caller, get, &kept))
    return wg_fail(error, WG_NOT_FOUND, NULL, "no such attachment of a record that this caller may know of");
  const struct intake_found_blob found = {.district = get->record->district,
                                          .media_type = kept.media_type,
                                          .upload_id = kept.upload_id,
                                          .size_bytes = kept.size_bytes};
  return give_piece(call, &found, reply, error);
}

wg_status intake_get_attachment(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__GetAttachmentRequest *get = (const Wangge__V1__GetAttachmentRequest *)call->request;
  wg_status status = wg_hash_check(get->sha256, "sha256", error);
  if (status == WG_OK) status = wg_text_check(get->reveal_reason, INTAKE_REASON_BYTES, 0, "reveal_reason", error);
  if (status == WG_OK) status = wg_text_check(get->acting_person, INTAKE_PERSON_BYTES, 0, "acting_person", error);
  if (status == WG_OK && get->order_id != 0 && get->record)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "record", "either an order or a record is asked for");
  if (status != WG_OK) return status;
  if (get->record) return get_of_record(call, reply, error);
  const struct intake_scope scope = intake_visible_districts(call->service, call->caller, "", call->arena);
  struct intake_found_blob found;
  status = intake_blob_find(call->db, call->arena, scope.districts, scope.count, get->order_id, get->sha256,
                            call->caller->name, &found, error);
  if (status != WG_OK) return status;
  const bool held = intake_held(found.confidential, (Wangge__V1__OrderKind)found.kind);
  if (!found.district || !may_get(call, get, &found, held))
    return wg_fail(error, WG_NOT_FOUND, NULL, "no such attachment of an order that this caller may know of");
  if (get->offset >= 0 && get->offset <= found.size_bytes && held && (call->caller->roles & WG_ROLE_DISPATCHER) != 0)
    status = record(call, get, &found, error);
  return status == WG_OK ? give_piece(call, &found, reply, error) : status;
}

// --- lacking ---

wg_status intake_lacking_attachments(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__LackingAttachmentsRequest *request = (const Wangge__V1__LackingAttachmentsRequest *)call->request;
  if (request->order_id <= 0) return wg_fail(error, WG_INVALID_ARGUMENT, "order_id", "must be a positive number");
  if (request->n_sha256 < 1 || request->n_sha256 > LACKING_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "sha256", "1 to %d are possible, not %zu", LACKING_MOST,
                   request->n_sha256);
  wg_status status = WG_OK;
  for (size_t i = 0; i < request->n_sha256 && status == WG_OK; i++)
    status = wg_hash_check(request->sha256[i], "sha256", error);
  if (status != WG_OK) return status;
  const struct intake_scope scope = intake_visible_districts(call->service, call->caller, "", call->arena);
  Wangge__V1__LackingAttachmentsResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__lacking_attachments_response__init(response);
  response->sha256 = wg_arena_alloc(call->arena, sizeof *response->sha256 * request->n_sha256);
  status = intake_blobs_lacking(call->db, call->arena, scope.districts, scope.count, request->order_id, request->sha256,
                                request->n_sha256, response->sha256, &response->n_sha256, error);
  *reply = &response->base;
  return status;
}

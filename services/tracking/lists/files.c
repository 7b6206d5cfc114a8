// See files.h. A ticket is a keyed hash of entry and file, so that none has to be stored here.
#include "services/tracking/lists/files.h"

#include "common/orders/intake.h"
#include "common/wire/attachments.h"
#include "common/wire/walk.h"
#include "services/tracking/tracking.h"

#include <sodium.h>
#include <string.h>

struct named {
  struct wg_kept_files files;
  struct wg_arena *arena; // NULL: they are only counted
  size_t count;
  bool wrong; // one is not as attachments have to be: the change itself is refused for it
};

static wg_status on_value(void *context, const char *path, const ProtobufCFieldDescriptor *field, void *value,
                          struct wg_error *error) {
  (void)error;
  if (field->type != PROTOBUF_C_TYPE_MESSAGE || field->descriptor != &wangge__v1__attachment__descriptor) return WG_OK;
  struct named *named = context;
  Wangge__V1__Attachment *file = value;
  struct wg_error ignored = {0};
  named->count++;
  named->wrong |= wg_attachments_check(&file, 1, 1, &ignored) != WG_OK;
  const char *dot = strchr(path, '.'); // fields of an action are named without it
  if (named->arena) wg_kept_files_add(&named->files, file, dot ? dot + 1 : path, named->arena);
  return WG_OK;
}

static Wangge__V1__KeptKind kept_kind(const Wangge__V1__ChangeEntryRequest *request) {
  const struct lists_rule *rule = lists_rule_of((int)request->action_case);
  switch (rule ? rule->kind : WANGGE__V1__LIST_KIND__LIST_KIND_UNSPECIFIED) {
  case WANGGE__V1__LIST_KIND__LIST_KIND_PLEDGE:
    return WANGGE__V1__KEPT_KIND__KEPT_KIND_PLEDGE;
  case WANGGE__V1__LIST_KIND__LIST_KIND_PROBLEM:
    return WANGGE__V1__KEPT_KIND__KEPT_KIND_PROBLEM;
  default:
    return WANGGE__V1__KEPT_KIND__KEPT_KIND_UNSPECIFIED; // has no files
  }
}

bool lists_files_asks(const void *service, const ProtobufCMessage *message) {
  const struct tracking *tracking = service;
  struct named named = {0};
  struct wg_error error = {0};
  if (!tracking->asks || !kept_kind((const Wangge__V1__ChangeEntryRequest *)message)) return false;
  return wg_walk(message, on_value, &named, &error) == WG_OK && named.count > 0 && named.count <= LISTS_ATTACHMENTS &&
         !named.wrong;
}

static uint64_t ticket_of(const uint8_t secret[LISTS_SECRET_BYTES], const Wangge__V1__KeptRecord *record,
                          const char *sha256) {
  static const uint8_t purpose[] = "ticket of a file"; // tells it from other hashes under the same key
  const int32_t kind = (int32_t)record->kind;
  uint8_t out[crypto_generichash_BYTES_MIN];
  crypto_generichash_state state;
  crypto_generichash_init(&state, secret, LISTS_SECRET_BYTES, sizeof out);
  crypto_generichash_update(&state, purpose, sizeof purpose);
  crypto_generichash_update(&state, (const uint8_t *)&kind, sizeof kind);
  crypto_generichash_update(&state, (const uint8_t *)record->district, strlen(record->district) + 1);
  crypto_generichash_update(&state, (const uint8_t *)record->id, strlen(record->id) + 1);
  crypto_generichash_update(&state, (const uint8_t *)sha256, strlen(sha256));
  crypto_generichash_final(&state, out, sizeof out);
  uint64_t ticket;
  memcpy(&ticket, out, sizeof ticket);
  return ticket ? ticket : 1;
}

wg_status lists_files_ask(const struct wg_read_call *call, struct wg_error *error) {
  const struct tracking *tracking = call->service;
  const Wangge__V1__ChangeEntryRequest *request = (const Wangge__V1__ChangeEntryRequest *)call->request;
  Wangge__V1__KeptRecord record = WANGGE__V1__KEPT_RECORD__INIT;
  record.district = request->district;
  record.kind = kept_kind(request);
  record.id = request->code;
  struct named named = {.arena = call->arena};
  const wg_status status = wg_walk(&request->base, on_value, &named, error);
  if (status != WG_OK) return status;
  for (size_t i = 0; i < named.files.count; i++) {
    Wangge__V1__Attachment *file = wg_arena_alloc(call->arena, sizeof *file);
    *file = *named.files.file[i]; // the request stays as it came
    file->ticket = ticket_of(tracking->lists.secret, &record, file->sha256);
    named.files.file[i] = file;
  }
  return wg_intake_keep(tracking->asks, &record, call->caller->name, &named.files, true, call->arena, error);
}

// --- tickets ---
struct ticketing {
  const uint8_t *secret;
  Wangge__V1__KeptRecord record;
};

static wg_status on_attachment(void *context, const char *path, const ProtobufCFieldDescriptor *field, void *value,
                               struct wg_error *error) {
  (void)path, (void)error;
  const struct ticketing *ticketing = context;
  if (field->type != PROTOBUF_C_TYPE_MESSAGE || field->descriptor != &wangge__v1__attachment__descriptor) return WG_OK;
  Wangge__V1__Attachment *file = value;
  file->ticket = ticket_of(ticketing->secret, &ticketing->record, file->sha256);
  return WG_OK;
}

void lists_files_tickets(const uint8_t secret[LISTS_SECRET_BYTES], Wangge__V1__ListEntry *entry) {
  struct ticketing ticketing = {.secret = secret, .record = WANGGE__V1__KEPT_RECORD__INIT};
  struct wg_error error = {0};
  ticketing.record.district = entry->district;
  ticketing.record.id = entry->code;
  if (entry->kind == WANGGE__V1__LIST_KIND__LIST_KIND_PLEDGE)
    ticketing.record.kind = WANGGE__V1__KEPT_KIND__KEPT_KIND_PLEDGE;
  else if (entry->kind == WANGGE__V1__LIST_KIND__LIST_KIND_PROBLEM)
    ticketing.record.kind = WANGGE__V1__KEPT_KIND__KEPT_KIND_PROBLEM;
  else return;
  wg_walk(&entry->base, on_attachment, &ticketing, &error);
}

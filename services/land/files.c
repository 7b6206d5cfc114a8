// See files.h. What a file is named by is told by the names of the fields: messages of the contract carry no marks.
#include "services/land/files.h"

#include "common/base/text.h"
#include "common/orders/intake.h"
#include "common/wire/walk.h"
#include "services/land/land.h"

#include <string.h>

enum { NESTED_MOST = 8 };

bool land_file_field(const char *name) {
  static const char *const names[] = {"approval", "area_waiver", "consent",    "doc",          "docs",
                                      "document", "documents",   "edge_check", "fixed_photos", "minutes",
                                      "photos",   "quotes",      "sha256",     "use_document"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(name, names[i]) == 0) return true;
  }
  return false;
}

static bool names_files(const ProtobufCMessageDescriptor *type, int depth) {
  for (unsigned i = 0; i < type->n_fields && depth < NESTED_MOST; i++) {
    const ProtobufCFieldDescriptor *field = &type->fields[i];
    if (field->type == PROTOBUF_C_TYPE_STRING && land_file_field(field->name)) return true;
    if (field->type == PROTOBUF_C_TYPE_MESSAGE && names_files(field->descriptor, depth + 1)) return true;
  }
  return false;
}

bool land_names_files(const ProtobufCMessageDescriptor *type) {
  return names_files(type, 0);
}

struct named {
  struct wg_kept_files files;
  struct wg_arena *arena; // NULL: they are only counted
  size_t count;
};

// What is no hash is told by the check of the call, or is no file: `document` of a rule says in words what is wanted.
static wg_status on_value(void *context, const char *path, const ProtobufCFieldDescriptor *field, void *value,
                          struct wg_error *error) {
  (void)error;
  struct named *named = context;
  struct wg_error ignored = {0};
  if (field->type != PROTOBUF_C_TYPE_STRING || !land_file_field(field->name) ||
      wg_hash_check(value, "", &ignored) != WG_OK)
    return WG_OK;
  named->count++;
  if (!named->arena) return WG_OK;
  Wangge__V1__Attachment *file = wg_arena_alloc(named->arena, sizeof *file);
  wangge__v1__attachment__init(file);
  file->sha256 = value;
  wg_kept_files_add(&named->files, file, path, named->arena);
  return WG_OK;
}

bool land_files_asks(const void *service, const ProtobufCMessage *request) {
  const struct land *land = service;
  struct named named = {0};
  struct wg_error error = {0};
  return land->asks && wg_walk(request, on_value, &named, &error) == WG_OK && named.count > 0;
}

wg_status land_files_ask(const struct wg_read_call *call, struct wg_error *error) {
  const struct land *land = call->service;
  const char *village = land_write_of(call->request)->village;
  Wangge__V1__KeptRecord record = WANGGE__V1__KEPT_RECORD__INIT;
  record.district = wg_arena_printf(call->arena, "%.6s", village);
  record.kind = WANGGE__V1__KEPT_KIND__KEPT_KIND_VILLAGE;
  record.id = (char *)(uintptr_t)village;
  struct named named = {.arena = call->arena};
  const wg_status status = wg_walk(call->request, on_value, &named, error);
  if (status != WG_OK) return status;
  return wg_intake_keep(land->asks, &record, call->caller->name, &named.files, false, call->arena, error);
}

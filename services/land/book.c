// See book.h. Everything is read from the descriptor of LandRecord: a new kind is a member of its oneof.
#include "services/land/book.h"

#include "common/wire/wire.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

const struct wg_book_type LAND_BOOK = {
    .message = &wangge__v1__land_record__descriptor,
    .scope = offsetof(Wangge__V1__LandRecord, village),
    .kind = offsetof(Wangge__V1__LandRecord, body_case),
    .code = offsetof(Wangge__V1__LandRecord, id),
    .deleted = offsetof(Wangge__V1__LandRecord, ended),
};

static bool is_body(const ProtobufCFieldDescriptor *field) {
  return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

static const ProtobufCFieldDescriptor *field_of(int kind) {
  if (kind <= 0) return NULL;
  const ProtobufCFieldDescriptor *field =
      protobuf_c_message_descriptor_get_field(&wangge__v1__land_record__descriptor, (unsigned)kind);
  return field && is_body(field) ? field : NULL;
}

const char *land_kind_name(int kind) {
  const ProtobufCFieldDescriptor *field = field_of(kind);
  return field ? field->name : NULL;
}

int land_kind_find(const char *name) {
  const ProtobufCFieldDescriptor *field =
      protobuf_c_message_descriptor_get_field_by_name(&wangge__v1__land_record__descriptor, name);
  return field && is_body(field) ? (int)field->id : 0;
}

size_t land_kind_count(void) {
  size_t count = 0;
  for (unsigned i = 0; i < wangge__v1__land_record__descriptor.n_fields; i++)
    count += is_body(&wangge__v1__land_record__descriptor.fields[i]);
  return count;
}

int land_kind_at(size_t index) {
  for (unsigned i = 0; i < wangge__v1__land_record__descriptor.n_fields; i++) {
    const ProtobufCFieldDescriptor *field = &wangge__v1__land_record__descriptor.fields[i];
    if (is_body(field) && index-- == 0) return (int)field->id;
  }
  return 0;
}

const ProtobufCMessageDescriptor *land_body_type(int kind) {
  const ProtobufCFieldDescriptor *field = field_of(kind);
  return field ? field->descriptor : NULL;
}

const ProtobufCMessage *land_body(const Wangge__V1__LandRecord *record) {
  const ProtobufCFieldDescriptor *field = field_of((int)record->body_case);
  if (!field) return NULL;
  return *(ProtobufCMessage *const *)(const void *)((const char *)record + field->offset);
}

void land_set_body(Wangge__V1__LandRecord *record, int kind, ProtobufCMessage *body) {
  const ProtobufCFieldDescriptor *field = field_of(kind);
  assert(field && field->descriptor == body->descriptor);
  record->body_case = (Wangge__V1__LandRecord__BodyCase)kind;
  *(ProtobufCMessage **)(void *)((char *)record + field->offset) = body;
}

static const void *member(const ProtobufCMessage *body, const char *name, ProtobufCType type,
                          const ProtobufCFieldDescriptor **field) {
  *field = body ? protobuf_c_message_descriptor_get_field_by_name(body->descriptor, name) : NULL;
  if (!*field || (*field)->type != type || (*field)->label == PROTOBUF_C_LABEL_REPEATED) return NULL;
  return (const char *)body + (*field)->offset;
}

const char *land_state(const Wangge__V1__LandRecord *record, struct wg_arena *arena) {
  const ProtobufCFieldDescriptor *field = NULL;
  const void *value = member(land_body(record), "state", PROTOBUF_C_TYPE_ENUM, &field);
  if (!value) return "";
  char unknown[32];
  return wg_arena_strdup(arena, wg_enum_name(field->descriptor, *(const int *)value, unknown));
}

const char *land_name(const Wangge__V1__LandRecord *record) {
  const ProtobufCFieldDescriptor *field = NULL;
  const void *value = member(land_body(record), "name", PROTOBUF_C_TYPE_STRING, &field);
  return value ? *(char *const *)value : "";
}

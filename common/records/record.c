// One record: making it, its body, its name, and the texts of a column.

#include "common/records/records.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

Wangge__V1__Record *wg_record_create(const struct wg_kind *kind, const char *district, const char *code,
                                     struct wg_arena *arena) {
  Wangge__V1__Record *record = wg_arena_alloc(arena, sizeof *record);
  wangge__v1__record__init(record);
  record->district = wg_arena_strdup(arena, district);
  record->code = wg_arena_strdup(arena, code);
  ProtobufCMessage *body = wg_arena_alloc(arena, kind->type->sizeof_message);
  kind->type->message_init(body);
  record->body_case = kind->body_case;
  record->street = (Wangge__V1__Street *)body; // all members of the oneof lie at one place
  return record;
}

ProtobufCMessage *wg_record_body(const Wangge__V1__Record *record) {
  if (record->body_case == WANGGE__V1__RECORD__BODY__NOT_SET) return NULL;
  return record->street != NULL ? &record->street->base : NULL;
}

static const char *text_of(const ProtobufCMessage *body, const char *field) {
  const ProtobufCFieldDescriptor *found = protobuf_c_message_descriptor_get_field_by_name(body->descriptor, field);
  if (found == NULL || found->type != PROTOBUF_C_TYPE_STRING || found->label == PROTOBUF_C_LABEL_REPEATED) return NULL;
  const char *text = *(char *const *)(const void *)((const char *)body + found->offset);
  return text != NULL && text[0] != 0 ? text : NULL;
}

const char *wg_record_name(const Wangge__V1__Record *record) {
  static const char *const fields[] = {"name", "title", "path", "topic", "text"};
  const ProtobufCMessage *body = wg_record_body(record);
  for (size_t i = 0; body != NULL && i < sizeof fields / sizeof fields[0]; i++) {
    const char *text = text_of(body, fields[i]);
    if (text != NULL) return text;
  }
  return "";
}

size_t wg_record_texts(const Wangge__V1__Record *record, const struct wg_column *column, char *const **values) {
  if (column->descriptor == NULL) {
    *values = strcmp(column->field, "code") == 0 ? &record->code : &record->district;
    return **values != NULL && (**values)[0] != 0;
  }
  const char *body = (const char *)wg_record_body(record);
  if (body == NULL || column->descriptor->type != PROTOBUF_C_TYPE_STRING) return 0;
  const void *at = body + column->descriptor->offset;
  if (column->repeated) {
    *values = *(char **const *)at;
    return *(const size_t *)(const void *)(body + column->descriptor->quantifier_offset);
  }
  *values = at;
  return **values != NULL && (**values)[0] != 0;
}

void wg_record_clear(Wangge__V1__Record *record, const struct wg_column *column) {
  char *body = (char *)wg_record_body(record);
  if (body == NULL || column->descriptor == NULL) return;
  // An empty message of the type has every default.
  _Alignas(max_align_t) char fresh[512];
  const ProtobufCMessageDescriptor *type = record->street->base.descriptor;
  if (type->sizeof_message > sizeof fresh) abort();
  type->message_init((ProtobufCMessage *)(void *)fresh);
  size_t size = column->type == WG_COLUMN_BOOL                                    ? sizeof(protobuf_c_boolean)
                : column->type == WG_COLUMN_INT || column->type == WG_COLUMN_ENUM ? sizeof(int32_t)
                : column->type == WG_COLUMN_DOUBLE                                ? sizeof(double)
                                                                                  : sizeof(void *);
  memcpy(body + column->descriptor->offset, fresh + column->descriptor->offset, size);
  if (column->repeated) memset(body + column->descriptor->quantifier_offset, 0, sizeof(size_t));
}

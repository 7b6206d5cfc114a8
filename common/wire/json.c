// Messages as proto3 JSON (https://protobuf.dev/programming-guides/json/), by their descriptors.
#include "common/wire/wire.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void append_name(struct wg_buffer *buffer, const char *name) {
  wg_buffer_append(buffer, "\"", 1);
  for (; *name != '\0'; name++) {
    bool up = name[0] == '_' && name[1] >= 'a' && name[1] <= 'z';
    char c = up ? (char)(*++name - 'a' + 'A') : *name;
    if (c != '_') wg_buffer_append(buffer, &c, 1);
  }
  wg_buffer_append(buffer, "\":", 2);
}

static void append_base64(struct wg_buffer *buffer, const ProtobufCBinaryData *bytes) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  wg_buffer_append(buffer, "\"", 1);
  for (size_t at = 0; at < bytes->len; at += 3) {
    size_t have = bytes->len - at < 3 ? bytes->len - at : 3;
    uint32_t group = (uint32_t)bytes->data[at] << 16;
    if (have > 1) group |= (uint32_t)bytes->data[at + 1] << 8;
    if (have > 2) group |= bytes->data[at + 2];
    char out[4] = {digits[group >> 18], digits[group >> 12 & 63], have > 1 ? digits[group >> 6 & 63] : '=',
                   have > 2 ? digits[group & 63] : '='};
    wg_buffer_append(buffer, out, 4);
  }
  wg_buffer_append(buffer, "\"", 1);
}

static void append_real(struct wg_buffer *buffer, double value, int digits) {
  if (isnan(value)) {
    wg_buffer_text(buffer, "\"NaN\"");
  } else if (isinf(value)) {
    wg_buffer_text(buffer, value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  } else {
    // The short form where it reads back as the same number.
    size_t before = buffer->size;
    wg_buffer_printf(buffer, "%.*g", digits, value);
    double back = strtod(wg_buffer_cstr(buffer) + before, NULL);
    if (digits == 6 ? (float)back == (float)value : back == value) return;
    buffer->size = before;
    wg_buffer_printf(buffer, "%.*g", digits == 6 ? 9 : 17, value);
  }
}

static void append_enum(struct wg_buffer *buffer, const ProtobufCEnumDescriptor *type, int value) {
  const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(type, value);
  if (known != NULL) wg_buffer_printf(buffer, "\"%s\"", known->name);
  else wg_buffer_printf(buffer, "%d", value);
}

static size_t width_of(ProtobufCType type) {
  switch (type) {
  case PROTOBUF_C_TYPE_INT64:
  case PROTOBUF_C_TYPE_SINT64:
  case PROTOBUF_C_TYPE_SFIXED64:
  case PROTOBUF_C_TYPE_UINT64:
  case PROTOBUF_C_TYPE_FIXED64:
    return sizeof(uint64_t);
  case PROTOBUF_C_TYPE_DOUBLE:
    return sizeof(double);
  case PROTOBUF_C_TYPE_FLOAT:
    return sizeof(float);
  case PROTOBUF_C_TYPE_BOOL:
    return sizeof(protobuf_c_boolean);
  case PROTOBUF_C_TYPE_ENUM:
    return sizeof(int);
  case PROTOBUF_C_TYPE_STRING:
    return sizeof(char *);
  case PROTOBUF_C_TYPE_BYTES:
    return sizeof(ProtobufCBinaryData);
  case PROTOBUF_C_TYPE_MESSAGE:
    return sizeof(ProtobufCMessage *);
  default:
    return sizeof(uint32_t);
  }
}

static void append_value(struct wg_buffer *buffer, const ProtobufCFieldDescriptor *field, const void *value) {
  switch (field->type) {
  case PROTOBUF_C_TYPE_INT32:
  case PROTOBUF_C_TYPE_SINT32:
  case PROTOBUF_C_TYPE_SFIXED32:
    wg_buffer_printf(buffer, "%" PRId32, *(const int32_t *)value);
    break;
  case PROTOBUF_C_TYPE_UINT32:
  case PROTOBUF_C_TYPE_FIXED32:
    wg_buffer_printf(buffer, "%" PRIu32, *(const uint32_t *)value);
    break;
  case PROTOBUF_C_TYPE_INT64:
  case PROTOBUF_C_TYPE_SINT64:
  case PROTOBUF_C_TYPE_SFIXED64:
    wg_buffer_printf(buffer, "\"%" PRId64 "\"", *(const int64_t *)value);
    break;
  case PROTOBUF_C_TYPE_UINT64:
  case PROTOBUF_C_TYPE_FIXED64:
    wg_buffer_printf(buffer, "\"%" PRIu64 "\"", *(const uint64_t *)value);
    break;
  case PROTOBUF_C_TYPE_FLOAT:
    append_real(buffer, (double)*(const float *)value, 6);
    break;
  case PROTOBUF_C_TYPE_DOUBLE:
    append_real(buffer, *(const double *)value, 15);
    break;
  case PROTOBUF_C_TYPE_BOOL:
    wg_buffer_text(buffer, *(const protobuf_c_boolean *)value ? "true" : "false");
    break;
  case PROTOBUF_C_TYPE_ENUM:
    append_enum(buffer, field->descriptor, *(const int *)value);
    break;
  case PROTOBUF_C_TYPE_STRING:
    wg_json_quote(buffer, wg_bytes_of(*(char *const *)value));
    break;
  case PROTOBUF_C_TYPE_BYTES:
    append_base64(buffer, value);
    break;
  case PROTOBUF_C_TYPE_MESSAGE:
    wg_json_message(buffer, *(ProtobufCMessage *const *)value);
    break;
  }
}

// is_default: the value a proto3 field has when nobody set it. All-zero bytes, or an empty text.
static bool is_default(const ProtobufCFieldDescriptor *field, const void *value) {
  static const uint8_t zeros[sizeof(uint64_t)];
  if (field->type == PROTOBUF_C_TYPE_BYTES) return ((const ProtobufCBinaryData *)value)->len == 0;
  if (field->type != PROTOBUF_C_TYPE_STRING) return memcmp(value, zeros, width_of(field->type)) == 0;
  const char *text = *(char *const *)value;
  return text == NULL || text[0] == '\0';
}

static bool is_present(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  const uint8_t *base = (const uint8_t *)message;
  const void *value = base + field->offset, *quantifier = base + field->quantifier_offset;
  bool pointer = field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE;
  if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
    if (*(const uint32_t *)quantifier != field->id) return false;
    return !pointer || *(void *const *)value != NULL;
  }
  if (field->label == PROTOBUF_C_LABEL_REPEATED) return *(const size_t *)quantifier > 0;
  if (field->label == PROTOBUF_C_LABEL_NONE) return !is_default(field, value);
  if (pointer) return *(void *const *)value != NULL;
  return field->label == PROTOBUF_C_LABEL_REQUIRED || *(const protobuf_c_boolean *)quantifier;
}

static void append_field(struct wg_buffer *buffer, const ProtobufCMessage *message,
                         const ProtobufCFieldDescriptor *field) {
  const uint8_t *base = (const uint8_t *)message;
  append_name(buffer, field->name);
  if (field->label != PROTOBUF_C_LABEL_REPEATED) {
    append_value(buffer, field, base + field->offset);
    return;
  }
  size_t count = *(const size_t *)(const void *)(base + field->quantifier_offset);
  const uint8_t *values = *(uint8_t *const *)(const void *)(base + field->offset);
  wg_buffer_append(buffer, "[", 1);
  for (size_t i = 0; i < count; i++) {
    if (i > 0) wg_buffer_append(buffer, ",", 1);
    append_value(buffer, field, values + i * width_of(field->type));
  }
  wg_buffer_append(buffer, "]", 1);
}

void wg_json_message(struct wg_buffer *buffer, const ProtobufCMessage *message) {
  bool first = true;
  wg_buffer_append(buffer, "{", 1);
  for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
    const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
    if (!is_present(message, field)) continue;
    if (!first) wg_buffer_append(buffer, ",", 1);
    first = false;
    append_field(buffer, message, field);
  }
  wg_buffer_append(buffer, "}", 1);
}

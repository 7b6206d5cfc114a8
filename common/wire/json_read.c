// Messages from proto3 JSON, by their descriptors: the other way of json.c.
#include "common/base/text.h"
#include "common/wire/wire.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

// Where a value stands, for errors: "pledgeDraft.milestones[2].title".
struct place {
  const struct place *above;
  const char *name; // NULL: an element
  size_t index;
};
struct reading {
  struct wg_arena *arena;
  struct wg_error *error;
};

static wg_status read_message(struct reading *reading, const struct place *place,
                              const ProtobufCMessageDescriptor *type, const json_t *object, ProtobufCMessage **message);

static size_t write_path(const struct place *place, char *path, size_t size) {
  if (!place) return 0;
  const size_t at = write_path(place->above, path, size);
  if (at >= size) return at;
  const int more = place->name ? snprintf(path + at, size - at, "%s%s", at ? "." : "", place->name)
                               : snprintf(path + at, size - at, "[%zu]", place->index);
  return at + (size_t)more;
}

static wg_status wrong(struct reading *reading, const struct place *place, const char *wanted) {
  char path[sizeof reading->error->field] = "";
  write_path(place, path, sizeof path);
  return wg_fail(reading->error, WG_INVALID_ARGUMENT, path, "%s must be %s", *path ? path : "the line", wanted);
}

// same_name: the field's name in lowerCamelCase or as it stands in the .proto.
static bool same_name(const char *field, const char *key) {
  if (strcmp(field, key) == 0) return true;
  for (; *field && *key; field++, key++) {
    const bool up = field[0] == '_' && field[1] >= 'a' && field[1] <= 'z';
    if ((up ? (char)(*++field - 'a' + 'A') : *field) != *key) return false;
  }
  return *field == *key;
}

static const ProtobufCFieldDescriptor *find_field(const ProtobufCMessageDescriptor *type, const char *key) {
  for (unsigned i = 0; i < type->n_fields; i++) {
    if (same_name(type->fields[i].name, key)) return &type->fields[i];
  }
  return NULL;
}

static bool whole_number(const json_t *value, int64_t low, int64_t high, int64_t *number) {
  if (json_is_integer(value)) *number = json_integer_value(value);
  else if (!json_is_string(value) || !wg_parse_i64(json_string_value(value), number)) return false;
  return *number >= low && *number <= high;
}

static wg_status read_number(struct reading *reading, const struct place *place, const json_t *value, bool wide,
                             void *at) {
  int64_t number = 0;
  if (!whole_number(value, wide ? INT64_MIN : INT32_MIN, wide ? INT64_MAX : INT32_MAX, &number))
    return wrong(reading, place, wide ? "a whole number of 64 bits" : "a whole number of 32 bits");
  const int32_t narrow = (int32_t)number;
  memcpy(at, wide ? (const void *)&number : &narrow, wide ? sizeof number : sizeof narrow);
  return WG_OK;
}

static wg_status read_enum(struct reading *reading, const struct place *place, const ProtobufCEnumDescriptor *type,
                           const json_t *value, void *at) {
  int64_t number = -1;
  if (json_is_string(value)) number = wg_enum_value(type, json_string_value(value));
  else if (!whole_number(value, 0, INT32_MAX, &number)) number = -1;
  if (number < 0) {
    char wanted[96];
    snprintf(wanted, sizeof wanted, "a value of %s", type->name);
    return wrong(reading, place, wanted);
  }
  const int narrow = (int)number;
  memcpy(at, &narrow, sizeof narrow);
  return WG_OK;
}

static wg_status read_text(struct reading *reading, const struct place *place, const json_t *value, void *at) {
  if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
    return wrong(reading, place, "a text without NUL");
  char *text = wg_arena_strdup(reading->arena, json_string_value(value));
  memcpy(at, &text, sizeof text);
  return WG_OK;
}

// base64_digit gives what a character stands for, -1: nothing.
static int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// decode_base64 reads what json.c writes, in the one way there is (RFC 4648 section 4). Gives the number of bytes, -1:
// it is something else.
static ssize_t decode_base64(const char *text, size_t size, uint8_t *out) {
  if (size % 4 != 0) return -1;
  const size_t padding = size == 0 || text[size - 1] != '=' ? 0 : text[size - 2] != '=' ? 1 : 2;
  uint32_t group = 0;
  for (size_t at = 0; at < size; at++) {
    const int digit = at < size - padding ? base64_digit(text[at]) : 0;
    if (digit < 0) return -1;
    group = group << 6 | (uint32_t)digit;
    if (at % 4 != 3) continue;
    for (int shift = 16; shift >= 0; shift -= 8)
      *out++ = (uint8_t)(group >> shift);
  }
  if (group & ((1U << 8 * padding) - 1)) return -1; // bits are left over
  return (ssize_t)(size / 4 * 3 - padding);
}

static wg_status read_bytes(struct reading *reading, const struct place *place, const json_t *value, void *at) {
  const size_t size = json_string_length(value); // 0 of what is no text
  uint8_t *data = wg_arena_alloc(reading->arena, size / 4 * 3 + 1);
  const ssize_t count = json_is_string(value) ? decode_base64(json_string_value(value), size, data) : -1;
  if (count < 0) return wrong(reading, place, "bytes in base64");
  const ProtobufCBinaryData bytes = {(size_t)count, data};
  memcpy(at, &bytes, sizeof bytes);
  return WG_OK;
}

static wg_status read_value(struct reading *reading, const struct place *place, const ProtobufCFieldDescriptor *field,
                            const json_t *value, void *at) {
  switch (field->type) {
  case PROTOBUF_C_TYPE_INT32:
    return read_number(reading, place, value, false, at);
  case PROTOBUF_C_TYPE_INT64:
    return read_number(reading, place, value, true, at);
  case PROTOBUF_C_TYPE_ENUM:
    return read_enum(reading, place, field->descriptor, value, at);
  case PROTOBUF_C_TYPE_STRING:
    return read_text(reading, place, value, at);
  case PROTOBUF_C_TYPE_BYTES:
    return read_bytes(reading, place, value, at);
  case PROTOBUF_C_TYPE_BOOL: {
    if (!json_is_boolean(value)) return wrong(reading, place, "true or false");
    const protobuf_c_boolean is = json_is_true(value);
    memcpy(at, &is, sizeof is);
    return WG_OK;
  }
  case PROTOBUF_C_TYPE_DOUBLE: {
    if (!json_is_number(value)) return wrong(reading, place, "a number");
    const double number = json_number_value(value);
    memcpy(at, &number, sizeof number);
    return WG_OK;
  }
  case PROTOBUF_C_TYPE_MESSAGE: {
    ProtobufCMessage *message = NULL;
    const wg_status status = read_message(reading, place, field->descriptor, value, &message);
    memcpy(at, &message, sizeof message);
    return status;
  }
  default: // the contract has no other types in what people write
    return wrong(reading, place, "left out: its type is not read from JSON");
  }
}

static size_t width_of(const ProtobufCFieldDescriptor *field) {
  switch (field->type) {
  case PROTOBUF_C_TYPE_INT32:
  case PROTOBUF_C_TYPE_ENUM:
    return 4;
  case PROTOBUF_C_TYPE_BOOL:
    return sizeof(protobuf_c_boolean);
  case PROTOBUF_C_TYPE_BYTES:
    return sizeof(ProtobufCBinaryData);
  default:
    return 8;
  }
}
static_assert(sizeof(void *) == 8 && sizeof(int) == 4, "elements of repeated fields have these widths");

static wg_status read_list(struct reading *reading, const struct place *place, const ProtobufCFieldDescriptor *field,
                           const json_t *list, ProtobufCMessage *message) {
  if (!json_is_array(list)) return wrong(reading, place, "a list");
  const size_t count = json_array_size(list), width = width_of(field);
  char *values = wg_arena_zalloc(reading->arena, (count + 1) * width);
  for (size_t i = 0; i < count; i++) {
    const struct place here = {place, NULL, i};
    const wg_status status = read_value(reading, &here, field, json_array_get(list, i), values + i * width);
    if (status != WG_OK) return status;
  }
  memcpy((char *)message + field->offset, &values, sizeof values);
  memcpy((char *)message + field->quantifier_offset, &count, sizeof count);
  return WG_OK;
}

// note_oneof notes which member is set; a second one is refused.
static wg_status note_oneof(struct reading *reading, const struct place *place, const ProtobufCFieldDescriptor *field,
                            ProtobufCMessage *message) {
  if (!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)) return WG_OK;
  uint32_t set = 0;
  memcpy(&set, (char *)message + field->quantifier_offset, sizeof set);
  if (set) return wrong(reading, place, "left out: another field that excludes it is there");
  memcpy((char *)message + field->quantifier_offset, &field->id, sizeof field->id);
  return WG_OK;
}

static wg_status read_message(struct reading *reading, const struct place *place,
                              const ProtobufCMessageDescriptor *type, const json_t *object,
                              ProtobufCMessage **message) {
  if (!json_is_object(object)) return wrong(reading, place, "an object");
  ProtobufCMessage *made = wg_arena_alloc(reading->arena, type->sizeof_message);
  type->message_init(made);
  void *walk = json_object_iter((json_t *)(uintptr_t)object);
  for (; walk; walk = json_object_iter_next((json_t *)(uintptr_t)object, walk)) {
    const struct place here = {place, json_object_iter_key(walk), 0};
    const json_t *value = json_object_iter_value(walk);
    const ProtobufCFieldDescriptor *field = find_field(type, here.name);
    if (!field) return wrong(reading, &here, "left out: there is no such field");
    if (json_is_null(value)) continue; // proto3: the default
    wg_status status = WG_OK;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
      status = read_list(reading, &here, field, value, made);
    } else {
      status = note_oneof(reading, &here, field, made);
      if (status == WG_OK) status = read_value(reading, &here, field, value, (char *)made + field->offset);
    }
    if (status != WG_OK) return status;
  }
  *message = made;
  return WG_OK;
}

wg_status wg_json_read(const ProtobufCMessageDescriptor *type, const json_t *object, struct wg_arena *arena,
                       ProtobufCMessage **message, struct wg_error *error) {
  struct reading reading = {arena, error};
  return read_message(&reading, NULL, type, object, message);
}

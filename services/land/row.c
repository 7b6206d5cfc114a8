#include "services/land/row.h"

#include "common/wire/wire.h"
#include "services/land/book.h"
#include "services/land/topic.h"

#include <stdio.h>

static void attributes_of(struct wg_buffer *json, const ProtobufCMessage *body, const char *prefix);

// The single values of a body by name, as JSON: texts, numbers, truths, enums by lower-case name; of a land class
// "land_class_code" and the like. Not bytes, which are commitments, nor what else is nested or repeated.
static void attribute(struct wg_buffer *json, const ProtobufCMessage *body, const ProtobufCFieldDescriptor *field,
                      const char *prefix) {
  const void *at = (const char *)body + field->offset;
  char text[32];
  if (field->label == PROTOBUF_C_LABEL_REPEATED) return;
  if (field->descriptor == &wangge__v1__land_class__descriptor && *(const ProtobufCMessage *const *)at)
    attributes_of(json, *(const ProtobufCMessage *const *)at, field->name);
  switch (field->type) {
  case PROTOBUF_C_TYPE_STRING:
  case PROTOBUF_C_TYPE_ENUM:
  case PROTOBUF_C_TYPE_BOOL:
  case PROTOBUF_C_TYPE_INT32:
  case PROTOBUF_C_TYPE_INT64:
  case PROTOBUF_C_TYPE_DOUBLE:
    break;
  default:
    return;
  }
  if (json->size > 1) wg_buffer_text(json, ",");
  char name[64];
  snprintf(name, sizeof name, "%s%s%s", prefix, *prefix ? "_" : "", field->name);
  wg_json_quote(json, wg_bytes_of(name));
  wg_buffer_text(json, ":");
  if (field->type == PROTOBUF_C_TYPE_STRING) wg_json_quote(json, wg_bytes_of(*(char *const *)at));
  else if (field->type == PROTOBUF_C_TYPE_ENUM)
    wg_json_quote(json, wg_bytes_of(wg_enum_name(field->descriptor, *(const int *)at, text)));
  else if (field->type == PROTOBUF_C_TYPE_BOOL)
    wg_buffer_text(json, *(const protobuf_c_boolean *)at ? "true" : "false");
  else {
    if (field->type == PROTOBUF_C_TYPE_DOUBLE) snprintf(text, sizeof text, "%.17g", *(const double *)at);
    else if (field->type == PROTOBUF_C_TYPE_INT64) snprintf(text, sizeof text, "%lld", (long long)*(const int64_t *)at);
    else snprintf(text, sizeof text, "%d", (int)*(const int32_t *)at);
    wg_buffer_text(json, text);
  }
}

static void attributes_of(struct wg_buffer *json, const ProtobufCMessage *body, const char *prefix) {
  for (unsigned i = 0; i < body->descriptor->n_fields; i++)
    attribute(json, body, &body->descriptor->fields[i], prefix);
}

static const char *attributes(const Wangge__V1__LandRecord *record, struct wg_arena *arena) {
  const ProtobufCMessage *body = land_body(record);
  struct wg_buffer json = {0};
  wg_buffer_text(&json, "{");
  attributes_of(&json, body, "");
  wg_buffer_text(&json, "}");
  const char *text = wg_arena_text(arena, (struct wg_bytes){json.data, json.size});
  wg_buffer_free(&json);
  return text;
}

struct land_row land_row_of(const Wangge__V1__LandRecord *record, struct wg_arena *arena) {
  const struct land_shape *shape = land_shape_find((int)record->body_case);
  return (struct land_row){
      .ended = record->ended,
      .state = land_state(record, arena),
      .name = land_name(record),
      .due_on = record->due_on,
      .geom = shape ? shape->wkb(record, arena) : (struct wg_bytes){0},
      .attributes = attributes(record, arena),
      .body = wg_pack(&record->base, arena),
  };
}

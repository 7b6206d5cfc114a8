#include "common/wire/walk.h"

#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 128 };

struct walk {
  wg_visit *visit;
  void *context;
  char path[PATH_BYTES];
};

static wg_status walk_message(struct walk *walk, size_t at, const ProtobufCMessage *message, struct wg_error *error);

// put_path writes a name, and a place in a list, at the end of the path; gives its new length.
static size_t put_path(struct walk *walk, size_t at, const char *name, size_t place, bool listed) {
  const char *dot = at ? "." : "";
  const size_t room = sizeof walk->path - at;
  const int size = listed ? snprintf(walk->path + at, room, "%s%s[%zu]", dot, name, place)
                          : snprintf(walk->path + at, room, "%s%s", dot, name);
  return at + (size < 0 ? 0 : (size_t)size < room ? (size_t)size : room - 1);
}

static wg_status walk_value(struct walk *walk, size_t at, const ProtobufCFieldDescriptor *field, void *value,
                            struct wg_error *error) {
  const bool text = field->type == PROTOBUF_C_TYPE_STRING;
  if (!value || (text && !*(const char *)value)) return WG_OK;
  const wg_status status = walk->visit(walk->context, walk->path, field, value, error);
  return status == WG_OK && !text ? walk_message(walk, at, value, error) : status;
}

// is_set: of a oneof only the member that was chosen.
static bool is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
  if (!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)) return true;
  uint32_t chosen;
  memcpy(&chosen, (const char *)message + field->quantifier_offset, sizeof chosen);
  return chosen == field->id;
}

static wg_status walk_field(struct walk *walk, size_t at, const ProtobufCMessage *message,
                            const ProtobufCFieldDescriptor *field, struct wg_error *error) {
  void *member;
  memcpy(&member, (const char *)message + field->offset, sizeof member);
  if (field->label != PROTOBUF_C_LABEL_REPEATED) {
    const size_t end = put_path(walk, at, field->name, 0, false);
    return walk_value(walk, end, field, member, error);
  }
  size_t count;
  memcpy(&count, (const char *)message + field->quantifier_offset, sizeof count);
  wg_status status = WG_OK;
  for (size_t i = 0; i < count && status == WG_OK; i++) {
    const size_t end = put_path(walk, at, field->name, i, true);
    status = walk_value(walk, end, field, ((void **)member)[i], error);
  }
  return status;
}

static wg_status walk_message(struct walk *walk, size_t at, const ProtobufCMessage *message, struct wg_error *error) {
  wg_status status = WG_OK;
  for (unsigned i = 0; i < message->descriptor->n_fields && status == WG_OK; i++) {
    const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
    const bool wanted = field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE;
    if (wanted && is_set(message, field)) status = walk_field(walk, at, message, field, error);
  }
  walk->path[at] = '\0';
  return status;
}

wg_status wg_walk(const ProtobufCMessage *message, wg_visit *visit, void *context, struct wg_error *error) {
  struct walk walk = {.visit = visit, .context = context};
  return walk_message(&walk, 0, message, error);
}

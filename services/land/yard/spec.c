// See spec.h.
#include "services/land/yard/spec.h"

#include "common/base/text.h"
#include "common/records/cell.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ID_BYTES = 64 };

static wg_status check_day(const char *text, bool required, const char *field, struct wg_error *error) {
  int32_t day;
  if (!*text && !required) return WG_OK;
  if (land_day_read(text, &day)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be a civil day, YYYY-MM-DD");
}

static wg_status check_number(int64_t value, const struct land_spec *spec, const char *field, struct wg_error *error) {
  if (value >= spec->least && value <= spec->most) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be %" PRId64 " to %" PRId64, spec->least, spec->most);
}

static wg_status check_choice(const ProtobufCFieldDescriptor *field, int value, bool required, const char *name,
                              struct wg_error *error) {
  if (value == 0 && !required) return WG_OK;
  if (value != 0 && protobuf_c_enum_descriptor_get_value(field->descriptor, value)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, name, "must be a value of %s",
                 ((const ProtobufCEnumDescriptor *)field->descriptor)->name);
}

static wg_status check_hashes(const void *body, const ProtobufCFieldDescriptor *field, const struct land_spec *spec,
                              const char *name, struct wg_error *error) {
  const size_t count = *(const size_t *)(const void *)((const char *)body + field->quantifier_offset);
  char *const *hashes = *(char **const *)(const void *)((const char *)body + field->offset);
  if (check_number((int64_t)count, spec, name, error) != WG_OK)
    return wg_fail(error, WG_INVALID_ARGUMENT, name, "must be %" PRId64 " to %" PRId64 " hashes of files", spec->least,
                   spec->most);
  for (size_t i = 0; i < count; i++) {
    if (wg_hash_check(hashes[i], name, error) != WG_OK) return error->code;
  }
  return WG_OK;
}

static wg_status check_record(struct land_write *write, const char *id, const struct land_spec *spec, const char *name,
                              struct wg_error *error) {
  if (!*id && spec->required) return wg_fail(error, WG_INVALID_ARGUMENT, name, "must be given");
  if (!*id || land_get(write, spec->kind, id)) return WG_OK;
  const wg_status status = wg_text_check(id, ID_BYTES, WG_TEXT_ONE_LINE | WG_TEXT_PLAIN, name, error);
  if (status != WG_OK) return status;
  char *pointer = land_text(write, "/%s", name);
  for (char *c = pointer; *c; c++)
    if (*c == '.') *c = '/';
  return land_unknown(write, pointer, spec->kind, id);
}

static wg_status check_field(struct land_write *write, const ProtobufCMessage *body,
                             const ProtobufCFieldDescriptor *field, const struct land_spec *spec, const char *name,
                             struct wg_error *error) {
  const void *at = (const char *)body + field->offset;
  const char *text =
      field->type == PROTOBUF_C_TYPE_STRING && field->label != PROTOBUF_C_LABEL_REPEATED ? *(char *const *)at : "";
  const int required = spec->required ? WG_TEXT_REQUIRED : 0;
  switch (spec->type) {
  case LAND_SPEC_TEXT:
    return wg_text_check(text, (size_t)spec->most, required | WG_TEXT_ONE_LINE | WG_TEXT_PLAIN, name, error);
  case LAND_SPEC_LONG:
    return wg_text_check(text, (size_t)spec->most, required | WG_TEXT_PLAIN, name, error);
  case LAND_SPEC_DAY:
    return check_day(text, spec->required, name, error);
  case LAND_SPEC_NUMBER:
    return check_number(field->type == PROTOBUF_C_TYPE_INT64 ? *(const int64_t *)at : *(const int32_t *)at, spec, name,
                        error);
  case LAND_SPEC_CHOICE:
    return check_choice(field, *(const int *)at, spec->required, name, error);
  case LAND_SPEC_RECORD:
    return check_record(write, text, spec, name, error);
  case LAND_SPEC_HASHES:
    return check_hashes(body, field, spec, name, error);
  case LAND_SPEC_HASH:
    return *text || spec->required ? wg_hash_check(text, name, error) : WG_OK;
  case LAND_SPEC_AREA: {
    const char *problem = *text ? wg_wkt_problem(text, write->arena) : NULL;
    return problem ? wg_fail(error, WG_INVALID_ARGUMENT, name, "%s", problem) : WG_OK;
  }
  }
  return WG_OK;
}

wg_status land_spec_check(struct land_write *write, const ProtobufCMessage *body, const struct land_spec *specs,
                          const char *name, struct wg_error *error) {
  for (const struct land_spec *spec = specs; spec->field; spec++) {
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(body->descriptor, spec->field);
    assert(field && "a field of the body");
    char path[96];
    snprintf(path, sizeof path, "%s.%s", name, spec->field);
    if (check_field(write, body, field, spec, path, error) != WG_OK) return error->code;
  }
  return WG_OK;
}

wg_status land_put_body(struct land_write *write, const struct land_put *put, struct wg_error *error) {
  const ProtobufCFieldDescriptor *second = protobuf_c_message_descriptor_get_field(put->request, 2);
  const ProtobufCFieldDescriptor *third = protobuf_c_message_descriptor_get_field(put->request, 3);
  const char *id = *(char *const *)(const void *)((const char *)write->request + second->offset);
  ProtobufCMessage *given = *(ProtobufCMessage *const *)(const void *)((const char *)write->request + third->offset);
  if (wg_token_check(id, ID_BYTES, "id", error) != WG_OK) return error->code;
  if (!given) return wg_fail(error, WG_INVALID_ARGUMENT, third->name, "must be given");
  if (land_spec_check(write, given, put->specs, third->name, error) != WG_OK) return error->code;
  // What is computed is computed on a copy: the request stays as it came.
  const size_t size = given->descriptor->sizeof_message;
  ProtobufCMessage *body = wg_arena_alloc(write->arena, size);
  memcpy(body, given, size);
  const Wangge__V1__LandRecord *stands = land_get(write, put->kind, id);
  if (put->more && put->more(write, body, stands ? land_body(stands) : NULL, error) != WG_OK) return error->code;
  if (write->refused) return WG_OK;
  memcpy(stands ? land_change(write, put->kind, id) : land_make(write, put->kind, id), body, size);
  return WG_OK;
}

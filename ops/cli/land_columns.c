// See land_columns.h.
#include "ops/cli/land_columns.h"

#include "common/wire/wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SIDE(NAME) WANGGE__V1__NEIGHBOUR_SIDE__NEIGHBOUR_SIDE_##NAME

const struct cli_land_column cli_land_columns[] = {
    {.name = "id", .path = "id"},
    {.name = "name", .path = "parcel.name"},
    {.name = "dk_code", .path = "parcel.dk_code"},
    {.name = "bdc_code", .path = "parcel.bdc_code"},
    {.name = "layer", .path = "parcel.layer"},
    {.name = "class_standard", .path = "parcel.land_class.standard"},
    {.name = "class_code", .path = "parcel.land_class.code"},
    {.name = "class_name", .path = "parcel.land_class.name"},
    {.name = "idle_kind", .path = "parcel.idle_kind"},
    {.name = "ownership", .path = "parcel.ownership", .form = CLI_LAND_NUMBER},
    {.name = "grade", .path = "parcel.grade", .form = CLI_LAND_NUMBER},
    {.name = "basic_farmland", .path = "parcel.basic_farmland", .form = CLI_LAND_TRUTH},
    {.name = "area_surveyed_m2", .path = "parcel.area_surveyed_dm2", .form = CLI_LAND_NUMBER, .digits = 2},
    {.name = "area_contract_m2", .path = "parcel.area_contract_dm2", .form = CLI_LAND_NUMBER, .digits = 2},
    {.name = "area_original_m2", .path = "parcel.area_original_dm2", .form = CLI_LAND_NUMBER, .digits = 2},
    {.name = "area_basis", .path = "parcel.area_basis"},
    {.name = "area_waiver", .path = "parcel.area_waiver"},
    {.name = "hole_reason", .path = "parcel.hole_reason"},
    {.name = "holder", .path = "parcel.holder"},
    {.name = "declared_east", .side = SIDE(EAST)},
    {.name = "declared_south", .side = SIDE(SOUTH)},
    {.name = "declared_west", .side = SIDE(WEST)},
    {.name = "declared_north", .side = SIDE(NORTH)},
    {.name = "points", .path = "parcel.points"},
    // not read by an import
    {.name = "village", .path = "village"},
    {.name = "version", .path = "version", .form = CLI_LAND_NUMBER},
    {.name = "state", .path = "parcel.state"},
    {.name = "survey_task", .path = "parcel.survey_task"},
    {.name = "area_adopted_m2", .path = "parcel.area_adopted_dm2", .form = CLI_LAND_NUMBER, .digits = 2},
    {.name = "area_ellipsoid_m2", .path = "parcel.area_ellipsoid_dm2", .form = CLI_LAND_NUMBER, .digits = 2},
    {.name = "area_plane_m2", .path = "parcel.area_plane_dm2", .form = CLI_LAND_NUMBER, .digits = 2},
    {.name = "perimeter_m", .path = "parcel.perimeter_dm", .form = CLI_LAND_NUMBER, .digits = 1},
    {.name = "parents", .path = "parcel.parents"},
    {.name = "neighbours", .path = "parcel.neighbours"},
    {.name = "occupations", .path = "parcel.occupations"},
    {.name = "rights", .path = "parcel.rights"},
    {.name = "flags", .path = "parcel.flags"},
    {0},
};

// find gives the field of a path and, in *message, the message it stands in; *message NULL: one on the way is not set.
static const ProtobufCFieldDescriptor *find(const ProtobufCMessage **message, const char *path) {
  const ProtobufCMessageDescriptor *type = (*message)->descriptor;
  for (;;) {
    char name[32];
    const size_t size = strcspn(path, ".");
    assert(size < sizeof name);
    memcpy(name, path, size);
    name[size] = 0;
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(type, name);
    assert(field && "a column names a member of the record");
    if (path[size] == 0) return field;
    if (*message) *message = *(const ProtobufCMessage *const *)(const void *)((const char *)*message + field->offset);
    type = field->descriptor;
    path += size + 1;
  }
}

static void append_list(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, struct wg_buffer *out) {
  const size_t count = *(const size_t *)(const void *)((const char *)message + field->quantifier_offset);
  const void *list = *(const void *const *)(const void *)((const char *)message + field->offset);
  for (size_t i = 0; i < count; i++) {
    wg_buffer_text(out, i ? "," : "[");
    if (field->type == PROTOBUF_C_TYPE_STRING) wg_json_quote(out, wg_bytes_of(((char *const *)list)[i]));
    else wg_json_message(out, ((ProtobufCMessage *const *)list)[i]);
  }
  if (count) wg_buffer_text(out, "]");
}

static void append_number(int64_t number, int digits, struct wg_buffer *out) {
  static const int64_t tens[] = {1, 10, 100};
  if (number == 0) return;
  if (number < 0) wg_buffer_text(out, "-");
  wg_buffer_printf(out, "%lld", (long long)(llabs(number) / tens[digits]));
  if (digits) wg_buffer_printf(out, ".%0*lld", digits, (long long)(llabs(number) % tens[digits]));
}

static void append_declared(const Wangge__V1__Parcel *parcel, int side, struct wg_buffer *out) {
  for (size_t i = 0; i < parcel->n_neighbours; i++) {
    if ((int)parcel->neighbours[i]->side != side) continue;
    wg_buffer_text(out, parcel->neighbours[i]->declared);
    return;
  }
}

void cli_land_cell(const struct cli_land_column *column, const Wangge__V1__LandRecord *parcel, struct wg_buffer *out) {
  if (!column->path) {
    append_declared(parcel->parcel, column->side, out);
    return;
  }
  char text[32];
  const ProtobufCMessage *message = &parcel->base;
  const ProtobufCFieldDescriptor *field = find(&message, column->path);
  if (!message) return;
  const void *at = (const char *)message + field->offset;
  if (field->label == PROTOBUF_C_LABEL_REPEATED) append_list(message, field, out);
  else if (field->type == PROTOBUF_C_TYPE_STRING) wg_buffer_text(out, *(char *const *)at);
  else if (field->type == PROTOBUF_C_TYPE_BOOL) wg_buffer_text(out, *(const protobuf_c_boolean *)at ? "1" : "0");
  else if (field->type == PROTOBUF_C_TYPE_INT32) append_number(*(const int32_t *)at, column->digits, out);
  else if (field->type == PROTOBUF_C_TYPE_INT64) append_number(*(const int64_t *)at, column->digits, out);
  else if (*(const int *)at) wg_buffer_text(out, wg_enum_name(field->descriptor, *(const int *)at, text));
}

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

const char *land_kind_term(int kind) {
  static const struct {
    const char *name, *term;
  } terms[] = {
      {"village_info", "村"},
      {"party", "权利人"},
      {"policy", "政策参数"},
      {"restore", "恢复记录"},
      {"erasure", "删除记录"},
      {"survey_task", "调查任务"},
      {"parcel", "地块"},
      {"notice", "公示"},
      {"objection", "异议"},
      {"land_work", "整治"},
      {"site_plan", "选址方案"},
      {"outcome", "成效"},
      {"use_rule", "用途规则"},
      {"decision", "决议"},
      {"tender", "招标"},
      {"invitation", "征询记录"},
      {"application", "申请"},
      {"ranking", "排序"},
      {"holding", "原有权利"},
      {"contract", "合同"},
      {"payment_due", "应付款"},
      {"payment", "收款"},
      {"refund", "退款"},
      {"transfer", "流转"},
      {"yard_plot", "房前屋后地块"},
      {"village_rule", "村规"},
      {"rule_breach", "违规"},
      {"responsibility", "责任区"},
      {"planting", "绿化"},
      {"street_evaluation", "街巷评比"},
      {"cleaning_cost", "保洁费用"},
      {"bulk_purchase", "集中采购"},
      {"homestead", "宅基地"},
      {"house", "房屋"},
      {"operation_agreement", "盘活协议"},
      {"garden_bed", "菜畦"},
      {"homestay", "民宿"},
      {"service_order", "代办服务"},
  };
  const char *name = land_kind_name(kind);
  assert(name);
  for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
    if (strcmp(terms[i].name, name) == 0) return terms[i].term;
  }
  return name;
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

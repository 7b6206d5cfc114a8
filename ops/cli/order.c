// NewOrder, field by field.

#include "ops/cli/order.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/wire/wire.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// --- terms ---

struct term {
  const ProtobufCEnumDescriptor *type;
  int value;
  const char *term;
};
static const struct term terms[] = {
    {&wangge__v1__order_kind__descriptor, 1, "咨询"},        {&wangge__v1__order_kind__descriptor, 2, "求助"},
    {&wangge__v1__order_kind__descriptor, 3, "投诉"},        {&wangge__v1__order_kind__descriptor, 4, "举报"},
    {&wangge__v1__order_kind__descriptor, 5, "建议"},        {&wangge__v1__order_kind__descriptor, 6, "表扬"},
    {&wangge__v1__urgency__descriptor, 1, "一般"},           {&wangge__v1__urgency__descriptor, 2, "紧急"},
    {&wangge__v1__urgency__descriptor, 3, "特急"},           {&wangge__v1__channel__descriptor, 1, "12345热线"},
    {&wangge__v1__channel__descriptor, 2, "巡查走访"},       {&wangge__v1__channel__descriptor, 3, "回访"},
    {&wangge__v1__channel__descriptor, 4, "主题党日"},       {&wangge__v1__channel__descriptor, 5, "网上问卷"},
    {&wangge__v1__channel__descriptor, 6, "驿站来访"},       {&wangge__v1__channel__descriptor, 7, "微信群"},
    {&wangge__v1__channel__descriptor, 8, "党员帮包联系卡"}, {&wangge__v1__channel__descriptor, 9, "部门移交"},
};

int cli_enum(const ProtobufCEnumDescriptor *type, const char *text) {
  for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
    if (terms[i].type == type && strcmp(terms[i].term, text) == 0) return terms[i].value;
  return wg_enum_value(type, text);
}

const char *cli_enum_term(const ProtobufCEnumDescriptor *type, int value, char buffer[32]) {
  for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
    if (terms[i].type == type && terms[i].value == value) return terms[i].term;
  return wg_enum_name(type, value, buffer);
}

// --- values ---

static wg_status set_enum(const ProtobufCEnumDescriptor *type, const char *field, const char *value, int *target,
                          struct wg_error *error) {
  int number = cli_enum(type, value);
  if (number < 0) return wg_fail(error, WG_INVALID_ARGUMENT, field, "\"%.60s\" is no %s", value, field);
  *target = number;
  return WG_OK;
}

static wg_status set_time(const char *field, const char *value, const char *format, int64_t *target,
                          struct wg_error *error) {
  if (format != NULL) {
    struct tm tm = {0};
    const char *end = strptime(value, format, &tm);
    if (end == NULL || *end != 0)
      return wg_fail(error, WG_INVALID_ARGUMENT, field, "\"%.60s\" is no time of the form %s", value, format);
    struct wg_civil civil = {
        tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday > 0 ? tm.tm_mday : 1, tm.tm_hour, tm.tm_min, tm.tm_sec, 0};
    if (!wg_civil_valid(civil)) return wg_fail(error, WG_INVALID_ARGUMENT, field, "no such day: \"%.60s\"", value);
    *target = wg_civil_to_us(civil);
    return WG_OK;
  }
  if (strlen(value) > 8 && wg_parse_i64(value, target)) return WG_OK; // UTC microseconds
  if (wg_civil_parse(value, target)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "\"%.60s\" is no time: RFC 3339 or 2026-11-27 20:39:20 is wanted",
                 value);
}

static wg_status set_real(const char *field, const char *value, double *target, struct wg_error *error) {
  char *end;
  double number = strtod(value, &end);
  if (end == value || *end != 0) return wg_fail(error, WG_INVALID_ARGUMENT, field, "\"%.60s\" is no number", value);
  *target = number;
  return WG_OK;
}

static wg_status set_bool(const char *field, const char *value, protobuf_c_boolean *target, struct wg_error *error) {
  static const char *const yes[] = {"true", "1", "yes", "是"}, *const no[] = {"false", "0", "no", "否"};
  for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
    if (strcasecmp(value, yes[i]) == 0) *target = 1;
    else if (strcasecmp(value, no[i]) == 0) *target = 0;
    else continue;
    return WG_OK;
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "\"%.60s\" is neither true nor false", value);
}

static Wangge__V1__Position *position_of(Wangge__V1__NewOrder *order, struct wg_arena *arena) {
  if (order->position == NULL) {
    order->position = wg_arena_alloc(arena, sizeof *order->position);
    wangge__v1__position__init(order->position);
  }
  return order->position;
}

static Wangge__V1__Reporter *reporter_of(Wangge__V1__NewOrder *order, struct wg_arena *arena) {
  if (order->reporter == NULL) {
    order->reporter = wg_arena_alloc(arena, sizeof *order->reporter);
    wangge__v1__reporter__init(order->reporter);
  }
  return order->reporter;
}

static Wangge__V1__DirectAnswer *answer_of(Wangge__V1__NewOrder *order, struct wg_arena *arena) {
  if (order->answer == NULL) {
    order->answer = wg_arena_alloc(arena, sizeof *order->answer);
    wangge__v1__direct_answer__init(order->answer);
  }
  return order->answer;
}

Wangge__V1__NewOrder *cli_order_create(struct wg_arena *arena) {
  Wangge__V1__NewOrder *order = wg_arena_alloc(arena, sizeof *order);
  wangge__v1__new_order__init(order);
  return order;
}

// copy_text copies with LF for CRLF: files come with either, the contract knows LF only.
static char *copy_text(struct wg_arena *arena, const char *value) {
  char *copy = wg_arena_strdup(arena, value), *out = copy;
  for (const char *in = copy; *in; in++)
    if (in[0] != '\r' || in[1] != '\n') *out++ = *in;
  *out = 0;
  return copy;
}

static const struct {
  const char *field;
  size_t offset;
} texts[] = {
    {"external_id", offsetof(Wangge__V1__NewOrder, external_id)},
    {"district", offsetof(Wangge__V1__NewOrder, district)},
    {"category", offsetof(Wangge__V1__NewOrder, category)},
    {"title", offsetof(Wangge__V1__NewOrder, title)},
    {"text", offsetof(Wangge__V1__NewOrder, text)},
    {"address", offsetof(Wangge__V1__NewOrder, address)},
    {"grid_code", offsetof(Wangge__V1__NewOrder, grid_code)},
    {"origin", offsetof(Wangge__V1__NewOrder, origin)},
    {"parcel_ownership", offsetof(Wangge__V1__NewOrder, parcel_ownership)},
};
static const char *const other_fields[] = {
    "channel",        "kind",        "urgency",      "position.lon", "position.lat",         "reporter.name",
    "reporter.phone", "occurred_at", "confidential", "answer.text",  "answer.knowledge_item"};

bool cli_order_field(const char *field) {
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (strcmp(texts[i].field, field) == 0) return true;
  for (size_t i = 0; i < sizeof other_fields / sizeof *other_fields; i++)
    if (strcmp(other_fields[i], field) == 0) return true;
  return false;
}

wg_status cli_order_set(Wangge__V1__NewOrder *order, struct wg_arena *arena, const char *field, const char *value,
                        const char *time_format, struct wg_error *error) {
  if (value == NULL || value[0] == 0) return WG_OK;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    if (strcmp(texts[i].field, field) != 0) continue;
    char *copy = copy_text(arena, value);
    memcpy((char *)order + texts[i].offset, &copy, sizeof copy);
    return WG_OK;
  }
  int number = 0;
  if (strcmp(field, "kind") == 0) {
    if (set_enum(&wangge__v1__order_kind__descriptor, field, value, &number, error) != WG_OK) return error->code;
    order->kind = (Wangge__V1__OrderKind)number;
    return WG_OK;
  }
  if (strcmp(field, "urgency") == 0) {
    if (set_enum(&wangge__v1__urgency__descriptor, field, value, &number, error) != WG_OK) return error->code;
    order->urgency = (Wangge__V1__Urgency)number;
    return WG_OK;
  }
  if (strcmp(field, "channel") == 0) {
    if (set_enum(&wangge__v1__channel__descriptor, field, value, &number, error) != WG_OK) return error->code;
    order->channel = (Wangge__V1__Channel)number;
    return WG_OK;
  }
  if (strcmp(field, "occurred_at") == 0) return set_time(field, value, time_format, &order->occurred_at, error);
  if (strcmp(field, "confidential") == 0) return set_bool(field, value, &order->confidential, error);
  if (strcmp(field, "position.lon") == 0) return set_real(field, value, &position_of(order, arena)->lon, error);
  if (strcmp(field, "position.lat") == 0) return set_real(field, value, &position_of(order, arena)->lat, error);
  if (strcmp(field, "reporter.name") == 0) {
    reporter_of(order, arena)->name = copy_text(arena, value);
    return WG_OK;
  }
  if (strcmp(field, "reporter.phone") == 0) {
    reporter_of(order, arena)->phone = copy_text(arena, value);
    return WG_OK;
  }
  if (strcmp(field, "answer.text") == 0) {
    answer_of(order, arena)->text = copy_text(arena, value);
    return WG_OK;
  }
  if (strcmp(field, "answer.knowledge_item") == 0) {
    answer_of(order, arena)->knowledge_item = copy_text(arena, value);
    return WG_OK;
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "an order has no field \"%.80s\"", field);
}

// --- JSON ---

static char *snake(struct wg_arena *arena, const char *parent, const char *name) {
  char *out = wg_arena_alloc(arena, strlen(parent) + strlen(name) * 2 + 2), *at = out;
  at += sprintf(at, "%s%s", parent, parent[0] != 0 ? "." : "");
  for (; *name != 0; name++) {
    if (*name >= 'A' && *name <= 'Z') *at++ = '_';
    *at++ = (char)tolower((unsigned char)*name);
  }
  *at = 0;
  return out;
}

static wg_status set_json(Wangge__V1__NewOrder *order, struct wg_arena *arena, const char *field, json_t *value,
                          struct wg_error *error) {
  char number[64];
  const char *text;
  switch (json_typeof(value)) {
  case JSON_NULL:
    return WG_OK;
  case JSON_STRING:
    text = json_string_value(value);
    break;
  case JSON_INTEGER:
    snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    text = number;
    break;
  case JSON_REAL:
    snprintf(number, sizeof number, "%.17g", json_real_value(value));
    text = number;
    break;
  case JSON_TRUE:
  case JSON_FALSE:
    text = json_is_true(value) ? "true" : "false";
    break;
  default:
    return wg_fail(error, WG_INVALID_ARGUMENT, field, "%s is no text, number or truth value", field);
  }
  return cli_order_set(order, arena, field, text, NULL, error);
}

static wg_status set_attachments(Wangge__V1__NewOrder *order, struct wg_arena *arena, json_t *list,
                                 struct wg_error *error) {
  if (!json_is_array(list)) return wg_fail(error, WG_INVALID_ARGUMENT, "attachments", "attachments is no list");
  size_t count = json_array_size(list), i;
  order->attachments = wg_arena_alloc(arena, sizeof *order->attachments * (count + 1));
  json_t *one;
  json_array_foreach(list, i, one) {
    Wangge__V1__Attachment *attachment = wg_arena_alloc(arena, sizeof *attachment);
    wangge__v1__attachment__init(attachment);
    const char *key;
    json_t *value;
    json_object_foreach(one, key, value) {
      const char *name = snake(arena, "", key);
      char *text = json_is_string(value) ? wg_arena_strdup(arena, json_string_value(value)) : NULL;
      bool known = true;
      if (strcmp(name, "sha256") == 0 && text != NULL) attachment->sha256 = text;
      else if (strcmp(name, "name") == 0 && text != NULL) attachment->name = text;
      else if (strcmp(name, "media_type") == 0 && text != NULL) attachment->media_type = text;
      else if (strcmp(name, "size_bytes") == 0 && json_is_integer(value))
        attachment->size_bytes = json_integer_value(value);
      else known = strcmp(name, "size_bytes") == 0 && text != NULL && wg_parse_i64(text, &attachment->size_bytes);
      if (!known)
        return wg_fail(error, WG_INVALID_ARGUMENT, "attachments", "attachments[%zu].%.60s is not understood", i, key);
    }
    order->attachments[order->n_attachments++] = attachment;
  }
  return WG_OK;
}

static wg_status set_object(Wangge__V1__NewOrder *order, struct wg_arena *arena, const char *parent, json_t *object,
                            struct wg_error *error) {
  const char *key;
  json_t *value;
  json_object_foreach(object, key, value) {
    const char *field = snake(arena, parent, key);
    wg_status status;
    const bool part = strcmp(field, "position") == 0 || strcmp(field, "reporter") == 0 || strcmp(field, "answer") == 0;
    if (parent[0] == 0 && json_is_object(value) && part) status = set_object(order, arena, field, value, error);
    else if (strcmp(field, "attachments") == 0) status = set_attachments(order, arena, value, error);
    else status = set_json(order, arena, field, value, error);
    if (status != WG_OK) return status;
  }
  return WG_OK;
}

wg_status cli_order_json(const char *line, struct wg_arena *arena, Wangge__V1__NewOrder **order,
                         struct wg_error *error) {
  json_error_t fault;
  json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &fault);
  if (object == NULL)
    return wg_fail(error, WG_INVALID_ARGUMENT, NULL, "no JSON: %s at byte %d", fault.text, fault.position);
  wg_status status = WG_OK;
  *order = cli_order_create(arena);
  if (json_is_object(object)) status = set_object(*order, arena, "", object, error);
  else status = wg_fail(error, WG_INVALID_ARGUMENT, NULL, "the line is no JSON object");
  json_decref(object);
  return status;
}

// See validate.h. Field paths are completed ("text" becomes "orders[3].text") only when something is wrong, so that a
// good order costs no formatting.
#include "services/intake/validate.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/wire/attachments.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define YEAR_2000_US (INT64_C(946684800) * WG_SECOND_US)
#define FUTURE_US (INT64_C(300) * WG_SECOND_US)
#define ENUM_MOST 32767 // stored as smallint; values the contract does not know yet are kept

static wg_status check_id(const char *id, const char *field, struct wg_error *error) {
  return wg_text_check(id, INTAKE_ID_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, field, error);
}

static wg_status check_district(const struct intake_reference *reference, const struct wg_principal *caller,
                                const char *code, const struct intake_district **district, struct wg_error *error) {
  if (!wg_all_digits(code, 6)) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "district", "must be the 6-digit code of a district; served here: %s",
                   reference->served);
  }
  *district = intake_district_find(reference, code);
  if (*district == NULL) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "district", "district %s is not served here; served are: %s", code,
                   reference->served);
  }
  if (!intake_may_district(caller, code)) {
    return wg_fail(error, WG_PERMISSION_DENIED, "district", "source %s does not push for district %s", caller->name,
                   code);
  }
  return WG_OK;
}

static wg_status check_enum(int value, bool required, const char *field, const char *values, struct wg_error *error) {
  if (required && value == 0) return wg_fail(error, WG_INVALID_ARGUMENT, field, "is required: one of %s", values);
  if (value >= 0 && value <= ENUM_MOST) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "%d is no value of the contract: use one of %s", value, values);
}

static wg_status check_category(const struct intake_district *district, const char *path, struct wg_error *error) {
  if (path[0] == '\0' || intake_category_known(district, path)) return WG_OK;
  wg_status status = wg_text_check(path, 300, 0, "category", error);
  if (status != WG_OK) return status;
  return wg_fail(
      error, WG_INVALID_ARGUMENT, "category",
      "\"%.*s\" is not in the category tree of %s: leave it empty or give levels joined by \"/\"; first levels: %s",
      (int)wg_utf8_cut(wg_bytes_of(path), 80), path, district->name,
      district->first_levels[0] == '\0' ? "none yet" : district->first_levels);
}

static wg_status check_position(const struct intake_district *district, const Wangge__V1__Position *position,
                                struct wg_error *error) {
  if (position == NULL) return WG_OK;
  if (!isfinite(position->lon) || !isfinite(position->lat)) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "position", "lon and lat must be finite numbers of degrees");
  }
  if (intake_district_contains(district, position->lon, position->lat)) return WG_OK;
  bool swapped = intake_district_contains(district, position->lat, position->lon);
  return wg_fail(error, WG_INVALID_ARGUMENT, "position",
                 "lon %.6f, lat %.6f is outside %s %s (lon %.4f to %.4f, lat %.4f to %.4f)%s", position->lon,
                 position->lat, district->code, district->name, district->min_lon, district->max_lon, district->min_lat,
                 district->max_lat, swapped ? ": lon and lat look swapped" : "");
}

static wg_status check_grid(const char *district, const char *grid, struct wg_error *error) {
  if (grid[0] == '\0') return WG_OK;
  if (!wg_all_digits(grid, 15)) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "grid_code", "must be empty or have 15 digits");
  }
  if (strncmp(grid, district, 6) == 0) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "grid_code", "grid %s is not of district %s: it must begin with it", grid,
                 district);
}

// --- origin ---

int intake_order_channel(const struct wg_principal *caller, const Wangge__V1__NewOrder *order) {
  return order->channel ? (int)order->channel : caller->default_channel;
}

const char *intake_order_origin(const struct wg_principal *caller, const Wangge__V1__NewOrder *order) {
  return order->origin[0] == '\0' && caller->origins == 1 ? caller->origin[0] : order->origin;
}

// own_origins writes "S01, S02" for messages, cut when long.
static const char *own_origins(const struct wg_principal *caller, char text[160]) {
  size_t size = 0;
  text[0] = '\0';
  for (int i = 0; i < caller->origins && size < 120; i++)
    size += (size_t)snprintf(text + size, 160 - size, "%s%s", i > 0 ? ", " : "", caller->origin[i]);
  return text;
}

static bool is_own_origin(const struct wg_principal *caller, const char *code) {
  for (int i = 0; i < caller->origins; i++) {
    if (strcmp(caller->origin[i], code) == 0) return true;
  }
  return false;
}

// check_keeper: a key that is for certain stations or groups is for nothing else.
static wg_status check_keeper(const struct wg_principal *caller, const Wangge__V1__NewOrder *order,
                              struct wg_error *error) {
  char own[160];
  if (caller->origins == 0) return WG_OK;
  if (intake_order_channel(caller, order) != caller->default_channel)
    return wg_fail(error, WG_PERMISSION_DENIED, "channel",
                   "source %s hands over for %s by its own channel only: leave the channel out", caller->name,
                   own_origins(caller, own));
  const char *origin = intake_order_origin(caller, order);
  if (origin[0] == '\0')
    return wg_fail(error, WG_INVALID_ARGUMENT, "origin", "is required of source %s: one of %s", caller->name,
                   own_origins(caller, own));
  if (is_own_origin(caller, origin)) return WG_OK;
  return wg_fail(error, WG_PERMISSION_DENIED, "origin", "source %s hands over for %s, not for \"%.64s\"", caller->name,
                 own_origins(caller, own), origin);
}

static wg_status check_origin(const struct wg_principal *caller, const struct intake_district *district,
                              const Wangge__V1__NewOrder *order, struct wg_error *error) {
  const char *origin = intake_order_origin(caller, order);
  const int channel = intake_order_channel(caller, order);
  wg_status status = wg_text_check(order->origin, INTAKE_ORIGIN_BYTES, WG_TEXT_ONE_LINE, "origin", error);
  if (status == WG_OK) status = check_keeper(caller, order, error);
  if (status != WG_OK || origin[0] == '\0') return status;
  const bool station = channel == WANGGE__V1__CHANNEL__CHANNEL_STATION_WALK_IN;
  if (!station && channel != WANGGE__V1__CHANNEL__CHANNEL_WECHAT_GROUP)
    return wg_fail(error, WG_INVALID_ARGUMENT, "origin",
                   "\"%.64s\": only orders of the channels STATION_WALK_IN and WECHAT_GROUP name the station or group "
                   "they come from: leave it out, or give that channel",
                   origin);
  if (intake_origin_find(district, channel, origin) != NULL) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "origin",
                 "district %s has no %s \"%.64s\": give the code that the registry has, or register it first",
                 district->code, station ? "station" : "message group", origin);
}

// The words of DispatchRule.parcel_ownership.
static wg_status check_ownership(const char *ownership, struct wg_error *error) {
  if (ownership[0] == '\0' || strcmp(ownership, "state") == 0 || strcmp(ownership, "collective") == 0) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "parcel_ownership", "must be \"state\", \"collective\" or empty");
}

static wg_status check_reporter(const Wangge__V1__Reporter *reporter, struct wg_error *error) {
  if (reporter == NULL) return WG_OK;
  wg_status status = wg_text_check(reporter->name, 64, 0, "reporter.name", error);
  if (status != WG_OK) return status;
  if (strspn(reporter->phone, "0123456789+- ") != strlen(reporter->phone)) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "reporter.phone", "may hold only digits, \"+\", \"-\" and space");
  }
  return wg_text_check(reporter->phone, 32, WG_TEXT_ONE_LINE, "reporter.phone", error);
}

// in_window: would `at` microseconds be a time that an order may have?
static bool in_window(int64_t at, int64_t now) {
  return at >= YEAR_2000_US && at <= now + FUTURE_US;
}

static wg_status check_occurred(int64_t at, int64_t now, struct wg_error *error) {
  if (in_window(at, now)) return WG_OK;
  if (at == 0) return wg_fail(error, WG_INVALID_ARGUMENT, "occurred_at", "is required: microseconds since 1970, UTC");
  const char *hint = "";
  if (at > 0 && at <= INT64_MAX / 1000000 && in_window(at * 1000000, now)) {
    hint = ": this looks like seconds, give microseconds";
  } else if (at > 0 && at <= INT64_MAX / 1000 && in_window(at * 1000, now)) {
    hint = ": this looks like milliseconds, give microseconds";
  } else if (in_window(at / 1000, now)) {
    hint = ": this looks like nanoseconds, give microseconds";
  }
  if (at < YEAR_2000_US) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "occurred_at", "%lld is before 2000-01-01%s", (long long)at, hint);
  }
  return wg_fail(error, WG_INVALID_ARGUMENT, "occurred_at", "%lld is more than 5 minutes in the future%s",
                 (long long)at, hint);
}

static wg_status check_texts(const Wangge__V1__NewOrder *order, struct wg_error *error) {
  wg_status status = wg_text_check(order->title, 300, 0, "title", error);
  if (status != WG_OK) return status;
  status = wg_text_check(order->text, INTAKE_TEXT_BYTES, WG_TEXT_REQUIRED, "text", error);
  if (status != WG_OK) return status;
  return wg_text_check(order->address, 512, 0, "address", error);
}

static wg_status check_answer(const Wangge__V1__NewOrder *order, struct wg_error *error) {
  const Wangge__V1__DirectAnswer *answer = order->answer;
  if (!answer) return WG_OK;
  if (order->kind != WANGGE__V1__ORDER_KIND__ORDER_KIND_CONSULTATION &&
      order->kind != WANGGE__V1__ORDER_KIND__ORDER_KIND_SUGGESTION)
    return wg_fail(
        error, WG_INVALID_ARGUMENT, "answer",
        "only a CONSULTATION or a SUGGESTION is answered at once: leave it out, and the order is dispatched");
  const wg_status status =
      wg_text_check(answer->text, INTAKE_ANSWER_BYTES, WG_TEXT_REQUIRED | WG_TEXT_PLAIN, "answer.text", error);
  return status == WG_OK ? check_id(answer->knowledge_item, "answer.knowledge_item", error) : status;
}

static wg_status check_order(const struct intake_reference *reference, const struct wg_principal *caller,
                             const Wangge__V1__NewOrder *order, int64_t now, struct wg_error *error) {
  const struct intake_district *district = NULL;
  wg_status status = check_id(order->external_id, "external_id", error);
  if (status == WG_OK) status = check_district(reference, caller, order->district, &district, error);
  if (status == WG_OK) {
    status = check_enum((int)order->channel, false, "channel", "Channel's, or none for the source's own", error);
  }
  if (status == WG_OK) {
    status = check_enum((int)order->kind, true, "kind",
                        "CONSULTATION, HELP, COMPLAINT, REPORT, SUGGESTION, PRAISE (ORDER_KIND_…)", error);
  }
  if (status == WG_OK) {
    status = check_enum((int)order->urgency, false, "urgency", "NORMAL, URGENT, EXTRA_URGENT (URGENCY_…)", error);
  }
  if (status == WG_OK) status = check_category(district, order->category, error);
  if (status == WG_OK) status = check_texts(order, error);
  if (status == WG_OK) status = check_position(district, order->position, error);
  if (status == WG_OK) status = check_grid(order->district, order->grid_code, error);
  if (status == WG_OK) status = check_origin(caller, district, order, error);
  if (status == WG_OK) status = check_ownership(order->parcel_ownership, error);
  if (status == WG_OK) status = check_reporter(order->reporter, error);
  if (status == WG_OK) status = check_occurred(order->occurred_at, now, error);
  if (status == WG_OK)
    status = wg_attachments_check(order->attachments, order->n_attachments, INTAKE_ATTACHMENTS, error);
  if (status == WG_OK) status = check_answer(order, error);
  return status;
}

wg_status intake_validate_order(const struct intake_reference *reference, const struct wg_principal *caller,
                                const Wangge__V1__NewOrder *order, size_t index, int64_t now, struct wg_error *error) {
  wg_status status = check_order(reference, caller, order, now, error);
  if (status == WG_OK) return WG_OK;
  char path[sizeof error->field];
  snprintf(path, sizeof path, "orders[%zu].%.64s", index, error->field);
  memcpy(error->field, path, sizeof path);
  return status;
}

// --- whole requests ---

wg_status intake_check_push(const struct wg_principal *caller, const ProtobufCMessage *request,
                            struct wg_error *error) {
  const Wangge__V1__PushRequest *push = (const Wangge__V1__PushRequest *)request;
  if (strcmp(push->source, caller->name) != 0) {
    return wg_fail(error, WG_PERMISSION_DENIED, "source", "this key pushes as source \"%s\" only", caller->name);
  }
  if (push->n_orders == 0) return wg_fail(error, WG_INVALID_ARGUMENT, "orders", "no order: push 1 to 1,000");
  if (push->n_orders > INTAKE_PUSH_ORDERS) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "orders", "%zu orders in one push: at most 1,000, split it",
                   push->n_orders);
  }
  return WG_OK;
}

static wg_status check_order_id(int64_t order_id, struct wg_error *error) {
  if (order_id > 0) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "order_id", "is required: the number that Push answered");
}

wg_status intake_check_supplement(const struct wg_principal *caller, const ProtobufCMessage *request,
                                  struct wg_error *error) {
  (void)caller;
  const Wangge__V1__SupplementRequest *supplement = (const Wangge__V1__SupplementRequest *)request;
  wg_status status = check_order_id(supplement->order_id, error);
  if (status == WG_OK) status = check_id(supplement->supplement_id, "supplement_id", error);
  if (status != WG_OK) return status;
  return wg_text_check(supplement->text, INTAKE_TEXT_BYTES, WG_TEXT_REQUIRED, "text", error);
}

wg_status intake_check_withdraw(const struct wg_principal *caller, const ProtobufCMessage *request,
                                struct wg_error *error) {
  (void)caller;
  const Wangge__V1__WithdrawRequest *withdraw = (const Wangge__V1__WithdrawRequest *)request;
  wg_status status = check_order_id(withdraw->order_id, error);
  if (status != WG_OK) return status;
  return wg_text_check(withdraw->reason, INTAKE_REASON_BYTES, WG_TEXT_REQUIRED, "reason", error);
}

wg_status intake_check_rewrite(const struct wg_principal *caller, const ProtobufCMessage *request,
                               struct wg_error *error) {
  (void)caller;
  const Wangge__V1__RewriteRequest *rewrite = (const Wangge__V1__RewriteRequest *)request;
  wg_status status = check_order_id(rewrite->order_id, error);
  if (status == WG_OK) status = check_id(rewrite->rewrite_id, "rewrite_id", error);
  if (status == WG_OK) status = wg_text_check(rewrite->text, INTAKE_TEXT_BYTES, WG_TEXT_REQUIRED, "text", error);
  if (status != WG_OK) return status;
  return wg_text_check(rewrite->acting_person, INTAKE_PERSON_BYTES, 0, "acting_person", error);
}

wg_status intake_check_erase(const struct wg_principal *caller, const ProtobufCMessage *request,
                             struct wg_error *error) {
  (void)caller;
  const Wangge__V1__EraseReporterRequest *erase = (const Wangge__V1__EraseReporterRequest *)request;
  wg_status status = check_order_id(erase->order_id, error);
  if (status != WG_OK) return status;
  return wg_text_check(erase->reason, INTAKE_REASON_BYTES, WG_TEXT_REQUIRED, "reason", error);
}

wg_status intake_check_get(const struct wg_principal *caller, const ProtobufCMessage *request, struct wg_error *error) {
  const Wangge__V1__GetOrderRequest *get = (const Wangge__V1__GetOrderRequest *)request;
  bool keyed = get->district[0] != '\0' || get->source[0] != '\0' || get->external_id[0] != '\0';
  if (keyed && get->order_id != 0) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "order_id", "give either order_id or district, source and external_id");
  }
  if (!keyed) {
    wg_status status = check_order_id(get->order_id, error);
    if (status != WG_OK) return status;
  } else if (get->district[0] == '\0' || get->source[0] == '\0' || get->external_id[0] == '\0') {
    return wg_fail(error, WG_INVALID_ARGUMENT, "external_id", "the key is district, source and external_id together");
  }
  if (get->reveal < 0 || get->reveal > WANGGE__V1__PII_FIELD__PII_FIELD_TEXT)
    return wg_fail(error, WG_INVALID_ARGUMENT, "reveal", "%d is not known: PII_FIELD_REPORTER or PII_FIELD_TEXT",
                   (int)get->reveal);
  wg_status person = wg_text_check(get->acting_person, INTAKE_PERSON_BYTES, 0, "acting_person", error);
  if (person != WG_OK) return person;
  if (get->reveal_reason[0] == '\0') {
    if (get->reveal == WANGGE__V1__PII_FIELD__PII_FIELD_UNSPECIFIED) return WG_OK;
    return wg_fail(error, WG_INVALID_ARGUMENT, "reveal_reason", "is required to see anything whole");
  }
  if ((caller->roles & WG_ROLE_DISPATCHER) == 0) {
    return wg_fail(error, WG_PERMISSION_DENIED, "reveal_reason", "only a dispatcher may see anything whole");
  }
  return wg_text_check(get->reveal_reason, INTAKE_REASON_BYTES, 0, "reveal_reason", error);
}

wg_status intake_check_list(const struct wg_principal *caller, const ProtobufCMessage *request,
                            struct wg_error *error) {
  (void)caller;
  const Wangge__V1__ListOrdersRequest *list = (const Wangge__V1__ListOrdersRequest *)request;
  if (list->limit < 0 || list->limit > 1000) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "limit", "%d: 1 to 1,000, or 0 for 50", list->limit);
  }
  if (list->from < 0) return wg_fail(error, WG_INVALID_ARGUMENT, "from", "must not be negative");
  if (list->to < 0) return wg_fail(error, WG_INVALID_ARGUMENT, "to", "must not be negative");
  if (list->to != 0 && list->from >= list->to) {
    return wg_fail(error, WG_INVALID_ARGUMENT, "to", "must be later than from");
  }
  return WG_OK;
}

// --- rights ---

bool intake_may_district(const struct wg_principal *caller, const char *district) {
  if (caller->districts == 0) return true;
  for (int i = 0; i < caller->districts; i++) {
    if (strcmp(caller->district[i], district) == 0) return true;
  }
  return false;
}

bool intake_may_see(const struct wg_principal *caller, const char *district, const char *source) {
  if (!intake_may_district(caller, district)) return false;
  if ((caller->roles & (WG_ROLE_DISPATCHER | WG_ROLE_OPERATOR)) != 0) return true;
  return (caller->roles & WG_ROLE_SOURCE) != 0 && strcmp(caller->name, source) == 0;
}

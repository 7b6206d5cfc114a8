// The calls of wangge.v1.Registry: who may call, what is checked before, who answers. Put is decided in batch.c.
#include "services/registry/registry.h"

#include "common/base/text.h"

#include <stdio.h>
#include <string.h>

enum {
  PUT_RECORDS = 1000,
  REASON_BYTES = 1024,
  IMPORT_ID_BYTES = 64,
  IMPORT_PARTS = 100000,
  EVENT_ID_BYTES = 128,
  EVENT_BYTES = 64,
  REDRIVE_DUTIES = 1000
};
#define YEAR_2000_US INT64_C(946684800000000)

bool registry_may_district(const struct wg_principal *caller, const char *district) {
  for (int i = 0; i < caller->districts; i++) {
    if (strcmp(caller->district[i], district) == 0) return true;
  }
  return caller->districts == 0;
}

static wg_status check_import(const Wangge__V1__PutRequest *request, struct wg_error *error) {
  if (!*request->import_id) {
    if (request->part == 0 && !request->last_part) return WG_OK;
    return wg_fail(error, WG_INVALID_ARGUMENT, "import_id", "a part needs the import_id it belongs to");
  }
  if (request->part < 1 || request->part > IMPORT_PARTS)
    return wg_fail(error, WG_INVALID_ARGUMENT, "part", "must be 1 to %d", IMPORT_PARTS);
  for (size_t i = 1; i < request->n_records; i++) {
    if (strcmp(request->records[i]->district, request->records[0]->district) == 0) continue;
    char field[64];
    snprintf(field, sizeof field, "records[%zu].district", i);
    return wg_fail(error, WG_INVALID_ARGUMENT, field, "an import is of one district, this one of %s",
                   request->records[0]->district);
  }
  return wg_text_check(request->import_id, IMPORT_ID_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "import_id", error);
}

static wg_status check_put(const struct wg_principal *caller, const ProtobufCMessage *message, struct wg_error *error) {
  const Wangge__V1__PutRequest *request = (const Wangge__V1__PutRequest *)message;
  if (request->n_records < 1 || request->n_records > PUT_RECORDS)
    return wg_fail(error, WG_INVALID_ARGUMENT, "records", "must have 1 to %d records; send more as parts of an import",
                   PUT_RECORDS);
  if (request->n_expected_versions && request->n_expected_versions != request->n_records)
    return wg_fail(error, WG_INVALID_ARGUMENT, "expected_versions", "must be empty or one for each record");
  for (size_t i = 0; i < request->n_records; i++) {
    char field[64];
    snprintf(field, sizeof field, "records[%zu].district", i);
    const char *district = request->records[i]->district;
    if (!wg_all_digits(district, 6)) return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be 6 digits");
    if (!registry_may_district(caller, district))
      return wg_fail(error, WG_PERMISSION_DENIED, field, "district %s is none of yours", district);
    snprintf(field, sizeof field, "expected_versions[%zu]", i);
    if (request->n_expected_versions && request->expected_versions[i] < -1)
      return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be -1 (any), 0 (new) or a version");
  }
  const wg_status status = wg_text_check(request->reason, REASON_BYTES, WG_TEXT_REQUIRED, "reason", error);
  return status == WG_OK ? check_import(request, error) : status;
}

static wg_status check_district(const struct wg_principal *caller, const char *district, struct wg_error *error) {
  if (!wg_all_digits(district, 6)) return wg_fail(error, WG_INVALID_ARGUMENT, "district", "must be 6 digits");
  if (!registry_may_district(caller, district))
    return wg_fail(error, WG_PERMISSION_DENIED, "district", "district %s is none of yours", district);
  return WG_OK;
}

// check_place checks what all reading calls begin with.
static wg_status check_place(const struct wg_principal *caller, const char *district, const char *kind,
                             struct wg_error *error) {
  if (check_district(caller, district, error) != WG_OK) return error->code;
  const struct wg_kind *found = wg_kind_find(kind);
  if (!found || strcmp(found->name, kind) != 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "kind",
                   "must be a kind of record, e.g. grid; Registry.Kinds lists them");
  return WG_OK;
}

static wg_status check_code(const char *code, struct wg_error *error) {
  return wg_text_check(code, WG_RECORD_CODE_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "code", error);
}

static wg_status check_get(const struct wg_principal *caller, const ProtobufCMessage *message, struct wg_error *error) {
  const Wangge__V1__GetRecordRequest *request = (const Wangge__V1__GetRecordRequest *)message;
  wg_status status = check_place(caller, request->district, request->kind, error);
  if (status == WG_OK) status = check_code(request->code, error);
  if (status != WG_OK) return status;
  if (request->version < 0) return wg_fail(error, WG_INVALID_ARGUMENT, "version", "must be 0 (newest) or a version");
  if (*request->reason && !(caller->roles & WG_ROLE_REGISTRAR))
    return wg_fail(error, WG_PERMISSION_DENIED, "reason", "personal data are shown whole to registrars only");
  return wg_text_check(request->reason, REASON_BYTES, 0, "reason", error);
}

static wg_status check_limit(int32_t limit, struct wg_error *error) {
  return limit >= 0 && limit <= 1000 ? WG_OK : wg_fail(error, WG_INVALID_ARGUMENT, "limit", "must be 0 to 1000");
}

static wg_status check_list(const struct wg_principal *caller, const ProtobufCMessage *message,
                            struct wg_error *error) {
  const Wangge__V1__ListRecordsRequest *request = (const Wangge__V1__ListRecordsRequest *)message;
  wg_status status = check_place(caller, request->district, request->kind, error);
  if (status == WG_OK) status = check_limit(request->limit, error);
  if (status == WG_OK)
    status = wg_text_check(request->code_prefix, WG_RECORD_CODE_BYTES, WG_TEXT_ONE_LINE, "code_prefix", error);
  if (status == WG_OK) status = wg_text_check(request->value, WG_RECORD_TEXT_BYTES, 0, "value", error);
  if (status != WG_OK || (!*request->field && !*request->value)) return status;
  const struct wg_column *column = wg_kind_column(wg_kind_find(request->kind), request->field);
  if (!column || strcmp(column->field, request->field) != 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "field", "must be a column of %s", request->kind);
  // Guessing would find what is masked.
  if (column->personal) return wg_fail(error, WG_INVALID_ARGUMENT, "field", "personal data cannot be searched by");
  return WG_OK;
}

static wg_status check_history(const struct wg_principal *caller, const ProtobufCMessage *message,
                               struct wg_error *error) {
  const Wangge__V1__HistoryRequest *request = (const Wangge__V1__HistoryRequest *)message;
  wg_status status = check_place(caller, request->district, request->kind, error);
  if (status == WG_OK) status = check_code(request->code, error);
  return status == WG_OK ? check_limit(request->limit, error) : status;
}

static wg_status check_check(const struct wg_principal *caller, const ProtobufCMessage *message,
                             struct wg_error *error) {
  const Wangge__V1__CheckRequest *request = (const Wangge__V1__CheckRequest *)message;
  if (!*request->report || registry_report_find(request->report))
    return check_place(caller, request->district, "district", error);
  return wg_fail(error, WG_INVALID_ARGUMENT, "report",
                 "must be net, staffing, training, stations, linkages, lists or calendar; empty: all");
}

static wg_status check_happen(const struct wg_principal *caller, const ProtobufCMessage *message,
                              struct wg_error *error) {
  const Wangge__V1__HappenRequest *request = (const Wangge__V1__HappenRequest *)message;
  const int needed = WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE;
  wg_status status = check_place(caller, request->district, request->kind, error);
  if (status == WG_OK) status = wg_text_check(request->event_id, EVENT_ID_BYTES, needed, "event_id", error);
  if (status == WG_OK) status = wg_text_check(request->event, EVENT_BYTES, needed, "event", error);
  if (status == WG_OK) status = check_code(request->code, error);
  if (status == WG_OK) status = wg_text_check(request->note, REASON_BYTES, 0, "note", error);
  if (status == WG_OK && request->happened_at && request->happened_at < YEAR_2000_US)
    return wg_fail(error, WG_INVALID_ARGUMENT, "happened_at",
                   "must be 0 (now) or microseconds since 1970, UTC, not before 2000-01-01");
  return status;
}

static wg_status check_duties(const struct wg_principal *caller, const ProtobufCMessage *message,
                              struct wg_error *error) {
  const Wangge__V1__DutiesRequest *request = (const Wangge__V1__DutiesRequest *)message;
  if (check_district(caller, request->district, error) != WG_OK) return error->code;
  if ((int)request->state < 0 || request->state > WANGGE__V1__DUTY_STATE__DUTY_STATE_REFUSED)
    return wg_fail(error, WG_INVALID_ARGUMENT, "state", "must be 0 (all), 1 (pending), 2 (pushed) or 3 (refused)");
  return check_limit(request->limit, error);
}

static wg_status check_redrive(const struct wg_principal *caller, const ProtobufCMessage *message,
                               struct wg_error *error) {
  const Wangge__V1__RedriveDutiesRequest *request = (const Wangge__V1__RedriveDutiesRequest *)message;
  if (check_district(caller, request->district, error) != WG_OK) return error->code;
  if (request->n_duty_ids < 1 || request->n_duty_ids > REDRIVE_DUTIES)
    return wg_fail(error, WG_INVALID_ARGUMENT, "duty_ids", "must hold 1 to %d ids", REDRIVE_DUTIES);
  return wg_text_check(request->reason, REASON_BYTES, WG_TEXT_REQUIRED, "reason", error);
}

static size_t weigh_put(const ProtobufCMessage *message) {
  return ((const Wangge__V1__PutRequest *)message)->n_records;
}

const struct wg_method REGISTRY_METHODS[] = {
    {.name = "wangge.v1.Registry/Kinds",
     .request = &wangge__v1__kinds_request__descriptor,
     .response = &wangge__v1__kinds_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_ANY,
     .read = registry_kinds},
    {.name = "wangge.v1.Registry/Put",
     .request = &wangge__v1__put_request__descriptor,
     .response = &wangge__v1__put_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_REGISTRAR,
     .check = check_put,
     .weight = weigh_put},
    {.name = "wangge.v1.Registry/Get",
     .request = &wangge__v1__get_record_request__descriptor,
     .response = &wangge__v1__get_record_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_ANY,
     .check = check_get,
     .read = registry_get,
     .writes_audit = true},
    {.name = "wangge.v1.Registry/List",
     .request = &wangge__v1__list_records_request__descriptor,
     .response = &wangge__v1__list_records_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_ANY,
     .check = check_list,
     .read = registry_list},
    {.name = "wangge.v1.Registry/History",
     .request = &wangge__v1__history_request__descriptor,
     .response = &wangge__v1__history_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_REGISTRAR | WG_ROLE_OPERATOR | WG_ROLE_DISPATCHER,
     .check = check_history,
     .read = registry_history},
    {.name = "wangge.v1.Registry/Check",
     .request = &wangge__v1__check_request__descriptor,
     .response = &wangge__v1__check_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_ANY,
     .check = check_check,
     .read = registry_survey_check},
    {.name = "wangge.v1.Registry/Happen",
     .request = &wangge__v1__happen_request__descriptor,
     .response = &wangge__v1__happen_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_REGISTRAR | WG_ROLE_SOURCE,
     .check = check_happen},
    {.name = "wangge.v1.Registry/Duties",
     .request = &wangge__v1__duties_request__descriptor,
     .response = &wangge__v1__duties_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_REGISTRAR | WG_ROLE_OPERATOR | WG_ROLE_DISPATCHER,
     .check = check_duties,
     .read = registry_duties},
    {.name = "wangge.v1.Registry/RedriveDuties",
     .request = &wangge__v1__redrive_duties_request__descriptor,
     .response = &wangge__v1__redrive_duties_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_REGISTRAR | WG_ROLE_OPERATOR,
     .check = check_redrive},
    {.name = "wangge.v1.Registry/PublicLists",
     .request = &wangge__v1__public_lists_request__descriptor,
     .response = &wangge__v1__public_lists_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_ANY,
     .check = registry_check_public_lists,
     .read = registry_public_lists},
    {.name = "wangge.v1.Registry/FlowChart",
     .request = &wangge__v1__flow_chart_request__descriptor,
     .response = &wangge__v1__flow_chart_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_ANY,
     .check = registry_check_flow_chart,
     .read = registry_flow_chart},
    {.name = NULL},
};

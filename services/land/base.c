// Topic: villages, policy, parties, erasure. What every other topic stands on.
#include "services/land/base.h"

#include "common/base/text.h"
#include "common/records/cell.h"
#include "services/land/identity.h"
#include "services/land/policy.h"
#include "services/land/read.h"
#include "services/land/shape.h"
#include "services/land/topic.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

enum { NAME_BYTES = 128, ID_BYTES = 64, SOURCE_BYTES = 512, PLANE_LEAST = 4491, PLANE_MOST = 4554 };

// --- villages ---
static wg_status put_village(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__PutVillageRequest *request = (const void *)write->request;
  const Wangge__V1__VillageInfo *given = request->village;
  if (!given) return wg_fail(error, WG_INVALID_ARGUMENT, "village", "must be given");
  wg_status status = wg_text_check(given->name, NAME_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE | WG_TEXT_PLAIN,
                                   "village.name", error);
  if (status == WG_OK)
    status = wg_text_check(given->collective, ID_BYTES, WG_TEXT_ONE_LINE, "village.collective", error);
  if (status != WG_OK) return status;
  // EPSG: 4491 to 4554 are the Gauss-Krüger planes of CGCS2000.
  if (given->plane_epsg < PLANE_LEAST || given->plane_epsg > PLANE_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "village.plane_epsg",
                   "must be a Gauss-Krüger plane of CGCS2000, 4491 to 4554, e.g. 4527");
  if (*given->boundary) {
    const char *problem = wg_wkt_problem(given->boundary, write->arena);
    if (problem) return wg_fail(error, WG_INVALID_ARGUMENT, "village.boundary", "%s", problem);
  }
  if (*given->collective && !land_get(write, LAND_KIND(PARTY), given->collective))
    return land_unknown(write, "/village/collective", LAND_KIND(PARTY), given->collective);
  Wangge__V1__VillageInfo *info = land_get(write, LAND_KIND(VILLAGE_INFO), LAND_VILLAGE_ID)
                                      ? land_change(write, LAND_KIND(VILLAGE_INFO), LAND_VILLAGE_ID)
                                      : land_make(write, LAND_KIND(VILLAGE_INFO), LAND_VILLAGE_ID);
  info->name = given->name;
  info->boundary = given->boundary;
  info->plane_epsg = given->plane_epsg;
  info->collective = given->collective;
  return WG_OK;
}

// --- policy ---
static wg_status put_policy(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__PutPolicyRequest *request = (const void *)write->request;
  const struct land_policy_value *value = land_policy_find(request->name);
  if (!value) return wg_fail(error, WG_INVALID_ARGUMENT, "name", "must be a value of policy, e.g. notice.plan_days");
  if (!request->policy) return wg_fail(error, WG_INVALID_ARGUMENT, "policy", "must be given");
  if (request->policy->value < value->least || request->policy->value > value->most)
    return wg_fail(error, WG_INVALID_ARGUMENT, "policy.value", "%s is %" PRId64 " to %" PRId64 " (%s)", value->name,
                   value->least, value->most, value->unit);
  const wg_status status =
      wg_text_check(request->policy->source, SOURCE_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "policy.source", error);
  if (status != WG_OK) return status;
  Wangge__V1__LandPolicy *policy = land_get(write, LAND_KIND(POLICY), value->name)
                                       ? land_change(write, LAND_KIND(POLICY), value->name)
                                       : land_make(write, LAND_KIND(POLICY), value->name);
  policy->value = request->policy->value;
  policy->source = request->policy->source;
  return WG_OK;
}

// --- parties ---
static wg_status check_day(const char *day, const char *field, int32_t *number, struct wg_error *error) {
  if (land_day_read(day, number)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be a civil day, YYYY-MM-DD");
}

static wg_status check_party(const Wangge__V1__PutPartyRequest *request, struct wg_error *error) {
  const Wangge__V1__LandParty *party = request->party;
  wg_status status = wg_token_check(request->id, ID_BYTES, "id", error);
  if (status != WG_OK) return status;
  if (!party) return wg_fail(error, WG_INVALID_ARGUMENT, "party", "must be given");
  if (party->kind <= 0 || party->kind > WANGGE__V1__PARTY_KIND__PARTY_KIND_GOVERNMENT)
    return wg_fail(error, WG_INVALID_ARGUMENT, "party.kind",
                   "must be person, household, collective, company or government");
  const int line = WG_TEXT_ONE_LINE | WG_TEXT_PLAIN;
  status = wg_text_check(party->name, NAME_BYTES, WG_TEXT_REQUIRED | line, "party.name", error);
  if (status == WG_OK)
    status = wg_text_check(party->member_evidence, SOURCE_BYTES, line, "party.member_evidence", error);
  if (status == WG_OK) status = wg_text_check(request->id_number, ID_BYTES, line, "id_number", error);
  if (status == WG_OK) status = wg_text_check(request->phone, ID_BYTES, line, "phone", error);
  int32_t from = 0, to = INT32_MAX;
  if (status == WG_OK && *party->member_from) status = check_day(party->member_from, "party.member_from", &from, error);
  if (status == WG_OK && *party->member_to) status = check_day(party->member_to, "party.member_to", &to, error);
  if (status != WG_OK) return status;
  if (party->member && (!*party->member_from || !*party->member_evidence))
    return wg_fail(error, WG_INVALID_ARGUMENT, *party->member_from ? "party.member_evidence" : "party.member_from",
                   "a member of the collective needs the day and the evidence of it");
  if (to < from) return wg_fail(error, WG_INVALID_ARGUMENT, "party.member_to", "must not be before member_from");
  return WG_OK;
}

// The value itself is never repeated in an answer.
static void check_numbers(struct land_write *write, const Wangge__V1__PutPartyRequest *request) {
  const int type = (int)request->party->id_type;
  const bool wrong = (type == WANGGE__V1__ID_TYPE__ID_TYPE_RESIDENT && !land_resident_id_valid(request->id_number)) ||
                     (type == WANGGE__V1__ID_TYPE__ID_TYPE_CREDIT_CODE && !land_credit_code_valid(request->id_number));
  if (*request->id_number && wrong)
    land_refuse(write,
                (struct land_what){.code = "party.id_number",
                                   .status = WG_INVALID_ARGUMENT,
                                   .pointer = "/id_number",
                                   .zh = "证件号码的校验位不对，请核对",
                                   .en = "the check digit of the number is wrong; compare it with the document",
                                   .rule = type == WANGGE__V1__ID_TYPE__ID_TYPE_RESIDENT ? "GB 11643" : "GB 32100"});
  if (*request->id_number && type == WANGGE__V1__ID_TYPE__ID_TYPE_UNSPECIFIED)
    land_refuse(write, (struct land_what){.code = "party.id_type",
                                          .status = WG_INVALID_ARGUMENT,
                                          .pointer = "/party/id_type",
                                          .zh = "填写了证件号码，还需要证件类型",
                                          .en = "a number needs its type: resident, credit_code or other"});
  if (*request->phone && !land_phone_valid(request->phone))
    land_refuse(write, (struct land_what){.code = "party.phone",
                                          .status = WG_INVALID_ARGUMENT,
                                          .pointer = "/phone",
                                          .zh = "电话应为11位手机号，或带区号的固定电话",
                                          .en = "a phone is 11 digits of a mobile, or a landline with its area code"});
}

static wg_status put_party(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__PutPartyRequest *request = (const void *)write->request;
  const Wangge__V1__LandParty *given = request->party;
  const wg_status status = check_party(request, error);
  if (status != WG_OK) return status;
  check_numbers(write, request);
  if (*given->household) {
    const Wangge__V1__LandParty *household = LAND_GET(write, PARTY, party, given->household);
    if (!household) land_unknown(write, "/party/household", LAND_KIND(PARTY), given->household);
    else if (household->kind != WANGGE__V1__PARTY_KIND__PARTY_KIND_HOUSEHOLD ||
             given->kind != WANGGE__V1__PARTY_KIND__PARTY_KIND_PERSON)
      land_refuse(write, (struct land_what){.code = "party.household",
                                            .status = WG_INVALID_ARGUMENT,
                                            .pointer = "/party/household",
                                            .zh = "只有个人可以属于农户",
                                            .en = "a person belongs to a household, nothing else does"});
  }
  if (write->refused) return WG_OK;
  const bool known = land_get(write, LAND_KIND(PARTY), request->id) != NULL;
  Wangge__V1__LandParty *party =
      known ? land_change(write, LAND_KIND(PARTY), request->id) : land_make(write, LAND_KIND(PARTY), request->id);
  const ProtobufCBinaryData id_commit = party->id_commit, phone_commit = party->phone_commit;
  *party = *given;
  party->id_commit = *request->id_number ? land_seal_value(write, "id_number", request->id_number) : id_commit;
  party->phone_commit = *request->phone ? land_seal_value(write, "phone", request->phone) : phone_commit;
  return WG_OK;
}

// --- erasure ---
static wg_status erase_sealed(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__EraseSealedRequest *request = (const void *)write->request;
  if (request->commit.len != 32) return wg_fail(error, WG_INVALID_ARGUMENT, "commit", "must be 32 bytes");
  if (!*write->write->reason) return wg_fail(error, WG_INVALID_ARGUMENT, "write.reason", "an erasure needs its reason");
  if (!write->sealed_known)
    return wg_fail(error, WG_NOT_FOUND, "commit", "this village has no such sealed value; it may be erased already");
  char hex[65];
  sodium_bin2hex(hex, sizeof hex, request->commit.data, 32);
  Wangge__V1__LandErasure *erasure = land_make(write, LAND_KIND(ERASURE), hex);
  erasure->commit = request->commit;
  return WG_OK;
}

static const struct land_action ACTIONS[] = {
    {"put_village", &wangge__v1__put_village_request__descriptor, put_village},
    {"put_policy", &wangge__v1__put_policy_request__descriptor, put_policy},
    {"put_party", &wangge__v1__put_party_request__descriptor, put_party},
    {"erase_sealed", &wangge__v1__erase_sealed_request__descriptor, erase_sealed},
    {NULL},
};

// --- methods ---
#define READ(NAME, MESSAGE, ROLES, FUNCTION, AUDIT)                                                                    \
  {                                                                                                                    \
    .name = "wangge.v1.Land/" NAME, .request = &wangge__v1__##MESSAGE##_request__descriptor,                           \
    .response = &wangge__v1__##MESSAGE##_response__descriptor, .kind = WG_METHOD_READ, .roles = (ROLES),               \
    .check = land_check_##FUNCTION, .read = land_read_##FUNCTION, .writes_audit = (AUDIT)                              \
  }
static const struct wg_method METHODS[] = {
    LAND_METHOD_WRITE("Land/PutVillage", put_village, WG_ROLE_REGISTRAR),
    LAND_METHOD_WRITE("Land/PutPolicy", put_policy, WG_ROLE_REGISTRAR),
    LAND_METHOD_WRITE("Land/PutParty", put_party, LAND_KEEPERS),
    LAND_METHOD_WRITE("Land/EraseSealed", erase_sealed, WG_ROLE_REGISTRAR),
    READ("GetLand", get_land, WG_ROLE_ANY, get, false),
    READ("ListLand", list_land, WG_ROLE_ANY, list, false),
    READ("LandHistory", land_history, WG_ROLE_ANY, history, false),
    READ("RevealSealed", reveal_sealed, LAND_KEEPERS, reveal, true),
    {.name = NULL},
};

// --- the map ---
static struct wg_bytes boundary_wkb(const Wangge__V1__LandRecord *record, struct wg_arena *arena) {
  return land_wkb_of_wkt(record->village_info->boundary, arena);
}
static const struct land_shape SHAPES[] = {{LAND_KIND(VILLAGE_INFO), boundary_wkb}, {0, NULL}};

const struct land_topic LAND_BASE_TOPIC = {.methods = METHODS, .actions = ACTIONS, .shapes = SHAPES};

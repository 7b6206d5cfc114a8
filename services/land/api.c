// What every call is checked for before it may enter a batch or a reader: LandWrite, and whose village it is.
#include "services/land/land.h"

#include "common/base/text.h"

#include <assert.h>
#include <string.h>

enum { KEY_BYTES = 64, PERSON_BYTES = 64, REASON_BYTES = 1024, SEEN_MOST = 100 };

static bool may_district(const struct wg_principal *caller, const char *village) {
  for (int i = 0; i < caller->districts; i++) {
    if (strncmp(caller->district[i], village, LAND_DISTRICT_DIGITS) == 0) return true;
  }
  return caller->districts == 0;
}

static wg_status check_mine(const struct wg_principal *caller, const char *village, const char *field,
                            struct wg_error *error) {
  if (!may_district(caller, village) || !wg_principal_may_area(caller, village))
    return wg_fail(error, WG_PERMISSION_DENIED, field, "village %.12s is none of yours", village);
  return WG_OK;
}

wg_status land_check_village(const struct wg_principal *caller, const char *village, struct wg_error *error) {
  const size_t size = strlen(village);
  if (size < LAND_DISTRICT_DIGITS || size > LAND_VILLAGE_DIGITS || !wg_all_digits(village, size))
    return wg_fail(error, WG_INVALID_ARGUMENT, "village",
                   "must be the 12 digits of a village, or a beginning of 6 or more");
  return check_mine(caller, village, "village", error);
}

const Wangge__V1__LandWrite *land_write_of(const ProtobufCMessage *request) {
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(request->descriptor, 1);
  assert(field && field->descriptor == &wangge__v1__land_write__descriptor &&
         "a writing request begins with LandWrite");
  return *(Wangge__V1__LandWrite *const *)(const void *)((const char *)request + field->offset);
}

wg_status land_check_write(const struct wg_principal *caller, const ProtobufCMessage *request, struct wg_error *error) {
  const Wangge__V1__LandWrite *write = land_write_of(request);
  if (!write) return wg_fail(error, WG_INVALID_ARGUMENT, "write", "must say which village, who acts, and have a key");
  if (!wg_all_digits(write->village, LAND_VILLAGE_DIGITS))
    return wg_fail(error, WG_INVALID_ARGUMENT, "write.village", "must be the 12 digits of a village");
  const int needed = WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE | WG_TEXT_PLAIN;
  wg_status status = wg_text_check(write->idempotency_key, KEY_BYTES, needed, "write.idempotency_key", error);
  if (status == WG_OK) status = wg_text_check(write->person, PERSON_BYTES, needed, "write.person", error);
  if (status == WG_OK) status = wg_text_check(write->reason, REASON_BYTES, WG_TEXT_PLAIN, "write.reason", error);
  if (status != WG_OK) return status;
  if (write->n_seen > SEEN_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "write.seen", "must be at most %d", SEEN_MOST);
  return check_mine(caller, write->village, "write.village", error);
}

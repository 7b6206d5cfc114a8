// Messages from JSON: what json.c writes is read back the same; what is wrong is named by its path.
#include "tests/unit/unit.h"

#include "common/wire/wire.h"

#include "wangge/v1/land_ledger.pb-c.h"
#include "wangge/v1/lists.pb-c.h"

#include <jansson.h>

static struct wg_arena *arena;
static struct wg_error error;

static int set_up(void **state) {
  (void)state;
  arena = wg_arena_create(4096);
  error = (struct wg_error){0};
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  wg_arena_destroy(arena);
  return 0;
}

static wg_status read_text(const char *text, Wangge__V1__ChangeEntryRequest **request) {
  json_t *object = json_loads(text, JSON_ALLOW_NUL, NULL);
  assert_non_null(object);
  ProtobufCMessage *message = NULL;
  const wg_status status = wg_json_read(&wangge__v1__change_entry_request__descriptor, object, arena, &message, &error);
  json_decref(object);
  *request = (Wangge__V1__ChangeEntryRequest *)message;
  return status;
}

static void what_is_written_is_read_back(void **state) {
  (void)state;
  static const char TEXT[] =
      "{\"district\":\"370117\",\"code\":\"2026-01\",\"expectedVersion\":3,\"pledgeDraft\":{\"year\":2026,"
      "\"sources\":[{\"source\":\"PLEDGE_SOURCE_VISIT\",\"reference\":\"a\"},{\"reference\":\"b\"}],"
      "\"milestones\":[{\"n\":1,\"started\":true,\"evidence\":[{\"name\":\"x\",\"sizeBytes\":\"9007199254740993\"}]}]}"
      "}";
  Wangge__V1__ChangeEntryRequest *request = NULL;
  assert_int_equal(read_text(TEXT, &request), WG_OK);
  struct wg_buffer line = {0};
  wg_json_message(&line, &request->base);
  assert_string_equal(wg_buffer_cstr(&line), TEXT);
  wg_buffer_free(&line);
}

static void names_and_enums_may_be_short(void **state) {
  (void)state;
  Wangge__V1__ChangeEntryRequest *request = NULL;
  assert_int_equal(read_text("{\"request_id\":\"r\",\"reason\":null,\"review_vote\":{\"group\":\"residents\","
                             "\"approve\":\"12\",\"reject\":2}}",
                             &request),
                   WG_OK);
  assert_string_equal(request->request_id, "r");
  assert_string_equal(request->reason, "");
  assert_int_equal(request->action_case, WANGGE__V1__CHANGE_ENTRY_REQUEST__ACTION_REVIEW_VOTE);
  assert_int_equal(request->review_vote->group, WANGGE__V1__VOTER_GROUP__VOTER_GROUP_RESIDENTS);
  assert_int_equal(request->review_vote->approve, 12);
}

static void what_is_wrong_is_named(void **state) {
  (void)state;
  static const struct {
    const char *text, *field;
  } CASES[] = {
      {"[]", ""},
      {"{\"nonsense\":1}", "nonsense"},
      {"{\"code\":1}", "code"},
      {"{\"code\":\"a\\u0000b\"}", "code"},
      {"{\"expectedVersion\":2147483648}", "expectedVersion"},
      {"{\"expectedVersion\":1.5}", "expectedVersion"},
      {"{\"pledgeDraft\":[]}", "pledgeDraft"},
      {"{\"pledgeDraft\":{\"sources\":{}}}", "pledgeDraft.sources"},
      {"{\"pledgeDraft\":{\"sources\":[{\"source\":\"rumour\"}]}}", "pledgeDraft.sources[0].source"},
      {"{\"pledgeDraft\":{\"milestones\":[{},{\"started\":1}]}}", "pledgeDraft.milestones[1].started"},
      {"{\"pledgePromise\":{},\"pledgeUpdate\":{}}", "pledgeUpdate"},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    Wangge__V1__ChangeEntryRequest *request = NULL;
    assert_int_equal(read_text(CASES[i].text, &request), WG_INVALID_ARGUMENT);
    assert_string_equal(error.field, CASES[i].field);
  }
}

// Bytes of every length come back as they were written.
static void bytes_are_base64(void **state) {
  (void)state;
  uint8_t data[64];
  for (size_t i = 0; i < sizeof data; i++)
    data[i] = (uint8_t)(251 * i + 3);
  for (size_t size = 0; size <= sizeof data; size++) {
    Wangge__V1__LandReply reply = WANGGE__V1__LAND_REPLY__INIT;
    reply.leaf_hash = (ProtobufCBinaryData){size, data};
    struct wg_buffer line = {0};
    wg_json_message(&line, &reply.base);
    json_t *object = json_loads(wg_buffer_cstr(&line), 0, NULL);
    ProtobufCMessage *message = NULL;
    assert_int_equal(wg_json_read(&wangge__v1__land_reply__descriptor, object, arena, &message, &error), WG_OK);
    assert_int_equal(((Wangge__V1__LandReply *)message)->leaf_hash.len, size);
    if (size) assert_memory_equal(((Wangge__V1__LandReply *)message)->leaf_hash.data, data, size);
    json_decref(object);
    wg_buffer_free(&line);
  }
}

static void bytes_may_be_repeated(void **state) {
  (void)state;
  json_t *object = json_loads("{\"path\":[\"AQID\",\"\",\"BA==\"]}", 0, NULL);
  ProtobufCMessage *message = NULL;
  assert_int_equal(wg_json_read(&wangge__v1__prove_growth_response__descriptor, object, arena, &message, &error),
                   WG_OK);
  const Wangge__V1__ProveGrowthResponse *read = (Wangge__V1__ProveGrowthResponse *)message;
  assert_int_equal(read->n_path, 3);
  assert_int_equal(read->path[0].len, 3);
  assert_memory_equal(read->path[0].data, "\1\2\3", 3);
  assert_int_equal(read->path[1].len, 0);
  assert_int_equal(read->path[2].len, 1);
  assert_int_equal(read->path[2].data[0], 4);
  json_decref(object);
}

static void what_is_not_base64_is_refused(void **state) {
  (void)state;
  // Too short, padding in the middle or too much, another alphabet, blanks, bits that are left over, no text.
  static const char *const CASES[] = {
      "\"=\"",    "\"A\"",    "\"AA\"",      "\"AAA\"",  "\"AA=A\"", "\"A===\"", "\"====\"", "\"AA==AAAA\"",
      "\"AA-_\"", "\"AA A\"", "\"AAAA\\n\"", "\"AB==\"", "\"AAB=\"", "7",        "[65]",     "true"};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    char text[64];
    snprintf(text, sizeof text, "{\"leafHash\":%s}", CASES[i]);
    json_t *object = json_loads(text, 0, NULL);
    assert_non_null(object);
    ProtobufCMessage *message = NULL;
    if (wg_json_read(&wangge__v1__land_reply__descriptor, object, arena, &message, &error) != WG_INVALID_ARGUMENT)
      fail_msg("%s was read", CASES[i]);
    assert_string_equal(error.field, "leafHash");
    json_decref(object);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_is_written_is_read_back, set_up, tear_down),
      cmocka_unit_test_setup_teardown(names_and_enums_may_be_short, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_is_wrong_is_named, set_up, tear_down),
      cmocka_unit_test_setup_teardown(bytes_are_base64, set_up, tear_down),
      cmocka_unit_test_setup_teardown(bytes_may_be_repeated, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_is_not_base64_is_refused, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

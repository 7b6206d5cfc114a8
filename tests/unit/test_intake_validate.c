// Every rule of a pushed order: what breaks it is refused with the path of the field and a word on what would be right.
#include "tests/unit/unit.h"

#include "common/base/arena.h"
#include "services/intake/validate.h"
#include "tests/unit/intake_fixture.h"

#include <math.h>
#include <stdlib.h>

static struct intake_reference *reference;
static struct wg_principal caller;

static int setup(void **state) {
  (void)state;
  reference = fixture_reference();
  caller = fixture_source("hotline-12345");
  return 0;
}

static int teardown(void **state) {
  (void)state;
  intake_reference_close(reference);
  return 0;
}

static void accepts(const Wangge__V1__NewOrder *order) {
  struct wg_error error = {0};
  if (intake_validate_order(reference, &caller, order, 0, FIXTURE_NOW, &error) != WG_OK) {
    fail_msg("a good order was refused: %s: %s", error.field, error.message);
  }
}

static void refuses_as(const Wangge__V1__NewOrder *order, wg_status code, const char *field, const char *hint) {
  struct wg_error error = {0};
  assert_int_equal(intake_validate_order(reference, &caller, order, 3, FIXTURE_NOW, &error), code);
  assert_int_equal(error.code, code);
  char path[96];
  snprintf(path, sizeof path, "orders[3].%s", field);
  assert_string_equal(error.field, path);
  if (strstr(error.message, hint) == NULL) fail_msg("\"%s\" does not say \"%s\"", error.message, hint);
}

static void refuses(const Wangge__V1__NewOrder *order, const char *field, const char *hint) {
  refuses_as(order, WG_INVALID_ARGUMENT, field, hint);
}

static char *repeat(const char *text, size_t times) {
  struct wg_buffer buffer = {0};
  for (size_t i = 0; i < times; i++)
    wg_buffer_text(&buffer, text);
  char *copy = wg_strdup(wg_buffer_cstr(&buffer));
  wg_buffer_free(&buffer);
  return copy;
}

static void good_orders_pass(void **state) {
  (void)state;
  Wangge__V1__NewOrder order = fixture_order("RX1");
  accepts(&order);
  order.category = order.title = order.address = order.grid_code = (char *)"";
  accepts(&order);
  order.text = order.title = order.address = (char *)"第一行\n第二行\t表格";
  accepts(&order);
  order.category = (char *)"城乡建设";
  accepts(&order);
  order.kind = (Wangge__V1__OrderKind)99; // a value of a later contract is kept
  accepts(&order);
}

static void ids_are_bounded_and_one_line(void **state) {
  (void)state;
  Wangge__V1__NewOrder order = fixture_order("");
  refuses(&order, "external_id", "required");
  char *limit = repeat("x", 64), *over = repeat("x", 65);
  order.external_id = limit;
  accepts(&order);
  order.external_id = over;
  refuses(&order, "external_id", "64");
  order.external_id = (char *)"RX\n1";
  refuses(&order, "external_id", "");
  order.external_id = (char *)"RX\x7f";
  refuses(&order, "external_id", "");
  order.external_id = (char *)"'; DROP TABLE orders; --";
  accepts(&order);
  free(limit);
  free(over);
}

static void texts_are_bounded(void **state) {
  (void)state;
  Wangge__V1__NewOrder order = fixture_order("RX1");
  order.text = (char *)"";
  refuses(&order, "text", "required");
  char *limit = repeat("x", 32768), *over = repeat("x", 32769);
  order.text = limit;
  accepts(&order);
  order.text = over;
  refuses(&order, "text", "32768");
  free(limit);
  free(over);
  order.text = (char *)"bell \x07";
  refuses(&order, "text", "");
  order.text = (char *)"two\r\nlines";
  refuses(&order, "text", "U+000D at character 4");
  order.text = (char *)"two\n\tlines";
  accepts(&order);
  order.text = (char *)"broken \xff\xfe";
  refuses(&order, "text", "");
  order.text = (char *)"surrogate \xed\xa0\x80";
  refuses(&order, "text", "");
  order.text = (char *)"C1 \xc2\x85";
  refuses(&order, "text", "");
  order = fixture_order("RX1");
  char *title = repeat("水", 101);
  order.title = title;
  refuses(&order, "title", "300");
  free(title);
  order = fixture_order("RX1");
  char *address = repeat("x", 513);
  order.address = address;
  refuses(&order, "address", "512");
  free(address);
}

static void districts_are_known_and_the_callers_own(void **state) {
  (void)state;
  Wangge__V1__NewOrder order = fixture_order("RX1");
  order.grid_code = (char *)"";
  order.district = (char *)"370116";
  refuses(&order, "district", "131102 桃城区");
  order.district = (char *)"";
  refuses(&order, "district", "6-digit");
  order.district = (char *)"37011７";
  refuses(&order, "district", "6-digit");
  caller.districts = 1;
  snprintf(caller.district[0], sizeof caller.district[0], "131102");
  order.district = (char *)"370117";
  refuses_as(&order, WG_PERMISSION_DENIED, "district", "370117");
  order.district = (char *)"131102";
  accepts(&order);
  caller.districts = 0;
}

static void enums_are_checked(void **state) {
  (void)state;
  Wangge__V1__NewOrder order = fixture_order("RX1");
  order.kind = WANGGE__V1__ORDER_KIND__ORDER_KIND_UNSPECIFIED;
  refuses(&order, "kind", "COMPLAINT");
  order.kind = (Wangge__V1__OrderKind)-1;
  refuses(&order, "kind", "-1");
  order = fixture_order("RX1");
  order.channel = (Wangge__V1__Channel)40000;
  refuses(&order, "channel", "40000");
  order = fixture_order("RX1");
  order.urgency = (Wangge__V1__Urgency)-5;
  refuses(&order, "urgency", "URGENT");
}

static void categories_are_of_the_tree(void **state) {
  (void)state;
  Wangge__V1__NewOrder order = fixture_order("RX1");
  const char *wrong[] = {"城乡建设/", "/城乡建设", "城乡建设/停水", "供水供气", "城乡建设 ", "城乡建设／供水供气"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    order.category = (char *)wrong[i];
    refuses(&order, "category", "城乡建设");
  }
}

static void positions_are_inside_the_district(void **state) {
  (void)state;
  Wangge__V1__NewOrder order = fixture_order("RX1");
  Wangge__V1__Position position = WANGGE__V1__POSITION__INIT;
  order.position = &position;
  position.lon = 117.81, position.lat = 36.06;
  accepts(&order);
  position.lon = 36.06, position.lat = 117.81;
  refuses(&order, "position", "swapped");
  position.lon = 115.7, position.lat = 37.7;
  refuses(&order, "position", "outside 370117 钢城区");
  position.lon = 0, position.lat = 0;
  refuses(&order, "position", "outside");
  position.lon = (double)NAN, position.lat = 36.06;
  refuses(&order, "position", "finite");
  position.lon = 117.81, position.lat = (double)INFINITY;
  refuses(&order, "position", "finite");
}

static void grids_are_of_the_district(void **state) {
  (void)state;
  Wangge__V1__NewOrder order = fixture_order("RX1");
  order.grid_code = (char *)"131102001003002";
  refuses(&order, "grid_code", "begin");
  order.grid_code = (char *)"37011700100300";
  refuses(&order, "grid_code", "15 digits");
  order.grid_code = (char *)"3701170010030022";
  refuses(&order, "grid_code", "15 digits");
}

static void reporters_are_checked(void **state) {
  (void)state;
  Wangge__V1__NewOrder order = fixture_order("RX1");
  Wangge__V1__Reporter reporter = WANGGE__V1__REPORTER__INIT;
  order.reporter = &reporter;
  accepts(&order);
  reporter.name = (char *)"张某";
  reporter.phone = (char *)"+86 100-1234 5678";
  accepts(&order);
  reporter.phone = (char *)"100x";
  refuses(&order, "reporter.phone", "digits");
  reporter.phone = (char *)"100\n1";
  refuses(&order, "reporter.phone", "digits");
  reporter.phone = (char *)"123456789012345678901234567890123";
  refuses(&order, "reporter.phone", "32");
  reporter.phone = (char *)"";
  char *name = repeat("张", 22);
  reporter.name = name;
  refuses(&order, "reporter.name", "64");
  free(name);
}

// keeper is a source that is for these stations or groups alone.
static struct wg_principal keeper(int channel, const char *first, const char *second) {
  struct wg_principal made = fixture_source("keeper");
  made.default_channel = channel;
  snprintf(made.origin[0], sizeof made.origin[0], "%s", first);
  if (second) snprintf(made.origin[1], sizeof made.origin[1], "%s", second);
  made.origins = second ? 2 : 1;
  return made;
}

static void origins_are_registered_and_the_callers_own(void **state) {
  (void)state;
  const int walk_in = WANGGE__V1__CHANNEL__CHANNEL_STATION_WALK_IN, group = WANGGE__V1__CHANNEL__CHANNEL_WECHAT_GROUP;
  const struct wg_principal before = caller;
  Wangge__V1__NewOrder order = fixture_order("YZ1");
  order.origin = (char *)"S01";
  refuses(&order, "origin", "STATION_WALK_IN"); // a hotline
  order.channel = (Wangge__V1__Channel)walk_in;
  accepts(&order); // a source for all stations
  order.origin = (char *)"S99";
  refuses(&order, "origin", "no station \"S99\"");
  order.origin = (char *)"G01";
  refuses(&order, "origin", "no station \"G01\"");
  order.channel = (Wangge__V1__Channel)group;
  accepts(&order);
  order.origin = (char *)"S01";
  refuses(&order, "origin", "no message group \"S01\"");
  order.district = (char *)"131102", order.grid_code = (char *)"", order.origin = (char *)"G01";
  refuses(&order, "origin", "district 131102 has no message group");

  caller = keeper(walk_in, "S01", NULL);
  order = fixture_order("YZ1");
  accepts(&order);
  assert_string_equal(intake_order_origin(&caller, &order), "S01");
  order.origin = (char *)"S01";
  accepts(&order);
  order.origin = (char *)"S02";
  refuses_as(&order, WG_PERMISSION_DENIED, "origin", "hands over for S01, not for \"S02\"");
  order.origin = (char *)"";
  order.channel = WANGGE__V1__CHANNEL__CHANNEL_HOTLINE_12345;
  refuses_as(&order, WG_PERMISSION_DENIED, "channel", "leave the channel out");
  order.channel = (Wangge__V1__Channel)walk_in;
  accepts(&order);

  caller = keeper(walk_in, "S01", "S77");
  refuses(&order, "origin", "one of S01, S77");
  order.origin = (char *)"S77"; // its own, but not registered
  refuses(&order, "origin", "register it first");
  order.origin = (char *)"S01\n";
  refuses(&order, "origin", "");
  caller = before;
}

static void ownership_of_land_has_two_words(void **state) {
  (void)state;
  Wangge__V1__NewOrder order = fixture_order("RX1");
  order.parcel_ownership = (char *)"state";
  accepts(&order);
  order.parcel_ownership = (char *)"collective";
  accepts(&order);
  order.parcel_ownership = (char *)"国有";
  refuses(&order, "parcel_ownership", "collective");
}

static void times_say_what_unit_they_look_like(void **state) {
  (void)state;
  Wangge__V1__NewOrder order = fixture_order("RX1");
  int64_t good = order.occurred_at;
  order.occurred_at = 0;
  refuses(&order, "occurred_at", "required");
  order.occurred_at = good / 1000000;
  refuses(&order, "occurred_at", "looks like seconds");
  order.occurred_at = good / 1000;
  refuses(&order, "occurred_at", "looks like milliseconds");
  order.occurred_at = good * 1000;
  refuses(&order, "occurred_at", "looks like nanoseconds");
  order.occurred_at = INT64_C(946684800000000);
  accepts(&order);
  order.occurred_at = INT64_C(946684800000000) - 1;
  refuses(&order, "occurred_at", "before 2000");
  order.occurred_at = FIXTURE_NOW + INT64_C(300000000);
  accepts(&order);
  order.occurred_at++;
  refuses(&order, "occurred_at", "future");
  order.occurred_at = INT64_MAX;
  refuses(&order, "occurred_at", "future");
  order.occurred_at = INT64_MIN;
  refuses(&order, "occurred_at", "before 2000");
}

static void attachments_are_checked_each(void **state) {
  (void)state;
  Wangge__V1__NewOrder order = fixture_order("RX1");
  Wangge__V1__Attachment attachments[21], *list[21];
  char *hash = repeat("0a", 32);
  for (size_t i = 0; i < 21; i++) {
    wangge__v1__attachment__init(&attachments[i]);
    attachments[i].sha256 = hash;
    list[i] = &attachments[i];
  }
  order.attachments = list;
  order.n_attachments = 20;
  accepts(&order);
  order.n_attachments = 21;
  refuses(&order, "attachments", "20");
  order.n_attachments = 3;
  attachments[2].size_bytes = -1;
  refuses(&order, "attachments[2].size_bytes", "negative");
  attachments[2].size_bytes = 0;
  char *upper = repeat("0A", 32);
  attachments[2].sha256 = upper;
  refuses(&order, "attachments[2].sha256", "lower-case");
  attachments[2].sha256 = hash;
  attachments[2].name = (char *)"a\x01b";
  refuses(&order, "attachments[2].name", "");
  free(hash);
  free(upper);
}

// --- whole requests ---

static void a_push_is_of_the_callers_source_and_size(void **state) {
  (void)state;
  struct wg_error error = {0};
  Wangge__V1__PushRequest push = WANGGE__V1__PUSH_REQUEST__INIT;
  push.source = (char *)"hotline-12345";
  assert_int_equal(intake_check_push(&caller, &push.base, &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "orders");
  push.n_orders = 1000;
  assert_int_equal(intake_check_push(&caller, &push.base, &error), WG_OK);
  push.n_orders = 1001;
  assert_int_equal(intake_check_push(&caller, &push.base, &error), WG_INVALID_ARGUMENT);
  push.source = (char *)"patrol";
  assert_int_equal(intake_check_push(&caller, &push.base, &error), WG_PERMISSION_DENIED);
  assert_string_equal(error.field, "source");
}

static void reveal_is_the_dispatchers(void **state) {
  (void)state;
  struct wg_error error = {0};
  Wangge__V1__GetOrderRequest get = WANGGE__V1__GET_ORDER_REQUEST__INIT;
  assert_int_equal(intake_check_get(&caller, &get.base, &error), WG_INVALID_ARGUMENT);
  get.order_id = 1;
  assert_int_equal(intake_check_get(&caller, &get.base, &error), WG_OK);
  get.source = (char *)"patrol";
  assert_int_equal(intake_check_get(&caller, &get.base, &error), WG_INVALID_ARGUMENT);
  get.order_id = 0;
  assert_int_equal(intake_check_get(&caller, &get.base, &error), WG_INVALID_ARGUMENT);
  get.district = (char *)"370117";
  get.external_id = (char *)"RX1";
  assert_int_equal(intake_check_get(&caller, &get.base, &error), WG_OK);
  get.reveal_reason = (char *)"回访";
  assert_int_equal(intake_check_get(&caller, &get.base, &error), WG_PERMISSION_DENIED);
  struct wg_principal dispatcher = fixture_source("dispatcher");
  dispatcher.roles = WG_ROLE_DISPATCHER;
  assert_int_equal(intake_check_get(&dispatcher, &get.base, &error), WG_OK);
}

static void sight_ends_at_source_and_district(void **state) {
  (void)state;
  assert_true(intake_may_see(&caller, "370117", "hotline-12345"));
  assert_false(intake_may_see(&caller, "370117", "patrol"));
  struct wg_principal limited = caller;
  limited.districts = 1;
  snprintf(limited.district[0], sizeof limited.district[0], "131102");
  assert_false(intake_may_see(&limited, "370117", "hotline-12345"));
  limited.roles = WG_ROLE_DISPATCHER;
  assert_true(intake_may_see(&limited, "131102", "patrol"));
  assert_false(intake_may_see(&limited, "370117", "patrol"));
  limited.roles = WG_ROLE_DEPARTMENT;
  assert_false(intake_may_see(&limited, "131102", "hotline-12345"));
}

static void reasons_and_ids_are_required(void **state) {
  (void)state;
  struct wg_error error = {0};
  Wangge__V1__WithdrawRequest withdraw = WANGGE__V1__WITHDRAW_REQUEST__INIT;
  withdraw.order_id = 1;
  assert_int_equal(intake_check_withdraw(&caller, &withdraw.base, &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "reason");
  withdraw.reason = (char *)"已解决";
  assert_int_equal(intake_check_withdraw(&caller, &withdraw.base, &error), WG_OK);
  withdraw.order_id = -1;
  assert_int_equal(intake_check_withdraw(&caller, &withdraw.base, &error), WG_INVALID_ARGUMENT);
  Wangge__V1__SupplementRequest supplement = WANGGE__V1__SUPPLEMENT_REQUEST__INIT;
  supplement.order_id = 1;
  supplement.text = (char *)"还是没有水";
  assert_int_equal(intake_check_supplement(&caller, &supplement.base, &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "supplement_id");
  Wangge__V1__ListOrdersRequest list = WANGGE__V1__LIST_ORDERS_REQUEST__INIT;
  list.limit = 1001;
  assert_int_equal(intake_check_list(&caller, &list.base, &error), WG_INVALID_ARGUMENT);
  list.limit = 0, list.from = 5, list.to = 5;
  assert_int_equal(intake_check_list(&caller, &list.base, &error), WG_INVALID_ARGUMENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(good_orders_pass),
      cmocka_unit_test(ids_are_bounded_and_one_line),
      cmocka_unit_test(texts_are_bounded),
      cmocka_unit_test(districts_are_known_and_the_callers_own),
      cmocka_unit_test(enums_are_checked),
      cmocka_unit_test(categories_are_of_the_tree),
      cmocka_unit_test(positions_are_inside_the_district),
      cmocka_unit_test(grids_are_of_the_district),
      cmocka_unit_test(reporters_are_checked),
      cmocka_unit_test(origins_are_registered_and_the_callers_own),
      cmocka_unit_test(ownership_of_land_has_two_words),
      cmocka_unit_test(times_say_what_unit_they_look_like),
      cmocka_unit_test(attachments_are_checked_each),
      cmocka_unit_test(a_push_is_of_the_callers_source_and_size),
      cmocka_unit_test(reveal_is_the_dispatchers),
      cmocka_unit_test(sight_ends_at_source_and_district),
      cmocka_unit_test(reasons_and_ids_are_required),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}

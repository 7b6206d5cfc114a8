// The reference of a reporter in events: one for one person, another for everybody else, and nothing of the person in
// it.
#include "tests/unit/unit.h"

#include "common/wire/wire.h"
#include "services/intake/intake.h"
#include "services/intake/person.h"
#include "tests/unit/intake_fixture.h"

static const uint8_t KEY[32] = {7, 1, 9}, OTHER_KEY[32] = {7, 1, 8};

static uint64_t person(const char *district, const char *name, const char *phone) {
  Wangge__V1__NewOrder order = fixture_order("A");
  Wangge__V1__Reporter reporter = WANGGE__V1__REPORTER__INIT;
  reporter.name = (char *)(uintptr_t)name;
  reporter.phone = (char *)(uintptr_t)phone;
  order.district = (char *)(uintptr_t)district;
  order.reporter = &reporter;
  return intake_person(&order, KEY);
}

static void one_telephone_is_one_person_however_it_is_written(void **state) {
  (void)state;
  const uint64_t known = person("370117", "张三", "13800001111");
  assert_int_not_equal(known, 0);
  assert_true(known == person("370117", "张先生", "138 0000-1111"));
  assert_true(known == person("370117", "", "+86 13800001111"));
  assert_true(known != person("370117", "张三", "13800001112"));
  assert_true(known != person("370117", "张三", ""));
  assert_true(known != person("370117", "13800001111", "")); // a name that looks like it
}

static void without_telephone_the_name_counts(void **state) {
  (void)state;
  assert_true(person("370117", "张三", "") == person("370117", "张三", "-"));
  assert_true(person("370117", "张三", "") != person("370117", "李四", ""));
  assert_int_equal(person("370117", "", "-"), 0);
}

static void districts_cannot_be_joined(void **state) {
  (void)state;
  assert_true(person("370117", "张三", "13800001111") != person("131102", "张三", "13800001111"));
}

static void nobody_and_the_confidential_have_none(void **state) {
  (void)state;
  Wangge__V1__NewOrder order = fixture_order("A");
  assert_int_equal(intake_person(&order, KEY), 0);
  Wangge__V1__Reporter reporter = WANGGE__V1__REPORTER__INIT;
  order.reporter = &reporter;
  assert_int_equal(intake_person(&order, KEY), 0);
  reporter.phone = (char *)"13800001111";
  const uint64_t known = intake_person(&order, KEY);
  assert_int_not_equal(known, 0);
  assert_true(known != intake_person(&order, OTHER_KEY));
  order.confidential = true;
  assert_int_equal(intake_person(&order, KEY), 0);
}

// The order that departments and readers get has no field that could carry it; the event has it beside the order.
static void only_the_event_carries_it(void **state) {
  (void)state;
  const ProtobufCMessageDescriptor *type = &wangge__v1__order__descriptor;
  assert_null(protobuf_c_message_descriptor_get_field_by_name(type, "reporter_ref"));
  assert_null(protobuf_c_message_descriptor_get_field_by_name(type, "reporter"));
  assert_non_null(
      protobuf_c_message_descriptor_get_field_by_name(&wangge__v1__order_received__descriptor, "reporter_ref"));
  for (unsigned i = 0; i < wangge__v1__order_received__descriptor.n_fields; i++) {
    const ProtobufCFieldDescriptor *field = &wangge__v1__order_received__descriptor.fields[i];
    assert_true(field->type == PROTOBUF_C_TYPE_MESSAGE || field->type == PROTOBUF_C_TYPE_FIXED64);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_telephone_is_one_person_however_it_is_written),
      cmocka_unit_test(without_telephone_the_name_counts),
      cmocka_unit_test(districts_cannot_be_joined),
      cmocka_unit_test(nobody_and_the_confidential_have_none),
      cmocka_unit_test(only_the_event_carries_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// Each order is kept exactly once: the same key again gives the first answer, other content under it is refused, within
// a batch as across batches; and what is said of an order later is repeatable.
#include "tests/unit/unit.h"

#include "services/intake/accept.h"
#include "tests/unit/intake_fixture.h"

#define ACCEPTED WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_ACCEPTED
#define DUPLICATE WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_DUPLICATE
#define REJECTED WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_REJECTED

static const uint8_t SEED[16] = {1, 2, 3};
static struct wg_arena *arena;

static int setup(void **state) {
  (void)state;
  arena = wg_arena_create(1 << 16);
  return 0;
}
static int teardown(void **state) {
  (void)state;
  wg_arena_destroy(arena);
  return 0;
}

static struct intake_entry entry_of(const Wangge__V1__NewOrder *order, const char *source) {
  struct intake_entry entry = {.order = order, .source = source};
  intake_content_hash(order, entry.hash);
  return entry;
}

static void remember(struct intake_entry *entry, int64_t id, enum intake_reporter_state reporter, const char *name,
                     const char *phone) {
  entry->known = true;
  entry->known_id = id;
  memcpy(entry->known_hash, entry->hash, sizeof entry->hash);
  entry->known_reporter = reporter;
  const Wangge__V1__Reporter *given = entry->order->reporter;
  entry->known_same_reporter = given && strcmp(given->name, name) == 0 && strcmp(given->phone, phone) == 0;
}

static int64_t decide(struct intake_entry *entries, size_t count, int64_t next) {
  struct intake_entry *list[16];
  for (size_t i = 0; i < count; i++)
    list[i] = &entries[i];
  intake_accept(list, count, &next, SEED, arena);
  return next;
}

static void new_orders_get_ids_without_gaps(void **state) {
  (void)state;
  Wangge__V1__NewOrder a = fixture_order("A"), b = fixture_order("B"), c = fixture_order("C");
  struct intake_entry entries[] = {entry_of(&a, "s"), entry_of(&b, "s"), entry_of(&c, "s")};
  entries[1].error.code = WG_INVALID_ARGUMENT;
  assert_int_equal(decide(entries, 3, 41), 43);
  assert_int_equal(entries[0].outcome, ACCEPTED);
  assert_int_equal(entries[0].order_id, 41);
  assert_int_equal(entries[1].outcome, REJECTED);
  assert_int_equal(entries[1].order_id, 0);
  assert_int_equal(entries[2].order_id, 42);
}

static void a_key_twice_in_a_batch_is_one_order(void **state) {
  (void)state;
  Wangge__V1__NewOrder first = fixture_order("A"), same = fixture_order("A"), other = fixture_order("A");
  other.text = (char *)"别的内容";
  struct intake_entry entries[] = {entry_of(&first, "s"), entry_of(&same, "s"), entry_of(&other, "s"),
                                   entry_of(&same, "s")};
  entries[2].index = 2;
  assert_int_equal(decide(entries, 4, 1), 2);
  assert_int_equal(entries[0].outcome, ACCEPTED);
  assert_int_equal(entries[1].outcome, DUPLICATE);
  assert_int_equal(entries[1].order_id, 1);
  assert_int_equal(entries[2].outcome, REJECTED);
  assert_int_equal(entries[2].error.code, WG_ALREADY_EXISTS);
  assert_string_equal(entries[2].error.field, "orders[2].external_id");
  assert_int_equal(entries[3].outcome, DUPLICATE);
}

static void a_rejected_order_takes_no_key(void **state) {
  (void)state;
  Wangge__V1__NewOrder bad = fixture_order("A"), good = fixture_order("A");
  bad.text = (char *)"";
  struct intake_entry entries[] = {entry_of(&bad, "s"), entry_of(&good, "s")};
  entries[0].error.code = WG_INVALID_ARGUMENT;
  decide(entries, 2, 1);
  assert_int_equal(entries[1].outcome, ACCEPTED);
}

static void the_key_is_district_source_and_id(void **state) {
  (void)state;
  Wangge__V1__NewOrder here = fixture_order("A"), there = fixture_order("A");
  there.district = (char *)"131102";
  struct intake_entry entries[] = {entry_of(&here, "s"), entry_of(&there, "s"), entry_of(&here, "t")};
  assert_int_equal(decide(entries, 3, 1), 4);
}

static void a_stored_key_answers_as_the_first_time(void **state) {
  (void)state;
  Wangge__V1__NewOrder order = fixture_order("A");
  struct intake_entry entries[] = {entry_of(&order, "s"), entry_of(&order, "s")};
  remember(&entries[0], 7, INTAKE_REPORTER_NONE, "", "");
  remember(&entries[1], 7, INTAKE_REPORTER_NONE, "", "");
  entries[1].known_hash[31] ^= 1;
  assert_int_equal(decide(entries, 2, 100), 100);
  assert_int_equal(entries[0].outcome, DUPLICATE);
  assert_int_equal(entries[0].order_id, 7);
  assert_int_equal(entries[1].outcome, REJECTED);
  assert_int_equal(entries[1].error.code, WG_ALREADY_EXISTS);
}

static void the_reporter_is_content_until_erased(void **state) {
  (void)state;
  Wangge__V1__Reporter zhang = WANGGE__V1__REPORTER__INIT, li = WANGGE__V1__REPORTER__INIT;
  zhang.name = (char *)"张某", zhang.phone = (char *)"10012345678";
  li.name = (char *)"李某", li.phone = (char *)"10012345678";
  Wangge__V1__NewOrder with = fixture_order("A"), other = fixture_order("A"), without = fixture_order("A");
  with.reporter = &zhang;
  other.reporter = &li;
  struct intake_entry same = entry_of(&with, "s"), differs = entry_of(&other, "s"), none = entry_of(&without, "s");
  assert_memory_equal(same.hash, none.hash, sizeof same.hash); // nothing of the reporter stays in the stored hash

  struct intake_entry kept[] = {same, differs, none};
  for (size_t i = 0; i < 3; i++)
    remember(&kept[i], 7, INTAKE_REPORTER_KEPT, "张某", "10012345678");
  decide(kept, 3, 100);
  assert_int_equal(kept[0].outcome, DUPLICATE);
  assert_int_equal(kept[1].outcome, REJECTED);
  assert_int_equal(kept[2].outcome, REJECTED);

  struct intake_entry erased[] = {same, none};
  for (size_t i = 0; i < 2; i++)
    remember(&erased[i], 7, INTAKE_REPORTER_ERASED, "", "");
  decide(erased, 2, 100);
  assert_int_equal(erased[0].outcome, DUPLICATE);
  assert_int_equal(erased[1].outcome, REJECTED);

  struct intake_entry never = same;
  remember(&never, 7, INTAKE_REPORTER_NONE, "", "");
  decide(&never, 1, 100);
  assert_int_equal(never.outcome, REJECTED);

  struct intake_entry batch[] = {same, differs, same};
  decide(batch, 3, 100);
  assert_int_equal(batch[1].outcome, REJECTED);
  assert_int_equal(batch[2].outcome, DUPLICATE);
}

static void every_field_is_content(void **state) {
  (void)state;
  uint8_t base[INTAKE_HASH_BYTES], changed[INTAKE_HASH_BYTES];
  Wangge__V1__NewOrder order = fixture_order("A");
  intake_content_hash(&order, base);
  Wangge__V1__Position position = WANGGE__V1__POSITION__INIT;
  Wangge__V1__Attachment attachment = WANGGE__V1__ATTACHMENT__INIT, *list[] = {&attachment};
  Wangge__V1__DirectAnswer answer = WANGGE__V1__DIRECT_ANSWER__INIT;
  uint8_t seen[14][INTAKE_HASH_BYTES];
  for (int field = 0; field < 14; field++) {
    order = fixture_order("A");
    if (field == 0) order.channel = WANGGE__V1__CHANNEL__CHANNEL_OPEN311;
    if (field == 1) order.kind = WANGGE__V1__ORDER_KIND__ORDER_KIND_PRAISE;
    if (field == 2) order.urgency = WANGGE__V1__URGENCY__URGENCY_URGENT;
    if (field == 3) order.category = (char *)"";
    if (field == 4) order.title = (char *)"小区停水从", order.text = order.text + strlen("从"); // moved between fields
    if (field == 5) order.address = (char *)"";
    if (field == 6) order.position = &position;
    if (field == 7) order.grid_code = (char *)"";
    if (field == 8) order.occurred_at++;
    if (field == 9) order.attachments = list, order.n_attachments = 1;
    if (field == 10) order.confidential = 1;
    if (field == 11) order.origin = (char *)"state";
    if (field == 12) order.parcel_ownership = (char *)"state";
    if (field == 13) order.answer = &answer;
    intake_content_hash(&order, changed);
    if (memcmp(base, changed, sizeof base) == 0) fail_msg("field %d changes nothing", field);
    memcpy(seen[field], changed, sizeof changed);
    for (int other = 0; other < field; other++)
      if (memcmp(seen[other], changed, sizeof changed) == 0) fail_msg("fields %d and %d look the same", other, field);
  }
  order = fixture_order("A");
  order.urgency = WANGGE__V1__URGENCY__URGENCY_NORMAL; // what UNSPECIFIED is read as
  intake_content_hash(&order, changed);
  assert_memory_equal(base, changed, sizeof base);
}

// --- later words ---

static Wangge__V1__SupplementRequest supplement(const char *id, const char *text) {
  Wangge__V1__SupplementRequest request = WANGGE__V1__SUPPLEMENT_REQUEST__INIT;
  request.order_id = 7;
  request.supplement_id = (char *)id;
  request.text = (char *)text;
  return request;
}

static void supplements_repeat_safely(void **state) {
  (void)state;
  struct wg_principal caller = fixture_source("s");
  struct intake_subject subject = {.order_id = 7, .found = true, .district = "370117", .source = "s"};
  struct wg_error error = {0};
  bool fresh = false;
  Wangge__V1__SupplementRequest first = supplement("1", "还是没水"), other = supplement("1", "来水了"),
                                second = supplement("2", "来水了");
  assert_int_equal(intake_supplement(&subject, &caller, &first, arena, &fresh, &error), WG_OK);
  assert_true(fresh);
  assert_int_equal(intake_supplement(&subject, &caller, &first, arena, &fresh, &error), WG_OK);
  assert_false(fresh);
  assert_int_equal(intake_supplement(&subject, &caller, &other, arena, &fresh, &error), WG_ALREADY_EXISTS);
  assert_int_equal(subject.supplements, 1);
  assert_int_equal(intake_withdraw(&subject, &caller, &fresh, &error), WG_OK);
  assert_true(fresh);
  assert_int_equal(intake_withdraw(&subject, &caller, &fresh, &error), WG_OK);
  assert_false(fresh);
  assert_int_equal(intake_supplement(&subject, &caller, &second, arena, &fresh, &error), WG_FAILED_PRECONDITION);
  assert_int_equal(intake_supplement(&subject, &caller, &first, arena, &fresh, &error),
                   WG_OK); // the first answer again
}

static void supplements_are_bounded(void **state) {
  (void)state;
  struct wg_principal caller = fixture_source("s");
  struct intake_subject subject = {
      .order_id = 7, .found = true, .district = "370117", .source = "s", .supplements = INTAKE_SUPPLEMENTS};
  struct wg_error error = {0};
  bool fresh = true;
  Wangge__V1__SupplementRequest request = supplement("x", "x");
  assert_int_equal(intake_supplement(&subject, &caller, &request, arena, &fresh, &error), WG_RESOURCE_EXHAUSTED);
  assert_false(fresh);
}

static void foreign_orders_do_not_exist(void **state) {
  (void)state;
  struct wg_principal stranger = fixture_source("t"), dispatcher = fixture_source("d");
  dispatcher.roles = WG_ROLE_DISPATCHER;
  struct intake_subject subject = {.order_id = 7, .found = true, .district = "370117", .source = "s"};
  struct intake_subject absent = {.order_id = 8};
  struct wg_error error = {0};
  bool fresh = true;
  assert_int_equal(intake_withdraw(&subject, &stranger, &fresh, &error), WG_NOT_FOUND);
  assert_false(subject.withdrawn);
  assert_int_equal(intake_withdraw(&absent, &dispatcher, &fresh, &error), WG_NOT_FOUND);
  assert_int_equal(intake_erase(&absent, &dispatcher, &error), WG_NOT_FOUND);
  assert_int_equal(intake_erase(&subject, &dispatcher, &error), WG_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(new_orders_get_ids_without_gaps),
      cmocka_unit_test(a_key_twice_in_a_batch_is_one_order),
      cmocka_unit_test(a_rejected_order_takes_no_key),
      cmocka_unit_test(the_key_is_district_source_and_id),
      cmocka_unit_test(a_stored_key_answers_as_the_first_time),
      cmocka_unit_test(the_reporter_is_content_until_erased),
      cmocka_unit_test(every_field_is_content),
      cmocka_unit_test(supplements_repeat_safely),
      cmocka_unit_test(supplements_are_bounded),
      cmocka_unit_test(foreign_orders_do_not_exist),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}

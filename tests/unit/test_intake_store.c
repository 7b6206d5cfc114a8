// What intake promises of its tables, with the migration and the rights of the service: orders come back as they went
// in, keys are found again, counters are checked, who saw a reporter is recorded, lists miss and repeat nothing.
#include "tests/unit/postgres.h"
#include "tests/unit/unit.h"

#include "common/db/migrate.h"
#include "services/intake/erase.h"
#include "services/intake/intake.h"
#include "services/intake/query.h"
#include "services/intake/store.h"
#include "tests/unit/intake_fixture.h"

#define ACCEPTED WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_ACCEPTED

static struct wg_arena *arena;
static struct wg_db *writer, *reader;
static struct intake service;

static void must(wg_status status, const struct wg_error *error) {
  if (status != WG_OK) fail_msg("%s: %s", wg_status_name(status), error->message);
}

static struct wg_db *connect_service(void) {
  struct wg_error error = {0};
  struct wg_db *db = NULL;
  char dsn[256];
  snprintf(dsn, sizeof dsn, "host=%s dbname=postgres user=wangge_intake", postgres_directory());
  struct wg_db_options options = {.dsn = dsn, .schema = "intake", .application_name = "test"};
  must(wg_db_connect(&options, &db, &error), &error);
  return db;
}

static int setup_group(void **state) {
  (void)state;
  struct wg_error error = {0};
  postgres_execute("CREATE ROLE wangge_intake LOGIN; CREATE SCHEMA intake");
  const char *const folders[] = {WANGGE_SHARE "/common/stream/schema", WANGGE_SHARE "/common/stage/schema",
                                 WANGGE_SHARE "/services/intake/schema", NULL};
  struct wg_db *owner = postgres_connect("intake");
  int applied = 0;
  must(wg_migrate(owner, "intake", "wangge_intake", folders, &applied, &error), &error);
  assert_true(applied >= 2);
  wg_db_close(owner);
  service.reference = fixture_reference();
  pthread_rwlock_init(&service.lock, NULL);
  return 0;
}

static int teardown_group(void **state) {
  (void)state;
  intake_reference_close(service.reference);
  pthread_rwlock_destroy(&service.lock);
  return 0;
}

// Each test begins with empty tables.
static int setup(void **state) {
  (void)state;
  struct wg_error error = {0};
  postgres_execute("TRUNCATE intake.orders, intake.reporter, intake.attachment, intake.order_context CASCADE; "
                   "UPDATE intake.counter SET last_order_id = 0, last_received_at = 'epoch'");
  arena = wg_arena_create(1 << 16);
  writer = connect_service();
  reader = connect_service();
  int64_t last = -1, at = -1;
  must(intake_counter_read(writer, &last, &at, &error), &error);
  assert_int_equal(last, 0);
  must(wg_db_pipeline(writer, &error), &error);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  wg_db_close(writer);
  wg_db_close(reader);
  wg_arena_destroy(arena);
  return 0;
}

static void begin(void) {
  struct wg_error error = {0};
  must(wg_db_send(writer, &WG_BEGIN, NULL, NULL, NULL, &error), &error);
}

static void loaded(void) {
  struct wg_error error = {0};
  must(wg_db_flush_request(writer, &error), &error);
  must(postgres_pump(writer, &error), &error);
}

static wg_status commit(struct wg_error *error) {
  must(wg_db_send(writer, &WG_COMMIT, NULL, NULL, NULL, error), error);
  must(wg_db_sync(writer, error), error);
  return postgres_pump(writer, error);
}

// push does what a batch of the loop does with one push; returns how many were accepted.
static size_t push(struct intake_entry *entries, size_t count, int64_t before, int64_t at) {
  struct wg_error error = {0};
  const uint8_t seed[16] = {0};
  struct intake_entry **list = wg_arena_alloc(arena, count * sizeof *list);
  for (size_t i = 0; i < count; i++) {
    list[i] = &entries[i];
    entries[i].known = false;
    intake_content_hash(entries[i].order, entries[i].hash);
  }
  begin();
  must(intake_load_known(writer, arena, list, count, &error), &error);
  loaded();
  int64_t next = before + 1;
  intake_accept(list, count, &next, seed, arena);
  size_t accepted = (size_t)(next - 1 - before);
  must(intake_store_orders(writer, arena, list, count, accepted, before, at, &error), &error);
  must(commit(&error), &error);
  return accepted;
}

static int64_t count_of(const char *sql) {
  struct wg_error error = {0};
  struct wg_db *db = postgres_connect("intake");
  const struct wg_statement statement = {"count", sql, 0};
  PGresult *result = NULL;
  must(wg_db_run(db, &statement, NULL, &result, &error), &error);
  int64_t count = wg_get_i64(result, 0, 0);
  PQclear(result);
  wg_db_close(db);
  return count;
}

static const char *DISTRICTS[] = {"370117", "131102"};
static const struct intake_scope SCOPE = {DISTRICTS, 2};

static Wangge__V1__Reporter *person(void) {
  static Wangge__V1__Reporter reporter;
  wangge__v1__reporter__init(&reporter);
  reporter.name = (char *)"张某";
  reporter.phone = (char *)"13812345678";
  return &reporter;
}

static void orders_come_back_whole(void **state) {
  (void)state;
  struct wg_error error = {0};
  Wangge__V1__NewOrder order = fixture_order("it's \\ \"quoted\"; DROP TABLE orders;--");
  Wangge__V1__Position position = WANGGE__V1__POSITION__INIT;
  position.lon = 117.812345678901, position.lat = 36.0600000001;
  Wangge__V1__Attachment a = WANGGE__V1__ATTACHMENT__INIT, b = WANGGE__V1__ATTACHMENT__INIT, *list[] = {&a, &b};
  a.sha256 = (char *)"0000000000000000000000000000000000000000000000000000000000000001";
  b.sha256 = (char *)"0000000000000000000000000000000000000000000000000000000000000002";
  b.name = (char *)"照片.jpg", b.media_type = (char *)"image/jpeg", b.size_bytes = INT64_C(5000000000);
  order.position = &position;
  order.attachments = list, order.n_attachments = 2;
  order.reporter = person();
  order.parcel_ownership = (char *)"state";
  struct intake_entry entry = {
      .order = &order, .source = "hotline-12345", .channel = 99, .origin = "S01", .origin_area = "370117001001"};
  assert_int_equal(push(&entry, 1, 0, FIXTURE_NOW), 1);

  struct intake_record *record = NULL;
  must(intake_query_by_id(reader, arena, &SCOPE, 1, &record, &error), &error);
  assert_non_null(record);
  const Wangge__V1__Order *got = record->order;
  assert_int_equal(got->order_id, 1);
  assert_string_equal(got->external_id, order.external_id);
  assert_string_equal(got->district, order.district);
  assert_string_equal(got->source, "hotline-12345");
  assert_int_equal(got->channel, 99);
  assert_int_equal(got->kind, order.kind);
  assert_int_equal(got->urgency, WANGGE__V1__URGENCY__URGENCY_NORMAL);
  assert_string_equal(got->category, order.category);
  assert_string_equal(got->title, order.title);
  assert_string_equal(got->text, order.text);
  assert_string_equal(got->address, order.address);
  assert_string_equal(got->grid_code, order.grid_code);
  assert_string_equal(got->origin, "S01");
  assert_string_equal(got->parcel_ownership, "state");
  assert_string_equal(got->origin_area, "370117001001");
  assert_memory_equal(&got->position->lon, &position.lon, sizeof(double));
  assert_memory_equal(&got->position->lat, &position.lat, sizeof(double));
  assert_int_equal(got->occurred_at, order.occurred_at);
  assert_int_equal(got->received_at, FIXTURE_NOW);
  assert_int_equal(got->n_attachments, 2);
  assert_string_equal(got->attachments[0]->sha256, a.sha256);
  assert_string_equal(got->attachments[1]->name, b.name);
  assert_int_equal(got->attachments[1]->size_bytes, b.size_bytes);
  assert_true(got->has_reporter);
  assert_string_equal(record->reporter->phone, "138****5678");
  must(intake_query_by_key(reader, arena, "370117", "hotline-12345", order.external_id, &record, &error), &error);
  assert_non_null(record);
  const char *elsewhere[] = {"131102"};
  must(intake_query_by_id(reader, arena, &(struct intake_scope){elsewhere, 1}, 1, &record, &error), &error);
  assert_null(record);
}

static void a_repeat_finds_the_first(void **state) {
  (void)state;
  Wangge__V1__NewOrder a = fixture_order("A"), b = fixture_order("B"), changed = fixture_order("A");
  a.reporter = person();
  changed.text = (char *)"别的内容";
  changed.reporter = person();
  struct intake_entry first[] = {{.order = &a, .source = "s"}};
  assert_int_equal(push(first, 1, 0, FIXTURE_NOW), 1);
  struct intake_entry again[] = {
      {.order = &b, .source = "s"}, {.order = &a, .source = "s"}, {.order = &changed, .source = "s"}};
  assert_int_equal(push(again, 3, 1, FIXTURE_NOW), 1);
  assert_int_equal(again[0].order_id, 2);
  assert_int_equal(again[1].outcome, WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_DUPLICATE);
  assert_int_equal(again[1].order_id, 1);
  assert_int_equal(again[2].error.code, WG_ALREADY_EXISTS);
  assert_int_equal(count_of("SELECT count(*) FROM orders"), 2);
  assert_int_equal(count_of("SELECT last_order_id FROM counter"), 2);
}

static void another_writers_counter_fails_the_batch(void **state) {
  (void)state;
  struct wg_error error = {0};
  Wangge__V1__NewOrder order = fixture_order("A");
  struct intake_entry entry = {.order = &order, .source = "s", .outcome = ACCEPTED, .order_id = 1}, *list[] = {&entry};
  intake_content_hash(&order, entry.hash);
  postgres_execute("UPDATE intake.counter SET last_order_id = 5");
  begin();
  must(intake_store_orders(writer, arena, list, 1, 1, 0, FIXTURE_NOW, &error), &error);
  wg_status status = wg_db_send(writer, &WG_COMMIT, NULL, NULL, NULL, &error);
  if (status == WG_OK) wg_db_sync(writer, &error);
  assert_int_not_equal(postgres_pump(writer, &error), WG_OK);
  assert_non_null(strstr(error.message, "counter"));
}

static void the_service_cannot_change_history(void **state) {
  (void)state;
  const char *forbidden[] = {"DELETE FROM orders",
                             "UPDATE orders SET text = 'x'",
                             "TRUNCATE orders",
                             "DELETE FROM supplement",
                             "DELETE FROM withdrawal",
                             "DELETE FROM pii_access",
                             "UPDATE reporter SET name = ''",
                             "DELETE FROM counter",
                             "CREATE TABLE t (i int)",
                             "UPDATE reporter_erasure SET reason = 'x'"};
  for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
    struct wg_error error = {0};
    if (wg_db_exec(reader, forbidden[i], &error) == WG_OK) fail_msg("the service's role may %s", forbidden[i]);
  }
}

static void load_subject(struct intake_subject *subject, const char *id) {
  struct wg_error error = {0};
  struct wg_column *districts = wg_column_text(arena, 2);
  for (size_t i = 0; i < 2; i++)
    wg_push_text(districts, DISTRICTS[i]);
  struct intake_subject **list = wg_arena_alloc(arena, sizeof *list);
  const char **ids = wg_arena_alloc(arena, sizeof *ids);
  list[0] = subject;
  ids[0] = id;
  begin();
  must(intake_load_subjects(writer, arena, districts, list, 1, &error), &error);
  must(intake_load_notes(writer, arena, districts, list, ids, 1, &error), &error);
  loaded();
  must(commit(&error), &error);
}

static void later_words_are_found_again(void **state) {
  (void)state;
  struct wg_error error = {0};
  Wangge__V1__NewOrder order = fixture_order("A");
  struct intake_entry entry = {.order = &order, .source = "s"};
  push(&entry, 1, 0, FIXTURE_NOW);
  struct intake_subject subject = {.order_id = 1}, absent = {.order_id = 2};
  load_subject(&subject, "b1");
  load_subject(&absent, "b1");
  assert_true(subject.found);
  assert_string_equal(subject.source, "s");
  assert_false(subject.withdrawn);
  assert_null(subject.notes);
  assert_false(absent.found);

  struct intake_row added[] = {{&subject, "s", "b2", "第一", NULL, 1}, {&subject, "d", "b1", "第二", "D-7", 2}};
  struct intake_row gone = {&subject, "d", NULL, "已解决", NULL, 0};
  begin();
  must(intake_store_supplements(writer, arena, &(struct intake_rows){added, 2}, FIXTURE_NOW, &error), &error);
  must(intake_store_withdrawals(writer, arena, &(struct intake_rows){&gone, 1}, FIXTURE_NOW + 1, &error), &error);
  must(commit(&error), &error);

  struct intake_subject after = {.order_id = 1};
  load_subject(&after, "b1");
  assert_true(after.withdrawn);
  assert_int_equal(after.supplements, 2);
  assert_string_equal(after.notes->text, "第二");
  struct intake_record *record = NULL;
  must(intake_query_by_id(reader, arena, &SCOPE, 1, &record, &error), &error);
  assert_int_equal(record->withdrawn_at, FIXTURE_NOW + 1);
  assert_string_equal(record->withdraw_reason, "已解决");
  Wangge__V1__Supplement **supplements = NULL;
  size_t count = 0;
  must(intake_query_supplements(reader, arena, record->order, &supplements, &count, &error), &error);
  assert_int_equal(count, 2);
  assert_string_equal(supplements[0]->supplement_id, "b2");
  assert_string_equal(supplements[1]->by, "d");
  assert_true(supplements[1]->for_handlers && !supplements[0]->for_handlers);
}

static wg_status get_as(unsigned role, const char *reason, Wangge__V1__GetOrderResponse **response,
                        struct wg_error *error) {
  static struct wg_principal caller;
  caller = fixture_source("s");
  caller.roles = role;
  Wangge__V1__GetOrderRequest request = WANGGE__V1__GET_ORDER_REQUEST__INIT;
  request.order_id = 1;
  request.reveal_reason = (char *)reason;
  struct wg_read_call call = {&caller, &request.base, arena, reader, &service, FIXTURE_NOW};
  ProtobufCMessage *reply = NULL;
  wg_status status = intake_get(&call, &reply, error);
  *response = (Wangge__V1__GetOrderResponse *)reply;
  return status;
}

static void erase(void) {
  struct wg_error error = {0};
  struct intake_subject subject = {.order_id = 1, .found = true, .district = "370117", .source = "s"};
  struct intake_row row = {&subject, "dispatcher", NULL, "本人要求", NULL, 0};
  begin();
  const struct intake_stored_text *texts = NULL;
  struct wg_column *districts = wg_column_text(arena, 1);
  wg_push_text(districts, "370117");
  must(intake_load_texts(writer, arena, districts, &subject.order_id, 1, &texts, &error), &error);
  loaded();
  assert_non_null(texts);
  must(intake_store_erasures(writer, arena, &(struct intake_rows){&row, 1}, texts, FIXTURE_NOW, &error), &error);
  must(commit(&error), &error);
}

static void views_of_a_reporter_are_recorded(void **state) {
  (void)state;
  struct wg_error error = {0};
  Wangge__V1__NewOrder order = fixture_order("A");
  order.reporter = person();
  struct intake_entry entry = {.order = &order, .source = "s"};
  push(&entry, 1, 0, FIXTURE_NOW);
  Wangge__V1__GetOrderResponse *response = NULL;
  must(get_as(WG_ROLE_SOURCE, "", &response, &error), &error);
  assert_true(response->reporter_masked);
  assert_string_equal(response->reporter->name, "张**");
  assert_string_equal(response->reporter->phone, "138****5678");
  assert_int_equal(get_as(WG_ROLE_OPERATOR, "看看", &response, &error), WG_PERMISSION_DENIED);
  assert_int_equal(count_of("SELECT count(*) FROM pii_access"), 0);
  must(get_as(WG_ROLE_DISPATCHER, "回访", &response, &error), &error);
  assert_false(response->reporter_masked);
  assert_string_equal(response->reporter->name, "张某");
  assert_int_equal(count_of("SELECT count(*) FROM pii_access WHERE order_id = 1 AND reason = '回访'"), 1);

  erase();
  erase();
  must(get_as(WG_ROLE_DISPATCHER, "再看", &response, &error), &error);
  assert_null(response->reporter);
  assert_false(response->order->has_reporter);
  assert_int_equal(count_of("SELECT count(*) FROM pii_access"), 1);
  assert_int_equal(count_of("SELECT count(*) FROM reporter"), 0);
  assert_int_equal(count_of("SELECT count(*) FROM reporter_erasure"), 1);
  assert_int_equal(push(&entry, 1, 1, FIXTURE_NOW), 0); // the same push again is still the same order
  assert_int_equal(entry.order_id, 1);
  assert_int_equal(count_of("SELECT count(*) FROM reporter"), 0);
}

static void a_confidential_reporter_is_shown_to_nobody(void **state) {
  (void)state;
  struct wg_error error = {0};
  Wangge__V1__NewOrder order = fixture_order("A");
  order.reporter = person();
  order.confidential = 1;
  struct intake_entry entry = {.order = &order, .source = "s"};
  push(&entry, 1, 0, FIXTURE_NOW);
  Wangge__V1__GetOrderResponse *response = NULL;
  must(get_as(WG_ROLE_SOURCE, "", &response, &error), &error);
  assert_string_equal(response->reporter->name, "");
  assert_string_equal(response->reporter->phone, "");
  assert_int_equal(get_as(WG_ROLE_DISPATCHER, "回访", &response, &error), WG_PERMISSION_DENIED);
  assert_int_equal(count_of("SELECT count(*) FROM pii_access"), 0);
}

// --- lists ---

static Wangge__V1__ListOrdersResponse *list_as(const struct wg_principal *caller,
                                               const Wangge__V1__ListOrdersRequest *request) {
  struct wg_error error = {0};
  struct wg_read_call call = {caller, &request->base, arena, reader, &service, FIXTURE_NOW};
  ProtobufCMessage *reply = NULL;
  must(intake_list(&call, &reply, &error), &error);
  return (Wangge__V1__ListOrdersResponse *)reply;
}

// fill pushes 250 orders, one a second, turn by turn of two districts and sources.
static void fill(void) {
  static Wangge__V1__NewOrder orders[250];
  static struct intake_entry entries[250];
  for (int i = 0; i < 250; i++) {
    orders[i] = fixture_order(wg_arena_printf(arena, "N%d", i));
    if (i % 2) orders[i].district = (char *)"131102", orders[i].grid_code = (char *)"";
    entries[i] = (struct intake_entry){.order = &orders[i], .source = i % 5 == 0 ? "patrol" : "hotline-12345"};
    assert_int_equal(push(&entries[i], 1, i, FIXTURE_NOW + i * INT64_C(1000000)), 1);
  }
}

static void lists_miss_and_repeat_nothing(void **state) {
  (void)state;
  fill();
  struct wg_principal operator_ = fixture_source("operator"), patrol = fixture_source("patrol");
  operator_.roles = WG_ROLE_OPERATOR;
  Wangge__V1__ListOrdersRequest request = WANGGE__V1__LIST_ORDERS_REQUEST__INIT;
  request.limit = 120;
  int64_t expected = 250;
  do {
    Wangge__V1__ListOrdersResponse *page = list_as(&operator_, &request);
    for (size_t i = 0; i < page->n_orders; i++)
      assert_int_equal(page->orders[i]->order_id, expected--);
    request.page_token = page->next_page_token;
  } while (request.page_token[0] != '\0');
  assert_int_equal(expected, 0);

  request.limit = 0;
  assert_int_equal(list_as(&operator_, &request)->n_orders, 50);
  request.limit = 1000;
  Wangge__V1__ListOrdersResponse *own = list_as(&patrol, &request);
  assert_int_equal(own->n_orders, 50);
  for (size_t i = 0; i < own->n_orders; i++)
    assert_string_equal(own->orders[i]->source, "patrol");
  request.source = (char *)"hotline-12345";
  assert_int_equal(list_as(&patrol, &request)->n_orders, 0);
  request.source = (char *)"patrol";
  request.district = (char *)"131102";
  assert_int_equal(list_as(&operator_, &request)->n_orders, 25);
  request.district = (char *)"999999";
  assert_int_equal(list_as(&operator_, &request)->n_orders, 0);
}

static void lists_end_exactly_at_their_times(void **state) {
  (void)state;
  fill();
  struct wg_principal operator_ = fixture_source("operator");
  operator_.roles = WG_ROLE_OPERATOR;
  for (int from = 0; from < 250; from += 83) {
    Wangge__V1__ListOrdersRequest request = WANGGE__V1__LIST_ORDERS_REQUEST__INIT;
    request.limit = 1000;
    request.from = FIXTURE_NOW + from * INT64_C(1000000);
    request.to = request.from + INT64_C(10000000);
    Wangge__V1__ListOrdersResponse *page = list_as(&operator_, &request);
    int count = from + 10 < 250 ? 10 : 250 - from;
    assert_int_equal(page->n_orders, count);
    assert_int_equal(page->orders[0]->order_id, from + count);
    assert_int_equal(page->orders[count - 1]->order_id, from + 1);
    request.from++;
    assert_int_equal(list_as(&operator_, &request)->n_orders, count - 1);
    request.district = (char *)"131102";
    assert_true(list_as(&operator_, &request)->n_orders <= 5);
  }
}

static void a_token_is_of_one_list(void **state) {
  (void)state;
  struct wg_error error = {0};
  Wangge__V1__ListOrdersRequest request = WANGGE__V1__LIST_ORDERS_REQUEST__INIT;
  int64_t below = 0;
  request.page_token = intake_page_token(arena, "operator", &request, 77);
  must(intake_page_read("operator", &request, &below, &error), &error);
  assert_int_equal(below, 77);
  assert_int_equal(intake_page_read("patrol", &request, &below, &error), WG_INVALID_ARGUMENT);
  Wangge__V1__ListOrdersRequest other = request;
  other.district = (char *)"370117";
  assert_int_equal(intake_page_read("operator", &other, &below, &error), WG_INVALID_ARGUMENT);
  const char *wrong[] = {"77",
                         "77.",
                         ".",
                         "x",
                         "-1.0000000000000000",
                         "78.0000000000000000",
                         "99999999999999999999999999999.0000000000000000"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    other = request;
    other.page_token = (char *)wrong[i];
    assert_int_equal(intake_page_read("operator", &other, &below, &error), WG_INVALID_ARGUMENT);
    assert_string_equal(error.field, "page_token");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(orders_come_back_whole, setup, teardown),
      cmocka_unit_test_setup_teardown(a_repeat_finds_the_first, setup, teardown),
      cmocka_unit_test_setup_teardown(another_writers_counter_fails_the_batch, setup, teardown),
      cmocka_unit_test_setup_teardown(the_service_cannot_change_history, setup, teardown),
      cmocka_unit_test_setup_teardown(later_words_are_found_again, setup, teardown),
      cmocka_unit_test_setup_teardown(views_of_a_reporter_are_recorded, setup, teardown),
      cmocka_unit_test_setup_teardown(a_confidential_reporter_is_shown_to_nobody, setup, teardown),
      cmocka_unit_test_setup_teardown(lists_miss_and_repeat_nothing, setup, teardown),
      cmocka_unit_test_setup_teardown(lists_end_exactly_at_their_times, setup, teardown),
      cmocka_unit_test_setup_teardown(a_token_is_of_one_list, setup, teardown),
  };
  return cmocka_run_group_tests(tests, setup_group, teardown_group);
}

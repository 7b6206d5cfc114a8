// Lists of cases: whatever is combined, pages give exactly what a plain query over all rows gives, in its order,
// missing and repeating nothing; a search finds every title that has the words, also of orders that came late.
#include "tests/unit/service_fixture.h"

#include "common/base/clock.h"
#include "services/tracking/tracking.h"
#include "services/tracking/words.h"

#include <inttypes.h>
#include <stdlib.h>

#define NOW INT64_C(1772413200000000) // 2026-03-02 09:00 in Shanghai, a Monday
#define DAY (24 * 3600 * WG_SECOND_US)
enum { CASES = 3000, APART = 6, ROUNDS = 400, CHUNKS = CASES * APART / WORDS_CHUNK };

static const struct wg_stream_spec STREAMS[] = {{.name = "tracking.cases", .topics = true, .retention_days = 7},
                                                {.name = "tracking.notices", .topics = true, .retention_days = 7}};
static const struct wg_principal OPERATOR = {.name = "operator", .roles = WG_ROLE_OPERATOR};
static const struct wg_principal WATER = {.name = "water", .roles = WG_ROLE_DEPARTMENT, .department = "water"};
static const struct wg_principal TAOCHENG = {
    .name = "tc", .roles = WG_ROLE_DISPATCHER, .districts = 1, .district = {"131102"}};

static struct tracking *service;
static struct wg_metrics *metrics;
static struct fixture fixture = {.name = "tracking",
                                 .schema = WANGGE_SHARE "/services/tracking/lists/schema",
                                 .stream = STREAMS,
                                 .streams = sizeof STREAMS / sizeof *STREAMS,
                                 .load_state = tracking_load_state,
                                 .load = tracking_load,
                                 .decide = tracking_decide,
                                 .store = tracking_store,
                                 .committed = tracking_committed,
                                 .rolled_back = tracking_rolled_back};

// Cases of two districts, made so that every filter leaves some; one title in 700 is rare.
static const char MAKE[] =
    "TRUNCATE tracking.cases, tracking.case_step, tracking.case_gram, tracking.figure, "
    "tracking.figure_delta; " FIXTURE_UNKEYED
    "INSERT INTO tracking.cases (district, order_id, source, state, department, urgency, category, title, opened_at, "
    "routed_to, routed_by, routed_why, routed_at, due_at, due_rule, result, steps, grid_code) "
    "SELECT CASE WHEN h0 % 5 = 0 THEN '131102' ELSE '370117' END, n * 6, 's', 1 + h1 % 13, "
    "CASE WHEN h1 % 12 = 0 THEN '' ELSE (ARRAY['water', 'housing', 'water-2'])[1 + h2 % 3] END, 1, "
    "(ARRAY['城乡建设', '城乡建设/供水', '城乡建设/供水/停水', '城乡建设/供水/水压', '城乡建设-其他', "
    "'交通运输/道路/拥堵', ''])"
    "[1 + h3 % 7], CASE WHEN n % 701 = 0 THEN '罕见字样' ELSE "
    "(ARRAY['小区停水', '道路拥堵100%', 'WiFi信号', '电梯_故障', ''])[1 + h2 % 5] || n % 13 END, now(), '', '', '', "
    "now(), "
    "CASE WHEN h0 % 11 = 0 THEN 'infinity' ELSE to_timestamp(1772413200 + h1 % 40 * 86400) END, '', '', 1, "
    "CASE WHEN h3 % 9 = 0 THEN '' ELSE CASE WHEN h0 % 5 = 0 THEN '131102' ELSE '370117' END || '00' || 1 + h2 % 2 || "
    "'00' || 1 + h1 % 3 || '00' || 1 + h3 % 4 END "
    "FROM (SELECT n, hashint8(n * 8) & 65535 h0, hashint8(n * 8 + 1) & 65535 h1, hashint8(n * 8 + 2) & 65535 h2, "
    "hashint8(n * 8 + 3) & 65535 h3 FROM generate_series(1::bigint, 3000) n) m; " FIXTURE_KEYED;

static int set_up_group(void **state) {
  (void)state;
  fixture_migrate(&fixture);
  const struct tracking_settings settings = {(char *)WANGGE_SHARE "/ops/demo/reference/clocks.ini"};
  struct wg_error error = {0};
  metrics = wg_metrics_create("tracking");
  void *made = NULL;
  fixture_must(tracking_start(&settings, metrics, &made, &error), &error);
  fixture.service = service = made;
  return 0;
}

static int tear_down_group(void **state) {
  (void)state;
  tracking_stop(service);
  wg_metrics_destroy(metrics);
  return 0;
}

static int set_up(void **state) {
  (void)state;
  srandom(4);
  postgres_execute(MAKE);
  fixture_open(&fixture);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  fixture_close(&fixture);
  return 0;
}

static void tick(void) {
  struct wg_item item = {.kind = WG_ITEM_TICK, .traceparent = ""};
  fixture_run(&fixture, &item, 1, NOW);
}

static wg_status ask(const struct wg_principal *caller, const Wangge__V1__ListCasesRequest *request,
                     const Wangge__V1__ListCasesResponse **page, struct wg_error *error) {
  struct wg_read_call call = {caller, &request->base, fixture.arena, fixture.reader, service, NOW};
  ProtobufCMessage *reply = NULL;
  const wg_status status = tracking_list(&call, &reply, error);
  *page = (const Wangge__V1__ListCasesResponse *)reply;
  return status;
}

static const char *one_of(const char *const *texts, size_t count) {
  return texts[(size_t)random() % count];
}
#define ONE_OF(...)                                                                                                    \
  (char *)(uintptr_t)one_of((const char *const[]){__VA_ARGS__},                                                        \
                            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static Wangge__V1__ListCasesRequest any_filters(void) {
  Wangge__V1__ListCasesRequest request = WANGGE__V1__LIST_CASES_REQUEST__INIT;
  request.district = ONE_OF("", "370117", "131102", "370117");
  request.department = ONE_OF("", "", "water", "housing", "water-2", "none");
  if (random() % 2) request.state = (Wangge__V1__CaseState)(1 + random() % 13);
  request.grid = ONE_OF("", "", "", "370117001", "370117002001", "370117001001001", "370117002003004", "370117009");
  if (strcmp(request.district, "131102") == 0) request.grid = ONE_OF("", "131102001002003", "131102002");
  request.category =
      ONE_OF("", "", "城乡建设", "城乡建设/供水", "城乡建设/供水/停水", "交通运输", "城乡", "城乡建设-其他");
  if (random() % 3 == 0) request.due_from = NOW + random() % 40 * DAY;
  if (random() % 3 == 0) request.due_before = (request.due_from ? request.due_from : NOW) + (1 + random() % 30) * DAY;
  request.limit = (int32_t)(1 + random() % 90);
  return request;
}

// expected gives the orders of a plain query, with blanks behind each.
static const char *expected(const Wangge__V1__ListCasesRequest *r, const char *words, const char *order) {
  const char *sql = wg_arena_printf(
      fixture.arena,
      "SELECT coalesce(string_agg(order_id || ' ', '' ORDER BY %s), '') FROM (SELECT order_id, due_at FROM cases WHERE "
      "('%s' = '' OR district = '%s') AND ('%s' = '' OR department = '%s') AND (%d = 0 OR state = %d) "
      "AND grid_code LIKE '%s%%' AND ('%s' = '' OR category = '%s' OR category LIKE '%s/%%') "
      "AND due_at >= to_timestamp(%" PRId64 ") AND (%" PRId64 " = 0 OR due_at < to_timestamp(%" PRId64 ")) AND %s) c",
      order, r->district, r->district, r->department, r->department, (int)r->state, (int)r->state, r->grid, r->category,
      r->category, r->category, r->due_from / WG_SECOND_US, r->due_before, r->due_before / WG_SECOND_US, words);
  const struct wg_statement statement = {"", sql, 0};
  PGresult *result = PQexec(wg_db_raw(fixture.reader), statement.sql);
  if (PQresultStatus(result) != PGRES_TUPLES_OK) fail_msg("%s\n%s", PQresultErrorMessage(result), sql);
  const char *text = wg_arena_strdup(fixture.arena, PQgetvalue(result, 0, 0));
  PQclear(result);
  return text;
}

// paged gives what all pages give; a page is never longer than asked for.
static const char *paged(const struct wg_principal *caller, Wangge__V1__ListCasesRequest *request) {
  struct wg_buffer orders = {0};
  wg_buffer_text(&orders, "");
  for (int pages = 0;; pages++) {
    struct wg_error error = {0};
    const Wangge__V1__ListCasesResponse *page;
    fixture_must(ask(caller, request, &page, &error), &error);
    assert_true(page->n_cases <= (size_t)request->limit && pages <= CASES);
    for (size_t i = 0; i < page->n_cases; i++)
      wg_buffer_printf(&orders, "%" PRId64 " ", page->cases[i]->order_id);
    request->page_token = page->next_page_token;
    if (!*page->next_page_token) break;
  }
  const char *text = wg_arena_strdup(fixture.arena, wg_buffer_cstr(&orders));
  wg_buffer_free(&orders);
  return text;
}

static void pages_of_any_filters_are_what_a_plain_query_gives(void **state) {
  (void)state;
  int filled = 0;
  for (int round = 0; round < ROUNDS; round++) {
    Wangge__V1__ListCasesRequest request = any_filters();
    const char *wanted = expected(&request, "true", "due_at, order_id");
    const char *found = paged(&OPERATOR, &request);
    if (strcmp(found, wanted) != 0)
      fail_msg("round %d: district %s department %s state %d grid %s category %s: %s\nis not %s", round,
               request.district, request.department, (int)request.state, request.grid, request.category, found, wanted);
    filled += *wanted != 0;
  }
  assert_in_range(filled, ROUNDS / 3, ROUNDS);
}

static void check_search(const struct wg_principal *caller, const char *text, const char *words, int least) {
  Wangge__V1__ListCasesRequest request = any_filters();
  request.district = (char *)"370117";
  if (least) request = (Wangge__V1__ListCasesRequest)WANGGE__V1__LIST_CASES_REQUEST__INIT;
  if (least) request.district = (char *)"370117";
  if (strncmp(request.grid, "131102", 6) == 0) request.grid = (char *)"";
  if (!request.limit) request.limit = 20;
  request.text = (char *)(uintptr_t)text;
  const char *wanted = expected(&request, words, "order_id DESC"), *found = paged(caller, &request);
  if (strcmp(found, wanted) != 0) fail_msg("%s: %s\nis not %s", text, found, wanted);
  int count = 0;
  for (const char *at = wanted; *at; at++)
    count += *at == ' ';
  assert_true(count >= least);
}

static const char RARE[] = "title LIKE '%罕见字样%'";
static void search_all(void) {
  check_search(&OPERATOR, "罕见字样", RARE, 3);
  check_search(&OPERATOR, "停水", "title LIKE '%停水%'", 100);
  check_search(&OPERATOR, "wifi 信号7", "title LIKE '%WiFi%' AND title LIKE '%信号7%'", 10);
  check_search(&OPERATOR, "100%", "title LIKE '%100\\%%'", 100);
  check_search(&OPERATOR, "梯_故", "title LIKE '%梯\\_故%'", 100);
  check_search(&OPERATOR, "没有这样的", "false", 0);
  for (int round = 0; round < 60; round++)
    check_search(&OPERATOR, round % 2 ? "停水" : "拥堵 道路",
                 round % 2 ? "title LIKE '%停水%'" : "title LIKE '道路拥堵%'", 0);
}

static void a_search_finds_all_before_and_after_chunks_are_written(void **state) {
  (void)state;
  search_all();
  for (int chunk = 0; chunk < CHUNKS; chunk++) {
    tick();
    assert_int_equal(service->words_through, chunk);
    search_all();
  }
  assert_int_equal(fixture_count(&fixture, "SELECT count(DISTINCT chunk) FROM case_gram"), CHUNKS);
  tick(); // nothing more to write
  assert_int_equal(fixture.load_statements, 4);
  postgres_execute("DELETE FROM tracking.case_gram WHERE chunk >= 1"); // as after a crash long ago
  fixture_close(&fixture);
  fixture_open(&fixture);
  assert_int_equal(service->words_through, 0);
  search_all();
  tick();
  search_all();
}

static struct wg_item dispatched(int64_t order_id, const char *title) {
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.order_id = order_id;
  order.district = (char *)"370117";
  order.source = (char *)"hotline-12345";
  order.title = (char *)(uintptr_t)title;
  order.urgency = WANGGE__V1__URGENCY__URGENCY_NORMAL;
  order.received_at = NOW;
  Wangge__V1__Assignment assignment = WANGGE__V1__ASSIGNMENT__INIT;
  assignment.decided_by = (char *)"rule";
  assignment.decided_at = NOW;
  Wangge__V1__OrderDispatched event = WANGGE__V1__ORDER_DISPATCHED__INIT;
  event.order = &order;
  event.assignment = &assignment;
  return fixture_event(&fixture, &event.base, (uint64_t)order_id, NOW);
}

// An order whose event was parked comes when its chunk was written long ago, or in the very batch that writes it.
static void orders_that_come_late_are_found(void **state) {
  (void)state;
  postgres_execute("DELETE FROM tracking.cases WHERE order_id IN (300, 301, 2800) OR (order_id BETWEEN 512 AND 767)");
  fixture_close(&fixture);
  fixture_open(&fixture);
  struct wg_item in_the_batch[] = {{.kind = WG_ITEM_TICK, .traceparent = ""}, dispatched(300, "迟到的电话")};
  fixture_run(&fixture, in_the_batch, 2, NOW);
  struct wg_item later[] = {dispatched(301, "迟到的来信"), dispatched(600, "迟到的来访"), dispatched(601, "迟到的来人"),
                            dispatched(2800, "迟到的微信")};
  fixture_run(&fixture, later, 4, NOW);
  for (int chunk = 0; chunk < CHUNKS; chunk++) // in chunks that are written, and in those that are not
    tick();
  struct wg_item again[] = {dispatched(303, "迟到的来函"), dispatched(9001, "迟到的报告")};
  fixture_run(&fixture, again, 2, NOW);
  check_search(&OPERATOR, "迟到", "title LIKE '%迟到%'", 7);
  check_search(&OPERATOR, "迟到的来访", "title LIKE '%来访%'", 1);
  check_search(&OPERATOR, "罕见字样", RARE, 2);
}

static void rights_hold_for_lists_and_searches(void **state) {
  (void)state;
  tick();
  Wangge__V1__ListCasesRequest request = WANGGE__V1__LIST_CASES_REQUEST__INIT;
  request.limit = 100;
  for (int words = 0; words < 2; words++) {
    request.text = (char *)(words ? "停水" : "");
    const char *order = words ? "order_id DESC" : "due_at, order_id", *like = words ? "title LIKE '%停水%'" : "true";
    request.district = (char *)"370117";
    request.department = (char *)"water";
    const char *own = expected(&request, like, order);
    request.department = (char *)"";
    request.page_token = (char *)"";
    assert_string_equal(paged(&WATER, &request), own);
    request.department = (char *)"housing";
    assert_string_equal(paged(&WATER, &request), "");
    request.department = (char *)"";
    request.page_token = (char *)"";
    assert_string_equal(paged(&TAOCHENG, &request), "");
    request.district = (char *)"131102";
    request.page_token = (char *)"";
    assert_string_equal(paged(&TAOCHENG, &request), expected(&request, like, order));
  }
}

static void bad_questions_name_the_field(void **state) {
  (void)state;
  const struct {
    const char *field, *district, *grid, *category, *text, *token;
    int64_t due_from, due_before;
  } table[] = {
      {"grid", "", "3701", "", "", "", 0, 0},
      {"grid", "", "37011700100x", "", "", "", 0, 0},
      {"grid", "131102", "370117001", "", "", "", 0, 0},
      {"category", "", "", "a\nb", "", "", 0, 0},
      {"district", "", "", "", "停水", "", 0, 0},
      {"text", "370117", "", "", "水", "", 0, 0},
      {"page_token", "370117", "", "", "停水", "1.2", 0, 0},
      {"page_token", "370117", "", "", "停水", "0", 0, 0},
      {"page_token", "", "", "", "", "17", 0, 0},
      {"due_from", "", "", "", "", "", -1, 0},
      {"due_before", "", "", "", "", "", 5, 5},
      {"district", "37011x", "", "", "停水", "", 0, 0},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    Wangge__V1__ListCasesRequest request = WANGGE__V1__LIST_CASES_REQUEST__INIT;
    request.district = (char *)(uintptr_t)table[i].district;
    request.grid = (char *)(uintptr_t)table[i].grid;
    request.category = (char *)(uintptr_t)table[i].category;
    request.text = (char *)(uintptr_t)table[i].text;
    request.page_token = (char *)(uintptr_t)table[i].token;
    request.due_from = table[i].due_from;
    request.due_before = table[i].due_before;
    struct wg_error error = {0};
    const Wangge__V1__ListCasesResponse *page;
    assert_int_equal(ask(&OPERATOR, &request, &page, &error), WG_INVALID_ARGUMENT);
    assert_string_equal(error.field, table[i].field);
  }
}

// A call that the database does not answer in time leaves no transaction behind; the connection goes on.
static void a_list_that_takes_too_long_ends_alone(void **state) {
  (void)state;
  struct wg_error error = {0};
  struct wg_db *holder = postgres_connect("tracking");
  fixture_must(wg_db_exec(holder, "BEGIN; LOCK TABLE cases IN ACCESS EXCLUSIVE MODE", &error), &error);
  fixture_must(wg_db_exec(fixture.reader, "SET statement_timeout = 50", &error), &error);
  Wangge__V1__ListCasesRequest request = WANGGE__V1__LIST_CASES_REQUEST__INIT;
  const Wangge__V1__ListCasesResponse *page;
  assert_int_equal(ask(&OPERATOR, &request, &page, &error), WG_DEADLINE_EXCEEDED);
  wg_db_close(holder);
  error = (struct wg_error){0};
  fixture_must(ask(&OPERATOR, &request, &page, &error), &error);
  assert_int_equal(page->n_cases, 50);
}

// Twenty thousand cases that each filter alone names, and hardly one that all name together.
static const char MANY[] = FIXTURE_UNKEYED
    "INSERT INTO tracking.cases (district, order_id, source, state, department, urgency, category, title, opened_at, "
    "routed_to, routed_by, routed_why, routed_at, due_at, due_rule, result, steps, grid_code) "
    "SELECT '370117', n, 's', 3, CASE WHEN n % 4999 = 0 THEN 'water' ELSE 'many' END, 1, '城乡建设/供热/室温', "
    "'全部停水', now(), "
    "'', '', '', now(), to_timestamp(1772413200 + n % 7 * 86400), '', '', 1, "
    "CASE WHEN n % 6007 = 0 THEN '370117003001001' ELSE '370117004001001' END "
    "FROM generate_series(100001, 120000) n; " FIXTURE_KEYED;

// pages_of counts the calls until all was looked at, and those of them that gave nothing and a token.
static int pages_of(Wangge__V1__ListCasesRequest *request, int *empty) {
  *empty = 0;
  for (int pages = 1;; pages++) {
    struct wg_error error = {0};
    const Wangge__V1__ListCasesResponse *page;
    fixture_must(ask(&OPERATOR, request, &page, &error), &error);
    request->page_token = page->next_page_token;
    if (!*page->next_page_token) return pages;
    *empty += page->n_cases == 0;
  }
}

static void a_call_looks_at_a_bounded_number_of_cases(void **state) {
  (void)state;
  postgres_execute(MANY);
  const struct {
    const char *department, *category, *grid;
    int fits, least, most; // calls, each of which looks at 3,000 of 20,000
  } table[] = {{"water", "城乡建设/供热/室温", "", 4, 5, 14},
               {"water", "", "370117004001001", 4, 5, 14},
               {"many", "城乡建设/供热", "370117003001001", 3, 5, 14},
               {"many", "", "370117003", 3, 5, 14},
               {"none", "城乡建设/供热/室温", "", 0, 5, 14}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    Wangge__V1__ListCasesRequest request = WANGGE__V1__LIST_CASES_REQUEST__INIT;
    request.district = (char *)"370117";
    request.department = (char *)(uintptr_t)table[i].department;
    request.category = (char *)(uintptr_t)table[i].category;
    request.grid = (char *)(uintptr_t)table[i].grid;
    const char *wanted = expected(&request, "true", "due_at, order_id");
    int count = 0;
    for (const char *at = wanted; *at; at++)
      count += *at == ' ';
    assert_int_equal(count, table[i].fits);
    request.limit = 50;
    assert_string_equal(paged(&OPERATOR, &request), wanted);
    request.page_token = (char *)"";
    int empty;
    const int pages = pages_of(&request, &empty);
    assert_in_range(pages, table[i].least, table[i].most);
    assert_true(table[i].fits || empty);
  }
}

static void a_search_looks_at_a_bounded_number_of_orders(void **state) {
  (void)state;
  postgres_execute(MANY);
  fixture_close(&fixture);
  fixture_open(&fixture);
  for (int written = 0; written < 2; written++) {
    Wangge__V1__ListCasesRequest request = WANGGE__V1__LIST_CASES_REQUEST__INIT;
    request.district = (char *)"370117";
    request.department = (char *)"water";
    request.text = (char *)"全部停水";
    request.limit = 50;
    const char *wanted = expected(&request, "title LIKE '%全部停水%'", "order_id DESC");
    assert_string_equal(paged(&OPERATOR, &request), wanted);
    request.page_token = (char *)"";
    int empty;
    const int pages = pages_of(&request, &empty);
    // 20,000 orders; read one by one, those of a chunk cost more
    assert_in_range(pages, written ? 20 : 2, written ? 100 : 14);
    assert_true(!written || empty);
    for (int chunk = 0; chunk < 8; chunk++)
      tick();
    assert_int_equal(service->words_through, 120000 / WORDS_CHUNK - 1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
      TEST(pages_of_any_filters_are_what_a_plain_query_gives),
      TEST(a_search_finds_all_before_and_after_chunks_are_written),
      TEST(orders_that_come_late_are_found),
      TEST(rights_hold_for_lists_and_searches),
      TEST(bad_questions_name_the_field),
      TEST(a_list_that_takes_too_long_ends_alone),
      TEST(a_call_looks_at_a_bounded_number_of_cases),
      TEST(a_search_looks_at_a_bounded_number_of_orders),
  };
  return cmocka_run_group_tests_name("tracking_list", tests, set_up_group, tear_down_group);
}

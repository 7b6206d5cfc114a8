// From a record or a JSON line to an order: import profiles, terms, times, and what is wrong with them.
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "ops/cli/order.h"
#include "ops/cli/profile.h"

#include <stdlib.h>
#include <unistd.h>

static struct wg_arena *arena;

static int setup(void **state) {
  (void)state;
  arena = wg_arena_create(16 * 1024);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  wg_arena_destroy(arena);
  return 0;
}

static char *message_header[] = {"留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "反对数", "点赞数"};

static struct cli_profile *choose(const char *wanted, char **header, int columns, const char *complaint) {
  struct cli_profile *profile = NULL;
  struct wg_error error = {0};
  wg_status status = cli_profile_choose(wanted, header, columns, arena, &profile, &error);
  if (complaint == NULL && status != WG_OK) fail_msg("%s", error.message);
  if (complaint != NULL) {
    assert_int_not_equal(status, WG_OK);
    if (strstr(error.message, complaint) == NULL) fail_msg("\"%s\" does not say \"%s\"", error.message, complaint);
  }
  return profile;
}

static Wangge__V1__NewOrder *apply(const struct cli_profile *profile, char **cells, int count) {
  Wangge__V1__NewOrder *order = NULL;
  struct wg_error error = {0};
  if (cli_profile_apply(profile, cells, count, arena, &order, &error) != WG_OK) fail_msg("%s", error.message);
  return order;
}

static struct cli_profile *own_profile(const char *text, const char *complaint) {
  char path[] = "/tmp/wangge-profile-XXXXXX.ini";
  int fd = mkstemps(path, 4);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  close(fd);
  char *header[] = {"no", "what", "when"};
  struct cli_profile *profile = choose(path, header, 3, complaint);
  unlink(path);
  return profile;
}

static void the_header_finds_its_profile(void **state) {
  (void)state;
  assert_string_equal(choose(NULL, message_header, 7, NULL)->name, "messages");
  char *replies[] = {"留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间"};
  assert_string_equal(choose(NULL, replies, 7, NULL)->name, "replies");
  char *labelled[] = {"留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "一级标签"};
  assert_string_equal(choose(NULL, labelled, 6, NULL)->name, "labelled");
}

static void the_order_of_columns_does_not_matter(void **state) {
  (void)state;
  char *header[] = {"点赞数", "留言详情", "留言编号", "反对数", "留言用户", "留言时间", "留言主题"};
  char *cells[] = {"3", "楼上漏水", "188006", "0", "A000102948", "2019-02-28 11:25:05", "投诉物业"};
  const Wangge__V1__NewOrder *order = apply(choose(NULL, header, 7, NULL), cells, 7);
  assert_string_equal(order->external_id, "188006");
  assert_string_equal(order->text, "楼上漏水");
  assert_string_equal(order->reporter->name, "A000102948");
}

static void a_message_becomes_an_order(void **state) {
  (void)state;
  char *cells[] = {"188007", "A00074795", "咨询A6区道路命名", "2019-02-14 20:00:00", "什么时候能转化成为正式的成果",
                   "0",      "1"};
  const struct cli_profile *profile = choose("messages", message_header, 7, NULL);
  const Wangge__V1__NewOrder *order = apply(profile, cells, 7);
  assert_int_equal(order->kind, WANGGE__V1__ORDER_KIND__ORDER_KIND_CONSULTATION);
  assert_int_equal(order->occurred_at,
                   wg_civil_to_us((struct wg_civil){.year = 2019, .month = 2, .day = 14, .hour = 20}));
  cells[2] = "路灯坏了";
  assert_int_equal(apply(profile, cells, 7)->kind, WANGGE__V1__ORDER_KIND__ORDER_KIND_HELP);
}

// The contract knows LF only; files from spreadsheets have CRLF in their cells. A lone CR stays, for the service to
// name.
static void a_line_break_in_a_cell_becomes_a_line_feed(void **state) {
  (void)state;
  char *cells[] = {"188008", "A0007\r\n", "两行\r\n", "2019-02-14 20:00:00", "\r\n第一行\r\n\r\n第二行\r第三行\r",
                   "0",      "1"};
  const Wangge__V1__NewOrder *order = apply(choose("messages", message_header, 7, NULL), cells, 7);
  assert_string_equal(order->title, "两行\n");
  assert_string_equal(order->text, "\n第一行\n\n第二行\r第三行\r");
  assert_string_equal(order->reporter->name, "A0007\n");
  struct wg_error error = {0};
  Wangge__V1__NewOrder *json;
  assert_int_equal(cli_order_json("{\"text\": \"a\\r\\nb\"}", arena, &json, &error), WG_OK);
  assert_string_equal(json->text, "a\nb");
}

static void a_missing_column_and_a_strange_header_are_named(void **state) {
  (void)state;
  char *missing[] = {"留言编号", "留言用户", "留言主题", "留言时间", "反对数", "点赞数"};
  choose(NULL, missing, 6, "留言详情");
  choose("messages", missing, 6, "留言详情");
  char *strange[] = {"id", "name"};
  choose(NULL, strange, 2, "no import profile fits");
  char *twice[] = {"留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "反对数", "点赞数", "留言编号"};
  choose(NULL, twice, 8, "twice");
}

static void constants_win_and_fallbacks_fill(void **state) {
  (void)state;
  const struct cli_profile *profile = own_profile("[columns]\nexternal_id = no\ntext = what\noccurred_at = when\n"
                                                  "urgency = what\n[constants]\nurgency = 特急\ndistrict = 370117\n"
                                                  "[fallbacks]\ntext = (empty)\nkind = 投诉\n"
                                                  "[time]\nformat = %d.%m.%Y %H:%M\n",
                                                  NULL);
  char *cells[] = {"7", "", "28.02.2026 09:30"};
  const Wangge__V1__NewOrder *order = apply(profile, cells, 3);
  assert_int_equal(order->urgency, WANGGE__V1__URGENCY__URGENCY_EXTRA_URGENT);
  assert_int_equal(order->kind, WANGGE__V1__ORDER_KIND__ORDER_KIND_COMPLAINT);
  assert_string_equal(order->text, "(empty)");
  assert_string_equal(order->district, "370117");
  assert_int_equal(order->occurred_at,
                   wg_civil_to_us((struct wg_civil){.year = 2026, .month = 2, .day = 28, .hour = 9, .minute = 30}));
}

static void a_wrong_cell_names_its_field(void **state) {
  (void)state;
  const struct cli_profile *profile =
      own_profile("[columns]\nexternal_id = no\nkind = what\noccurred_at = when\n", NULL);
  struct wg_error error = {0};
  Wangge__V1__NewOrder *order;
  char *kind[] = {"7", "抱怨", "2026-02-28"}, *time[] = {"7", "投诉", "2026-02-30"};
  assert_int_equal(cli_profile_apply(profile, kind, 3, arena, &order, &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "kind");
  assert_int_equal(cli_profile_apply(profile, time, 3, arena, &order, &error), WG_INVALID_ARGUMENT);
  assert_string_equal(error.field, "occurred_at");
}

static void a_wrong_profile_is_refused(void **state) {
  (void)state;
  own_profile("[columns]\nphone = no\n", "no field \"phone\"");
  own_profile("[columns]\ntext = elsewhere\n", "elsewhere");
  own_profile("[fallbacks]\nkind = 投诉\n", "maps no column");
  own_profile("[colums]\ntext = what\n", "[colums]");
  own_profile("[columns]\ntext = what\n[kind_words]\nmoaning = 抱怨\n", "moaning");
}

// --- JSON ---

static wg_status json(const char *line, Wangge__V1__NewOrder **order, struct wg_error *error) {
  *error = (struct wg_error){0};
  return cli_order_json(line, arena, order, error);
}

static void json_may_be_lower_snake_or_lower_camel(void **state) {
  (void)state;
  Wangge__V1__NewOrder *order;
  struct wg_error error;
  assert_int_equal(json("{\"externalId\":\"R1\",\"kind\":\"ORDER_KIND_PRAISE\",\"occurredAt\":\"1740828720000000\","
                        "\"gridCode\":\"131102002028006\",\"position\":{\"lon\":115.77,\"lat\":37},"
                        "\"reporter\":{\"name\":\"许某\",\"phone\":\"100\"},\"confidential\":true}",
                        &order, &error),
                   WG_OK);
  assert_string_equal(order->external_id, "R1");
  assert_int_equal(order->kind, WANGGE__V1__ORDER_KIND__ORDER_KIND_PRAISE);
  assert_int_equal(order->occurred_at, INT64_C(1740828720000000));
  assert_true(order->position->lat == 37.0);
  assert_string_equal(order->reporter->name, "许某");
  assert_true(order->confidential);
  assert_int_equal(json("{\"external_id\":\"R1\",\"kind\":\"praise\",\"urgency\":\"紧急\",\"grid_code\":\"1\","
                        "\"occurred_at\":\"2026-11-27T20:39:20+08:00\",\"attachments\":[{\"sha256\":\"ab\","
                        "\"mediaType\":\"image/jpeg\",\"sizeBytes\":\"12\"}]}",
                        &order, &error),
                   WG_OK);
  assert_int_equal(order->urgency, WANGGE__V1__URGENCY__URGENCY_URGENT);
  assert_int_equal(order->n_attachments, 1);
  assert_int_equal(order->attachments[0]->size_bytes, 12);
}

static void wrong_json_names_what_is_wrong(void **state) {
  (void)state;
  static const struct {
    const char *line, *field;
  } cases[] = {
      {"", ""},
      {"{", ""},
      {"[1]", ""},
      {"{\"text\":\"a\",\"text\":\"b\"}", ""},
      {"{\"phone\":\"1\"}", "phone"},
      {"{\"kind\":\"moan\"}", "kind"},
      {"{\"text\":[1]}", "text"},
      {"{\"position\":{\"lon\":\"east\"}}", "position.lon"},
      {"{\"position\":{\"height\":1}}", "position.height"},
      {"{\"occurredAt\":\"yesterday\"}", "occurred_at"},
      {"{\"attachments\":{}}", "attachments"},
      {"{\"attachments\":[{\"size\":1}]}", "attachments"},
      {"{\"confidential\":\"perhaps\"}", "confidential"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    Wangge__V1__NewOrder *order;
    struct wg_error error;
    if (json(cases[i].line, &order, &error) != WG_INVALID_ARGUMENT) fail_msg("%s was taken", cases[i].line);
    assert_string_equal(error.field, cases[i].field);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(the_header_finds_its_profile),     TEST(the_order_of_columns_does_not_matter),
      TEST(a_message_becomes_an_order),       TEST(a_line_break_in_a_cell_becomes_a_line_feed),
      TEST(a_message_becomes_an_order),       TEST(a_missing_column_and_a_strange_header_are_named),
      TEST(constants_win_and_fallbacks_fill), TEST(a_wrong_cell_names_its_field),
      TEST(a_wrong_profile_is_refused),       TEST(json_may_be_lower_snake_or_lower_camel),
      TEST(wrong_json_names_what_is_wrong),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// What leaves intake of an order's texts, and what a dispatcher may write for handlers of a held one.
#include "tests/unit/unit.h"

#include "services/intake/accept.h"
#include "services/intake/disclose.h"
#include "tests/unit/intake_fixture.h"

static struct wg_arena *arena;

static Wangge__V1__Order an_order(bool confidential, Wangge__V1__OrderKind kind) {
  static Wangge__V1__Attachment photo = WANGGE__V1__ATTACHMENT__INIT;
  static Wangge__V1__Attachment *photos[] = {&photo};
  Wangge__V1__Order order = WANGGE__V1__ORDER__INIT;
  order.confidential = confidential;
  order.kind = kind;
  order.title = (char *)"停水，13812345678";
  order.text = (char *)"请打一三八一二三四五六七八";
  order.address = (char *)"铁流花园3号楼 0634-6212345";
  order.n_attachments = 1;
  order.attachments = photos;
  return order;
}

static void numbers_go_words_stay(void **state) {
  (void)state;
  Wangge__V1__Order order = an_order(false, WANGGE__V1__ORDER_KIND__ORDER_KIND_HELP);
  intake_disclose(&order, NULL, arena);
  assert_string_equal(order.title, "停水，138****5678");
  assert_string_equal(order.text, "请打一三八****五六七八");
  assert_string_equal(order.address, "铁流花园3号楼 0634-*******");
  assert_false(order.text_held);
  assert_int_equal(order.n_attachments, 1);
  assert_string_equal(intake_disclose_text(false, "回电13812345678", arena), "回电138****5678");
}

static void the_reporters_name_goes(void **state) {
  (void)state;
  Wangge__V1__Order order = an_order(false, WANGGE__V1__ORDER_KIND__ORDER_KIND_HELP);
  Wangge__V1__Reporter reporter = WANGGE__V1__REPORTER__INIT;
  Wangge__V1__DirectAnswer answer = WANGGE__V1__DIRECT_ANSWER__INIT;
  reporter.name = (char *)"王小明";
  answer.text = (char *)"已告知王小明拨打 0634-6212345";
  order.title = (char *)"王小明家停水";
  order.text = (char *)"王小明请打13812345678";
  order.address = (char *)"3号楼王小明家";
  order.answer = &answer;
  intake_disclose(&order, &reporter, arena);
  assert_string_equal(order.title, "**家停水");
  assert_string_equal(order.text, "**请打138****5678");
  assert_string_equal(order.address, "3号楼**家");
  assert_string_equal(order.answer->text, "已告知**拨打 0634-6212345");
  assert_string_equal(answer.text, "已告知王小明拨打 0634-6212345"); // what the caller gave is not touched
}

static void a_held_text_goes_whole(void **state) {
  (void)state;
  const struct {
    bool confidential;
    Wangge__V1__OrderKind kind;
  } held[] = {{true, WANGGE__V1__ORDER_KIND__ORDER_KIND_HELP}, {false, WANGGE__V1__ORDER_KIND__ORDER_KIND_REPORT}};
  for (size_t i = 0; i < 2; i++) {
    Wangge__V1__Order order = an_order(held[i].confidential, held[i].kind);
    intake_disclose(&order, NULL, arena);
    assert_true(order.text_held);
    assert_string_equal(order.text, "");
    assert_string_equal(order.title, "停水，138****5678");
    assert_int_equal(order.n_attachments, 0);
  }
  assert_string_equal(intake_disclose_text(true, "是我说的", arena), INTAKE_HELD_NOTE);
}

static struct wg_error rewrite(struct intake_subject *subject, const char *text, bool named, bool *fresh) {
  struct wg_principal dispatcher = fixture_source("dispatcher");
  dispatcher.roles = WG_ROLE_DISPATCHER;
  Wangge__V1__RewriteRequest request = WANGGE__V1__REWRITE_REQUEST__INIT;
  request.order_id = subject->order_id;
  request.rewrite_id = (char *)"r1";
  request.text = (char *)text;
  struct wg_error error = {0};
  intake_rewrite(subject, &dispatcher, &request, named, arena, fresh, &error);
  return error;
}

static void handlers_learn_nothing_of_the_person(void **state) {
  (void)state;
  struct intake_subject subject = {.order_id = 1, .found = true, .district = "370117", .source = "s", .held = true};
  bool fresh = true;
  assert_string_equal(rewrite(&subject, "张某反映漏水", true, &fresh).field, "text");
  assert_string_equal(rewrite(&subject, "请联系１３８１２３４５６７８", false, &fresh).field, "text");
  assert_false(fresh);
  assert_int_equal(rewrite(&subject, "3号楼有人违规施工", false, &fresh).code, WG_OK);
  assert_true(fresh);
  assert_int_equal(rewrite(&subject, "3号楼有人违规施工", false, &fresh).code, WG_OK);
  assert_false(fresh);
  assert_int_equal(rewrite(&subject, "别的", false, &fresh).code, WG_ALREADY_EXISTS);
  subject.held = false;
  assert_int_equal(rewrite(&subject, "3号楼有人违规施工", false, &fresh).code, WG_FAILED_PRECONDITION);
  struct intake_subject gone = {.order_id = 1, .found = true, .district = "370117", .source = "s", .held = true};
  gone.withdrawn = true;
  assert_int_equal(rewrite(&gone, "有人违规施工", false, &fresh).code, WG_FAILED_PRECONDITION);
  gone = (struct intake_subject){.order_id = 1};
  assert_int_equal(rewrite(&gone, "有人违规施工", false, &fresh).code, WG_NOT_FOUND);
}

static void a_key_is_a_supplement_s_or_a_rewrite_s(void **state) {
  (void)state;
  struct intake_note note = {.supplement_id = "r1", .text = "有人违规施工"};
  struct intake_subject subject = {.order_id = 1,
                                   .found = true,
                                   .district = "370117",
                                   .source = "s",
                                   .held = true,
                                   .supplements = 1,
                                   .notes = &note};
  bool fresh = true;
  assert_int_equal(rewrite(&subject, "有人违规施工", false, &fresh).code, WG_ALREADY_EXISTS);
}

static int setup(void **state) {
  (void)state;
  arena = wg_arena_create(4096);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  wg_arena_destroy(arena);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_go_words_stay), cmocka_unit_test(the_reporters_name_goes),
                                     cmocka_unit_test(a_held_text_goes_whole),
                                     cmocka_unit_test(handlers_learn_nothing_of_the_person),
                                     cmocka_unit_test(a_key_is_a_supplement_s_or_a_rewrite_s)};
  return cmocka_run_group_tests(tests, setup, teardown);
}

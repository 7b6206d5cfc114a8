// Sheets of notices: nothing from outside becomes markup, the same bytes come out twice, a draft does not look like a
// posting, and what the codes hold is a checkpoint that can be read back.
#include "tests/unit/unit.h"

#include "services/land/ledger/checkpoint.h"
#include "services/land/notice/notices.h"
#include "services/land/notice/sheet.h"

static struct wg_arena *arena;
static uint8_t hash[LAND_HASH_BYTES];
static Wangge__V1__NoticeSubject subject, *subjects[40];
static Wangge__V1__Notice notice;
static const struct land_sheet sheet = {"131102101201", "notice-41", &notice};

static int setup(void **state) {
  (void)state;
  arena = wg_arena_create(64 * 1024);
  for (size_t i = 0; i < sizeof hash; i++)
    hash[i] = (uint8_t)(i * 7 + 1);
  wangge__v1__notice_subject__init(&subject);
  subject.kind = "parcel";
  subject.id = "P-1";
  subject.label = "村东边角地";
  subject.sha256 = (ProtobufCBinaryData){sizeof hash, hash};
  for (size_t i = 0; i < 40; i++)
    subjects[i] = &subject;
  wangge__v1__notice__init(&notice);
  notice.state = NOTICE_STATE(POSTED);
  notice.kind = WANGGE__V1__NOTICE_KIND__NOTICE_KIND_PLAN;
  notice.title = "闲散地块承包方案";
  notice.text = "一、地块两块。\n二、期限五年。";
  notice.village_name = "前桃村";
  notice.days = 15;
  notice.posted_at = INT64_C(1772431200000000);
  notice.posted_on = "2026-03-02";
  notice.ends_on = "2026-03-17";
  notice.tree_size = 41;
  notice.content_sha256 = notice.tree_root = subject.sha256;
  notice.subjects = subjects;
  notice.n_subjects = 1;
  return 0;
}

static int teardown(void **state) {
  (void)state;
  wg_arena_destroy(arena);
  return 0;
}

static const char *html(void) {
  struct wg_buffer out = {0};
  land_sheet_html(&sheet, arena, &out);
  const char *text = wg_arena_strdup(arena, wg_buffer_cstr(&out));
  wg_buffer_free(&out);
  return text;
}

static struct wg_bytes pdf(int *missing) {
  struct wg_buffer out = {0};
  struct wg_error error = {0};
  if (land_sheet_pdf(&sheet, arena, &out, missing, &error) != WG_OK) fail_msg("%s", error.message);
  uint8_t *copy = wg_arena_alloc(arena, out.size);
  memcpy(copy, out.data, out.size);
  const struct wg_bytes bytes = {copy, out.size};
  wg_buffer_free(&out);
  return bytes;
}

static void nothing_from_outside_is_markup(void **state) {
  (void)state;
  char evil[] = "<script>alert('1')</script>\"&\x01";
  notice.title = notice.text = notice.village_name = subject.label = subject.summary = subject.id = subject.kind = evil;
  char *places[] = {evil};
  notice.places = places;
  notice.n_places = 1;
  const char *text = html();
  assert_null(strstr(text, "<script"));
  assert_null(strstr(text, "'1'"));
  assert_null(strchr(text, 1));
  int found = 0;
  for (const char *at = text; (at = strstr(at, "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;")); at++)
    found++;
  assert_int_equal(found, 10); // title and h1 with the village, fact of the village, h2, text, place, four of the row
}

static void the_sheet_says_what_can_be_verified(void **state) {
  (void)state;
  const char *text = html();
  assert_non_null(strstr(text, "01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3da"));
  assert_non_null(strstr(text, "AQgPFh0kKzI5QEdOVVxjanF4f4aNlJuiqbC3vsXM09o="));
  assert_non_null(strstr(text, "<td>41</td>"));
  assert_non_null(strstr(text, "2026-03-02 张榜，自次日起 15 日，至 2026-03-17 24 时止"));
  struct land_checkpoint checkpoint;
  struct wg_error error = {0};
  assert_int_equal(land_checkpoint_read(wg_bytes_of(land_sheet_checkpoint(&sheet, arena)), &checkpoint, &error), WG_OK);
  assert_string_equal(land_checkpoint_village(&checkpoint), "131102101201");
  assert_int_equal(checkpoint.size, 41);
  assert_memory_equal(checkpoint.root, hash, sizeof hash);
}

static void a_draft_and_a_void_notice_say_so_and_prove_nothing(void **state) {
  (void)state;
  assert_null(strstr(html(), "作废"));
  notice.state = NOTICE_STATE(VOID);
  assert_non_null(strstr(html(), "<p class=\"mark\">作废"));
  notice.state = NOTICE_STATE(DRAFT);
  notice.content_sha256 = notice.tree_root = (ProtobufCBinaryData){0, NULL};
  const char *text = html();
  assert_non_null(strstr(text, "<p class=\"mark\">草稿"));
  assert_null(strstr(text, "<svg"));
  assert_null(strstr(text, "内容哈希</th><td>"));
  int missing;
  pdf(&missing);
}

static void the_same_sheet_is_the_same_bytes(void **state) {
  (void)state;
  notice.n_subjects = 40; // several pages
  int missing = -1;
  const struct wg_bytes first = pdf(&missing), second = pdf(&missing);
  assert_int_equal(missing, 0);
  assert_int_equal(first.size, second.size);
  assert_memory_equal(first.data, second.data, first.size);
  assert_memory_equal(first.data, "%PDF-", 5);
  assert_non_null(memmem(first.data, first.size, "/FontFile3", 10)); // embedded
  assert_null(memmem(first.data, first.size, "/Count 1\n", 9));
  assert_string_equal(html(), html());
}

static void rare_characters_of_names_are_there_and_others_are_counted(void **state) {
  (void)state;
  int missing = -1;
  notice.title = "𬱖、𠮷、䶮、㛃"; // of the 通用规范汉字表, some outside the first plane
  pdf(&missing);
  assert_int_equal(missing, 0);
  notice.title = "\xF4\x8F\xBF\xBD"; // U+10FFFD: private, no font has it
  pdf(&missing);
  assert_int_equal(missing, 1);
}

int main(void) {
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(nothing_from_outside_is_markup),
      TEST(the_sheet_says_what_can_be_verified),
      TEST(a_draft_and_a_void_notice_say_so_and_prove_nothing),
      TEST(the_same_sheet_is_the_same_bytes),
      TEST(rare_characters_of_names_are_there_and_others_are_counted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

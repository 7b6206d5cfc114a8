// Notices: how long they stand, what they are bound to, what ends and voids them, and what others may conclude.
#include "tests/unit/land_book.h"
#include "tests/unit/records.h"
#include "tests/unit/unit.h"

#include "services/land/ledger/hash.h"
#include "services/land/notice/notices.h"

#include <sodium.h>

#define SURVEY WANGGE__V1__NOTICE_KIND__NOTICE_KIND_SURVEY
#define PLAN WANGGE__V1__NOTICE_KIND__NOTICE_KIND_PLAN
#define MONDAY "2026-03-02"

static struct land_book *book;

static int setup(void **state) {
  (void)state;
  book = land_book_open(land_book_day(MONDAY));
  return 0;
}

static int teardown(void **state) {
  (void)state;
  land_book_close(book);
  return 0;
}

// --- what tests write ---
static Wangge__V1__LandRecord party_record(Wangge__V1__LandParty *party, char *id, char *name) {
  wangge__v1__land_party__init(party);
  party->kind = WANGGE__V1__PARTY_KIND__PARTY_KIND_HOUSEHOLD;
  party->name = name;
  Wangge__V1__LandRecord record = WANGGE__V1__LAND_RECORD__INIT;
  record.id = id;
  record.body_case = WANGGE__V1__LAND_RECORD__BODY_PARTY;
  record.party = party;
  return record;
}

static void put_party(char *id, char *name) {
  Wangge__V1__LandParty party;
  Wangge__V1__LandRecord record = party_record(&party, id, name);
  land_book_put(book, &record);
}

static struct land_write *change_party(char *id, char *name) {
  Wangge__V1__LandParty party;
  Wangge__V1__LandRecord record = party_record(&party, id, name);
  return land_book_change(book, &record);
}

static const char *draft(int kind, int days, char *subject) {
  Wangge__V1__NoticeSubjectRef ref = WANGGE__V1__NOTICE_SUBJECT_REF__INIT, *refs[] = {&ref};
  ref.kind = "party";
  ref.id = subject;
  char *places[] = {"村委会公告栏", "小学门口"};
  Wangge__V1__DraftNoticeRequest request = WANGGE__V1__DRAFT_NOTICE_REQUEST__INIT;
  request.kind = (Wangge__V1__NoticeKind)kind;
  request.title = "农户信息公示";
  request.days = days;
  request.subjects = refs;
  request.n_subjects = 1;
  request.places = places;
  request.n_places = 2;
  return land_book_must(book, &request.base)->changed[0]->id;
}

static const char *post(int kind, char *subject) {
  const char *id = draft(kind, 0, subject);
  Wangge__V1__PostNoticeRequest request = WANGGE__V1__POST_NOTICE_REQUEST__INIT;
  request.notice_id = (char *)(uintptr_t)id;
  land_book_must(book, &request.base);
  return id;
}

static const Wangge__V1__Notice *notice(const char *id) {
  const Wangge__V1__LandRecord *record = land_book_get(book, LAND_KIND(NOTICE), id);
  assert_non_null(record);
  return record->notice;
}

static bool clear(int kind, const char *subject, int32_t *day) {
  struct land_write *look = land_book_look(book);
  uint8_t hash[LAND_SUBJECT_BYTES];
  assert_true(land_subject_sha256(look, LAND_KIND(PARTY), subject, hash));
  return land_notice_clear(look, kind, hash, day);
}

static const char *object_to(const char *id, char *name) {
  Wangge__V1__FileObjectionRequest request = WANGGE__V1__FILE_OBJECTION_REQUEST__INIT;
  request.notice_id = (char *)(uintptr_t)id;
  request.channel = WANGGE__V1__OBJECTION_CHANNEL__OBJECTION_CHANNEL_VISIT;
  request.anonymous = !name;
  if (name) request.name = name;
  request.text = "名单有误";
  return land_book_must(book, &request.base)->changed[0]->id;
}

static const Wangge__V1__Objection *objection(const char *id) {
  const Wangge__V1__LandRecord *record = land_book_get(book, LAND_KIND(OBJECTION), id);
  assert_non_null(record);
  return record->objection;
}

static Wangge__V1__AdmitObjectionRequest admitting(const char *id, bool admissible) {
  Wangge__V1__AdmitObjectionRequest request = WANGGE__V1__ADMIT_OBJECTION_REQUEST__INIT;
  request.objection_id = (char *)(uintptr_t)id;
  request.admissible = admissible;
  request.reply = "已受理";
  return request;
}

static Wangge__V1__DecideObjectionRequest deciding(const char *id, bool upheld) {
  Wangge__V1__DecideObjectionRequest request = WANGGE__V1__DECIDE_OBJECTION_REQUEST__INIT;
  request.objection_id = (char *)(uintptr_t)id;
  request.upheld = upheld;
  request.reply = "经核实";
  return request;
}

static void decide_as(const char *person, const char *id, bool upheld) {
  book->person = person;
  if (objection(id)->state == OBJECTION_STATE(FILED)) {
    Wangge__V1__AdmitObjectionRequest admit = admitting(id, true);
    land_book_must(book, &admit.base);
  }
  Wangge__V1__DecideObjectionRequest decide = deciding(id, upheld);
  land_book_must(book, &decide.base);
  book->person = "王测试";
}

// --- periods ---
// The days off are those of the State Council's notice for 2026: 1 to 7 October, 10 October works.
static void a_period_ends_on_a_working_day(void **state) {
  (void)state;
  static const struct {
    const char *posted;
    int days;
    const char *ends;
  } rows[] = {
      {"2026-03-02", 7, "2026-03-09"},  // Monday to Monday
      {"2026-03-02", 15, "2026-03-17"}, // day of posting is day 0
      {"2026-03-07", 7, "2026-03-16"},  // posted on a Saturday: day 7 is one too, Monday is the last
      {"2026-03-01", 7, "2026-03-09"},  // a Sunday as last day: the Monday behind it
      {"2026-09-24", 7, "2026-10-08"},  // day 7 is National Day: the first working day behind the holiday
      {"2026-09-30", 7, "2026-10-08"},  // the last day of the holiday
      {"2026-10-03", 7, "2026-10-10"},  // a Saturday that is worked
      {"2026-12-25", 7, "2027-01-01"},  // of a year without notice only weekends are known: a Friday
  };
  struct records *records = records_create();
  records_add_file(records, "calendar_day", WANGGE_SHARE "/ops/demo/reference/calendar_day.csv");
  records_add_file(records, "calendar_year", WANGGE_SHARE "/ops/demo/reference/calendar_year.csv");
  struct wg_calendars *calendars = NULL;
  struct wg_error error = {0};
  assert_int_equal(wg_calendars_build(RECORDS(records), &calendars, &error), WG_OK);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const int32_t end =
        land_period_end(wg_calendars_of(calendars, "370117"), land_book_day(rows[i].posted), rows[i].days);
    assert_string_equal(land_day_text(book->arena, end), rows[i].ends);
  }
  wg_calendars_close(calendars);
  records_destroy(records);
}

static void a_notice_lasts_as_long_as_the_calendar_that_came_later_says(void **state) {
  (void)state;
  put_party("h-1", "张三户");
  book->today = land_book_day("2026-09-24");
  const char *id = post(SURVEY, "h-1");
  assert_string_equal(notice(id)->ends_on, "2026-10-01"); // a Thursday like others, as far as was known
  struct records *records = records_create();
  records_add_file(records, "calendar_day", WANGGE_SHARE "/ops/demo/reference/calendar_day.csv");
  records_add_file(records, "calendar_year", WANGGE_SHARE "/ops/demo/reference/calendar_year.csv");
  struct wg_calendars *calendars = NULL;
  struct wg_error error = {0};
  assert_int_equal(wg_calendars_build(RECORDS(records), &calendars, &error), WG_OK);
  book->calendar = wg_calendars_of(calendars, "370117");
  land_book_go(book, land_book_day("2026-10-08"));
  assert_string_equal(notice(id)->ends_on, "2026-10-08");
  assert_int_equal(notice(id)->state, NOTICE_STATE(POSTED));
  land_book_go(book, land_book_day("2026-10-09"));
  assert_int_equal(notice(id)->state, NOTICE_STATE(ENDED_CLEAR));
  book->calendar = NULL;
  wg_calendars_close(calendars);
  records_destroy(records);
}

static void fewer_days_than_policy_are_refused(void **state) {
  (void)state;
  put_party("h-1", "张三户");
  Wangge__V1__NoticeSubjectRef ref = WANGGE__V1__NOTICE_SUBJECT_REF__INIT, *refs[] = {&ref};
  ref.kind = "party";
  ref.id = "h-1";
  Wangge__V1__DraftNoticeRequest request = WANGGE__V1__DRAFT_NOTICE_REQUEST__INIT;
  request.kind = PLAN;
  request.title = "方案";
  request.subjects = refs;
  request.n_subjects = 1;
  request.days = 14;
  assert_string_equal(land_book_refused(book, &request.base, "notice.days")->suggestion, "15");
  request.days = 15;
  const char *id = land_book_must(book, &request.base)->changed[0]->id;
  // Policy became stricter between draft and posting.
  Wangge__V1__LandPolicy policy = WANGGE__V1__LAND_POLICY__INIT;
  policy.value = 20;
  Wangge__V1__LandRecord record = WANGGE__V1__LAND_RECORD__INIT;
  record.id = "notice.plan_days";
  record.body_case = WANGGE__V1__LAND_RECORD__BODY_POLICY;
  record.policy = &policy;
  land_book_put(book, &record);
  Wangge__V1__PostNoticeRequest posting = WANGGE__V1__POST_NOTICE_REQUEST__INIT;
  posting.notice_id = (char *)(uintptr_t)id;
  assert_string_equal(land_book_refused(book, &posting.base, "notice.days")->suggestion, "20");
  land_book_refused(book, &posting.base, "notice.places");
}

// --- what it is bound to ---
// Computed by hashlib from the layout in notice.h.
static void the_hash_of_a_subject_is_of_its_canonical_bytes(void **state) {
  (void)state;
  put_party("h-1", "张三户");
  uint8_t hash[LAND_SUBJECT_BYTES];
  char hex[65];
  assert_true(land_subject_sha256(land_book_look(book), LAND_KIND(PARTY), "h-1", hash));
  assert_string_equal(sodium_bin2hex(hex, sizeof hex, hash, sizeof hash),
                      "d24d5b059991beaeebbbec9ad243ffd7a97938cf7c4ec7b17ba4f36070613d65");
  assert_false(land_subject_sha256(land_book_look(book), LAND_KIND(PARTY), "h-2", hash));
  const char *id = post(SURVEY, "h-1");
  assert_false(land_subject_sha256(land_book_look(book), LAND_KIND(NOTICE), id, hash)); // no notice of notices
}

static Wangge__V1__LandRecord work_record(Wangge__V1__LandWork *work, Wangge__V1__WorkState state, char *name) {
  wangge__v1__land_work__init(work);
  work->state = state;
  work->kind = WANGGE__V1__WORK_KIND__WORK_KIND_LEVEL;
  work->name = name;
  work->begun_on = state == WANGGE__V1__WORK_STATE__WORK_STATE_WORKING ? "2026-03-03" : "";
  Wangge__V1__LandRecord record = WANGGE__V1__LAND_RECORD__INIT;
  record.id = "work-1";
  record.body_case = WANGGE__V1__LAND_RECORD__BODY_LAND_WORK;
  record.land_work = work;
  return record;
}

static void how_far_something_has_come_is_not_its_content(void **state) {
  (void)state;
  Wangge__V1__LandWork work;
  Wangge__V1__LandRecord record = work_record(&work, WANGGE__V1__WORK_STATE__WORK_STATE_APPROVED, "平整村东");
  land_book_put(book, &record);
  uint8_t approved[LAND_SUBJECT_BYTES], working[LAND_SUBJECT_BYTES], renamed[LAND_SUBJECT_BYTES];
  assert_true(land_subject_sha256(land_book_look(book), LAND_KIND(LAND_WORK), "work-1", approved));
  record = work_record(&work, WANGGE__V1__WORK_STATE__WORK_STATE_WORKING, "平整村东");
  land_book_put(book, &record);
  assert_true(land_subject_sha256(land_book_look(book), LAND_KIND(LAND_WORK), "work-1", working));
  assert_memory_equal(approved, working, sizeof approved);
  record = work_record(&work, WANGGE__V1__WORK_STATE__WORK_STATE_WORKING, "平整村西");
  land_book_put(book, &record);
  assert_true(land_subject_sha256(land_book_look(book), LAND_KIND(LAND_WORK), "work-1", renamed));
  assert_memory_not_equal(approved, renamed, sizeof approved);
}

static void posting_fixes_content_and_ledger(void **state) {
  (void)state;
  put_party("h-1", "张三户");
  const int64_t size = book->seq + 1; // the draft is an entry of its own
  const char *id = post(SURVEY, "h-1");
  const Wangge__V1__Notice *posted = notice(id);
  assert_int_equal(posted->state, NOTICE_STATE(POSTED));
  assert_int_equal(posted->tree_size, size);
  uint8_t root[LAND_SUBJECT_BYTES], content[LAND_SUBJECT_BYTES], subject[LAND_SUBJECT_BYTES];
  memset(root, (int)size, sizeof root);
  assert_memory_equal(posted->tree_root.data, root, sizeof root);
  assert_string_equal(posted->posted_on, MONDAY);
  assert_string_equal(posted->ends_on, "2026-03-09");
  assert_string_equal(posted->village_name, "前桃村");
  assert_string_equal(posted->subjects[0]->label, "张三户");
  assert_true(land_subject_sha256(land_book_look(book), LAND_KIND(PARTY), "h-1", subject));
  assert_memory_equal(posted->subjects[0]->sha256.data, subject, sizeof subject);
  land_notice_content(BOOK_VILLAGE, posted, content);
  assert_memory_equal(posted->content_sha256.data, content, sizeof content);
  // Every part of it is in the hash.
  Wangge__V1__Notice other = *posted;
  uint8_t hash[LAND_SUBJECT_BYTES];
  other.days++;
  land_notice_content(BOOK_VILLAGE, &other, hash);
  assert_memory_not_equal(hash, content, sizeof hash);
  other = *posted;
  other.title = "别的";
  land_notice_content(BOOK_VILLAGE, &other, hash);
  assert_memory_not_equal(hash, content, sizeof hash);
  land_notice_content("131102101202", posted, hash);
  assert_memory_not_equal(hash, content, sizeof hash);
}

// --- what others may conclude ---
static void only_a_finished_notice_of_this_content_and_kind_is_clear(void **state) {
  (void)state;
  put_party("h-1", "张三户");
  put_party("h-2", "李四户");
  int32_t day = 0;
  assert_false(clear(SURVEY, "h-1", &day)); // none at all
  post(SURVEY, "h-1");
  uint8_t hash[LAND_SUBJECT_BYTES];
  land_subject_sha256(land_book_look(book), LAND_KIND(PARTY), "h-1", hash);
  assert_int_equal(land_notice_earliest(land_book_look(book), SURVEY, hash), land_book_day("2026-03-10"));
  assert_int_equal(land_notice_earliest(land_book_look(book), PLAN, hash), land_book_day("2026-03-18"));
  land_book_go(book, land_book_day("2026-03-09")); // its last day, until 24:00
  assert_false(clear(SURVEY, "h-1", &day));
  land_book_go(book, land_book_day("2026-03-10"));
  assert_true(clear(SURVEY, "h-1", &day));
  assert_int_equal(day, land_book_day("2026-03-10"));
  assert_false(clear(PLAN, "h-1", &day));
  assert_false(clear(SURVEY, "h-2", &day));
  change_party("h-1", "张三家");
  assert_false(clear(SURVEY, "h-1", &day)); // it is another now
}

static void a_day_nobody_looked_does_not_move_the_end(void **state) {
  (void)state;
  put_party("h-1", "张三户");
  post(SURVEY, "h-1");
  book->today = land_book_day("2026-03-20"); // the service stood still
  land_book_go(book, book->today);
  int32_t day = 0;
  assert_true(clear(SURVEY, "h-1", &day));
  assert_int_equal(day, land_book_day("2026-03-10"));
}

// A parcel with one neighbour, as it is signed and surveyed anew.
static void parcel_hash(Wangge__V1__Neighbour *neighbour, uint8_t hash[LAND_SUBJECT_BYTES]) {
  Wangge__V1__Neighbour *neighbours[] = {neighbour};
  Wangge__V1__Parcel parcel = WANGGE__V1__PARCEL__INIT;
  parcel.state = WANGGE__V1__PARCEL_STATE__PARCEL_STATE_SURVEYED;
  parcel.name = "东洼";
  parcel.neighbours = neighbours;
  parcel.n_neighbours = 1;
  Wangge__V1__LandRecord record = WANGGE__V1__LAND_RECORD__INIT;
  record.id = "p-1";
  record.body_case = WANGGE__V1__LAND_RECORD__BODY_PARCEL;
  record.parcel = &parcel;
  land_book_put(book, &record);
  assert_true(land_subject_sha256(land_book_look(book), LAND_KIND(PARCEL), "p-1", hash));
}

static void signing_is_no_change_of_what_was_surveyed(void **state) {
  (void)state;
  static const Wangge__V1__Neighbour measured = {
      .base = PROTOBUF_C_MESSAGE_INIT(&wangge__v1__neighbour__descriptor),
      .side = WANGGE__V1__NEIGHBOUR_SIDE__NEIGHBOUR_SIDE_EAST,
      .seq = 1,
      .kind = WANGGE__V1__NEIGHBOUR_KIND__NEIGHBOUR_KIND_PARCEL,
      .parcel_id = "p-2",
      .shared_dm = 1005,
      .declared = "演示户2",
      .verdict = WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_UNSIGNED,
      .signer = "",
      .signed_on = "",
      .doc = "",
      .note = "",
  };
  uint8_t unsigned_hash[LAND_SUBJECT_BYTES], hash[LAND_SUBJECT_BYTES];
  Wangge__V1__Neighbour one = measured;
  parcel_hash(&one, unsigned_hash);
  one.verdict = WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_MATCH;
  one.signer = "演示户2", one.signed_on = "2026-03-03", one.doc = "签界表12页";
  parcel_hash(&one, hash);
  assert_memory_equal(hash, unsigned_hash, sizeof hash);
  one = measured;
  one.shared_dm = 1006;
  parcel_hash(&one, hash);
  assert_memory_not_equal(hash, unsigned_hash, sizeof hash);
  one = measured;
  one.parcel_id = "p-3";
  parcel_hash(&one, hash);
  assert_memory_not_equal(hash, unsigned_hash, sizeof hash);
  one = measured;
  one.verdict = WANGGE__V1__NEIGHBOUR_VERDICT__NEIGHBOUR_VERDICT_MISSING, one.note = "外出";
  parcel_hash(&one, hash);
  assert_memory_not_equal(hash, unsigned_hash, sizeof hash);
}

// --- what voids it ---
static void a_changed_subject_voids_a_posted_notice_for_good(void **state) {
  (void)state;
  put_party("h-1", "张三户");
  put_party("h-2", "李四户");
  const char *id = post(SURVEY, "h-1"), *other = post(SURVEY, "h-2");
  struct land_write *write = change_party("h-1", "张三家");
  assert_non_null(land_book_finding(write, "notice.void"));
  assert_int_equal(write->changed_count, 2); // party and notice, in one entry
  assert_int_equal(notice(id)->state, NOTICE_STATE(VOID));
  assert_int_equal(notice(other)->state, NOTICE_STATE(POSTED));
  change_party("h-1", "张三户"); // back again
  land_book_go(book, land_book_day("2026-04-01"));
  int32_t day;
  assert_int_equal(notice(id)->state, NOTICE_STATE(VOID));
  assert_false(clear(SURVEY, "h-1", &day));
  assert_true(clear(SURVEY, "h-2", &day));
}

static void an_ended_subject_voids_it_and_a_draft_follows_changes(void **state) {
  (void)state;
  put_party("h-1", "张三户");
  const char *id = draft(SURVEY, 0, "h-1");
  assert_null(land_book_finding(change_party("h-1", "张三家"), "notice.void"));
  Wangge__V1__PostNoticeRequest request = WANGGE__V1__POST_NOTICE_REQUEST__INIT;
  request.notice_id = (char *)(uintptr_t)id;
  land_book_must(book, &request.base);
  assert_string_equal(notice(id)->subjects[0]->label, "张三家");
  Wangge__V1__LandParty party;
  Wangge__V1__LandRecord record = party_record(&party, "h-1", "张三家");
  record.ended = true;
  land_book_change(book, &record);
  assert_int_equal(notice(id)->state, NOTICE_STATE(VOID));
}

static void a_sheet_taken_down_too_early_is_void(void **state) {
  (void)state;
  put_party("h-1", "张三户");
  const char *early = post(SURVEY, "h-1"), *late = post(SURVEY, "h-1");
  Wangge__V1__TakeDownNoticeRequest request = WANGGE__V1__TAKE_DOWN_NOTICE_REQUEST__INIT;
  land_book_go(book, land_book_day("2026-03-09"));
  request.notice_id = (char *)(uintptr_t)early;
  assert_non_null(land_book_finding(land_book_must(book, &request.base), "notice.void"));
  land_book_go(book, land_book_day("2026-03-10"));
  request.notice_id = (char *)(uintptr_t)late;
  land_book_must(book, &request.base);
  assert_int_equal(notice(early)->state, NOTICE_STATE(VOID));
  assert_int_equal(notice(late)->state, NOTICE_STATE(ENDED_CLEAR));
  assert_string_equal(notice(late)->taken_down_on, "2026-03-10");
}

// --- objections ---
static void an_open_objection_keeps_a_notice_from_being_clear(void **state) {
  (void)state;
  put_party("h-1", "张三户");
  const char *id = post(SURVEY, "h-1"), *filed = object_to(id, "赵六");
  land_book_go(book, land_book_day("2026-03-10"));
  int32_t day;
  assert_int_equal(notice(id)->state, NOTICE_STATE(ENDED_OPEN));
  assert_false(clear(SURVEY, "h-1", &day));
  book->today = land_book_day("2026-03-12");
  decide_as("孙乡长", filed, false);
  assert_int_equal(notice(id)->state, NOTICE_STATE(ENDED_CLEAR));
  assert_true(clear(SURVEY, "h-1", &day));
  assert_int_equal(day, land_book_day("2026-03-12")); // not before it was decided
}

static void an_upheld_objection_never_lets_it_be_clear(void **state) {
  (void)state;
  put_party("h-1", "张三户");
  const char *id = post(SURVEY, "h-1"), *first = object_to(id, "赵六"), *second = object_to(id, NULL);
  decide_as("孙乡长", first, true);
  decide_as("孙乡长", second, false);
  land_book_go(book, land_book_day("2026-04-01"));
  assert_int_equal(notice(id)->state, NOTICE_STATE(ENDED_OPEN));
  Wangge__V1__WithdrawObjectionRequest request = WANGGE__V1__WITHDRAW_OBJECTION_REQUEST__INIT;
  request.objection_id = (char *)(uintptr_t)first;
  book->reason = "本人要求撤回";
  land_book_refused(book, &request.base, "objection.state");
}

static void who_filed_or_entered_it_does_not_decide_it(void **state) {
  (void)state;
  put_party("h-1", "张三户");
  const char *id = post(SURVEY, "h-1");
  Wangge__V1__FileObjectionRequest request = WANGGE__V1__FILE_OBJECTION_REQUEST__INIT;
  request.notice_id = (char *)(uintptr_t)id;
  request.channel = WANGGE__V1__OBJECTION_CHANNEL__OBJECTION_CHANNEL_LETTER;
  request.party_id = "h-1";
  request.text = "面积不对";
  const char *filed = land_book_must(book, &request.base)->changed[0]->id;
  Wangge__V1__AdmitObjectionRequest admit = admitting(filed, true);
  land_book_must(book, &admit.base);
  Wangge__V1__DecideObjectionRequest decide = deciding(filed, false);
  static const char *const persons[] = {"王测试", "h-1", "张三户"}; // entered it; party; its name
  for (size_t i = 0; i < sizeof persons / sizeof *persons; i++) {
    book->person = persons[i];
    land_book_refused(book, &decide.base, "objection.decider");
  }
  // To call it inadmissible is to decide it too.
  book->person = "王测试";
  const char *other = object_to(id, "赵六");
  admit = admitting(other, false);
  land_book_refused(book, &admit.base, "objection.decider");
  book->person = "赵六";
  land_book_refused(book, &admit.base, "objection.decider");
  book->person = "孙乡长";
  land_book_must(book, &admit.base);
  land_book_must(book, &decide.base);
}

static void an_objection_that_comes_too_late_is_kept_and_not_admitted(void **state) {
  (void)state;
  put_party("h-1", "张三户");
  const char *id = post(SURVEY, "h-1");
  book->today = land_book_day("2026-03-10"); // the day behind the last, before time has acted
  const char *late = object_to(id, "赵六");
  assert_true(objection(late)->late);
  assert_int_equal(objection(late)->state, OBJECTION_STATE(INADMISSIBLE));
  land_book_go(book, land_book_day("2026-03-11"));
  assert_int_equal(notice(id)->state, NOTICE_STATE(ENDED_CLEAR));
  Wangge__V1__AppealObjectionRequest appeal = WANGGE__V1__APPEAL_OBJECTION_REQUEST__INIT;
  appeal.objection_id = (char *)(uintptr_t)late;
  appeal.text = "我没有看到";
  land_book_refused(book, &appeal.base, "objection.appeal_late");
  const char *later = object_to(id, NULL);
  assert_true(objection(later)->late);
  assert_int_equal(notice(id)->state, NOTICE_STATE(ENDED_CLEAR));
}

static void an_appeal_opens_the_notice_again_and_the_township_decides(void **state) {
  (void)state;
  put_party("h-1", "张三户");
  const char *id = post(SURVEY, "h-1"), *filed = object_to(id, "赵六");
  decide_as("孙主任", filed, false);
  land_book_go(book, land_book_day("2026-03-10"));
  assert_int_equal(notice(id)->state, NOTICE_STATE(ENDED_CLEAR));
  Wangge__V1__AppealObjectionRequest appeal = WANGGE__V1__APPEAL_OBJECTION_REQUEST__INIT;
  appeal.objection_id = (char *)(uintptr_t)filed;
  appeal.text = "没有到地里看";
  land_book_must(book, &appeal.base);
  assert_int_equal(notice(id)->state, NOTICE_STATE(ENDED_OPEN));
  int32_t day;
  assert_false(clear(SURVEY, "h-1", &day));
  Wangge__V1__DecideObjectionRequest decide = deciding(filed, false);
  book->person = "周乡长";
  land_book_refused(book, &decide.base, "objection.decider"); // the village's key
  book->caller.roles = WG_ROLE_TOWNSHIP;
  book->person = "孙主任";
  land_book_refused(book, &decide.base, "objection.decider"); // decided it before
  book->person = "周乡长";
  land_book_must(book, &decide.base);
  assert_int_equal(notice(id)->state, NOTICE_STATE(ENDED_CLEAR));
  land_book_refused(book, &appeal.base, "objection.appeal_late"); // once
}

static void an_appeal_has_its_days(void **state) {
  (void)state;
  put_party("h-1", "张三户");
  const char *id = post(SURVEY, "h-1"), *filed = object_to(id, "赵六");
  decide_as("孙主任", filed, false);
  assert_string_equal(objection(filed)->appeal_by, "2026-03-17");
  Wangge__V1__AppealObjectionRequest appeal = WANGGE__V1__APPEAL_OBJECTION_REQUEST__INIT;
  appeal.objection_id = (char *)(uintptr_t)filed;
  appeal.text = "没有到地里看";
  land_book_go(book, land_book_day("2026-03-18"));
  land_book_refused(book, &appeal.base, "objection.appeal_late");
  assert_int_equal(notice(id)->state, NOTICE_STATE(ENDED_CLEAR));
}

static void nobody_objects_without_a_name_and_not_anonymous(void **state) {
  (void)state;
  put_party("h-1", "张三户");
  const char *id = post(SURVEY, "h-1");
  Wangge__V1__FileObjectionRequest request = WANGGE__V1__FILE_OBJECTION_REQUEST__INIT;
  request.notice_id = (char *)(uintptr_t)id;
  request.text = "不对";
  land_book_invalid(book, &request.base, "channel");
  request.channel = WANGGE__V1__OBJECTION_CHANNEL__OBJECTION_CHANNEL_BOX;
  land_book_refused(book, &request.base, "objection.filer");
  request.name = "赵六";
  request.anonymous = true;
  land_book_refused(book, &request.base, "objection.filer");
  request.name = "";
  request.subject_kind = "party";
  request.subject_id = "h-2";
  land_book_refused(book, &request.base, "objection.subject");
  request.subject_id = "h-1";
  request.phone = "123";
  land_book_invalid(book, &request.base, "phone");
  request.phone = "13800001234";
  const struct land_write *write = land_book_must(book, &request.base);
  assert_int_equal(write->changed[0]->objection->phone_commit.len, 32);
  assert_string_equal(write->seals->value, "13800001234");
}

int main(void) {
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(a_period_ends_on_a_working_day),
      TEST(a_notice_lasts_as_long_as_the_calendar_that_came_later_says),
      TEST(fewer_days_than_policy_are_refused),
      TEST(the_hash_of_a_subject_is_of_its_canonical_bytes),
      TEST(how_far_something_has_come_is_not_its_content),
      TEST(signing_is_no_change_of_what_was_surveyed),
      TEST(posting_fixes_content_and_ledger),
      TEST(only_a_finished_notice_of_this_content_and_kind_is_clear),
      TEST(a_day_nobody_looked_does_not_move_the_end),
      TEST(a_changed_subject_voids_a_posted_notice_for_good),
      TEST(an_ended_subject_voids_it_and_a_draft_follows_changes),
      TEST(a_sheet_taken_down_too_early_is_void),
      TEST(an_open_objection_keeps_a_notice_from_being_clear),
      TEST(an_upheld_objection_never_lets_it_be_clear),
      TEST(who_filed_or_entered_it_does_not_decide_it),
      TEST(an_objection_that_comes_too_late_is_kept_and_not_admitted),
      TEST(an_appeal_opens_the_notice_again_and_the_township_decides),
      TEST(an_appeal_has_its_days),
      TEST(nobody_objects_without_a_name_and_not_anonymous),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/land_book.h"

#include "services/land/base.h"
#include "tests/unit/unit.h"

int32_t land_book_day(const char *text) {
  int32_t day;
  assert_true(wg_day_parse(text, &day));
  return day;
}

static int64_t noon(int32_t day) {
  return (int64_t)day * WG_DAY_US + WG_DAY_US / 2 - WG_SHANGHAI_OFFSET_US;
}

struct land_book *land_book_open(int32_t today) {
  struct wg_arena *arena = wg_arena_create(64 * 1024);
  struct land_book *book = wg_arena_zalloc(arena, sizeof *book);
  book->arena = arena;
  book->book = wg_book_create(&LAND_BOOK);
  book->today = today;
  book->person = "王测试";
  book->reason = "";
  book->caller.roles = WG_ROLE_VILLAGE;
  snprintf(book->caller.name, sizeof book->caller.name, "village");
  Wangge__V1__VillageInfo info = WANGGE__V1__VILLAGE_INFO__INIT;
  info.name = "前桃村";
  info.plane_epsg = 4527;
  Wangge__V1__LandRecord record = WANGGE__V1__LAND_RECORD__INIT;
  record.id = LAND_VILLAGE_ID;
  record.body_case = WANGGE__V1__LAND_RECORD__BODY_VILLAGE_INFO;
  record.village_info = &info;
  land_book_put(book, &record);
  return book;
}

void land_book_close(struct land_book *book) {
  wg_book_destroy(book->book);
  wg_arena_destroy(book->arena);
}

struct land_write *land_book_look(struct land_book *book) {
  Wangge__V1__LandWrite *who = wg_arena_alloc(book->arena, sizeof *who);
  wangge__v1__land_write__init(who);
  who->village = BOOK_VILLAGE;
  who->person = (char *)(uintptr_t)book->person;
  who->reason = (char *)(uintptr_t)book->reason;
  struct land_write *write = wg_arena_zalloc(book->arena, sizeof *write);
  write->write = who;
  write->caller = &book->caller;
  write->book = wg_book_draft(book->book, book->arena);
  write->calendar = book->calendar;
  write->arena = book->arena;
  write->now = noon(book->today);
  write->today = book->today;
  write->next_seq = book->seq;
  memset(write->root, (int)book->seq, sizeof write->root);
  return write;
}

static void follow(struct land_book *book, struct land_write *write) {
  for (const struct land_topic *const *topic = LAND_TOPICS; *topic; topic++) {
    if ((*topic)->after && !write->refused) assert_int_equal((*topic)->after(write, &book->error), WG_OK);
  }
  if (write->refused || !write->changed_count) return;
  wg_book_apply(book->book, write->book);
  book->seq++;
}

struct land_write *land_book_write(struct land_book *book, ProtobufCMessage *request) {
  struct land_write *write = land_book_look(book);
  const ProtobufCFieldDescriptor *first = protobuf_c_message_descriptor_get_field(request->descriptor, 1);
  memcpy((char *)request + first->offset, &write->write, sizeof(void *));
  write->action = land_action_find(request->descriptor);
  assert_non_null(write->action);
  // What a write keeps must not hang on the request: it is the test's and changes.
  const size_t size = protobuf_c_message_get_packed_size(request);
  uint8_t *packed = wg_arena_alloc(book->arena, size + 1);
  protobuf_c_message_pack(request, packed);
  write->request = protobuf_c_message_unpack(request->descriptor, wg_arena_protobuf(book->arena), size, packed);
  assert_non_null(write->request);
  book->error = (struct wg_error){0};
  if (write->action->decide(write, &book->error) == WG_OK) follow(book, write);
  return write;
}

const Wangge__V1__LandFinding *land_book_finding(const struct land_write *write, const char *code) {
  for (size_t i = 0; i < write->finding_count; i++) {
    if (strcmp(write->findings[i]->code, code) == 0) return write->findings[i];
  }
  return NULL;
}

struct land_write *land_book_must(struct land_book *book, ProtobufCMessage *request) {
  struct land_write *write = land_book_write(book, request);
  if (book->error.code != WG_OK) fail_msg("%s: %s (%s)", write->action->name, book->error.message, book->error.field);
  if (write->refused)
    fail_msg("%s: %s: %s", write->action->name, write->findings[0]->code, write->findings[0]->message_en);
  return write;
}

const Wangge__V1__LandFinding *land_book_refused(struct land_book *book, ProtobufCMessage *request, const char *code) {
  const int64_t before = book->seq;
  struct land_write *write = land_book_write(book, request);
  if (book->error.code != WG_OK) fail_msg("%s: %s (%s)", write->action->name, book->error.message, book->error.field);
  const Wangge__V1__LandFinding *finding = land_book_finding(write, code);
  if (!finding)
    fail_msg("%s was to be refused with %s; %s", write->action->name, code,
             write->finding_count ? write->findings[0]->code : "it has no finding");
  assert_true(write->refused);
  assert_int_equal(book->seq, before);
  assert_true(*finding->message_zh && *finding->message_en);
  assert_string_not_equal(finding->message_zh, finding->message_en);
  return finding;
}

void land_book_invalid(struct land_book *book, ProtobufCMessage *request, const char *field) {
  const int64_t before = book->seq;
  struct land_write *write = land_book_write(book, request);
  if (book->error.code == WG_OK) fail_msg("%s was to be refused because of %s", write->action->name, field);
  assert_string_equal(book->error.field, field);
  assert_int_equal(book->seq, before);
}

// --- records as they are ---
static void set(struct land_book *book, struct land_write *write, Wangge__V1__LandRecord *record) {
  const Wangge__V1__LandRecord *last = land_last(write, (int)record->body_case, record->id);
  Wangge__V1__LandRecord *copy = wg_arena_alloc(book->arena, sizeof *copy);
  *copy = *record;
  copy->village = BOOK_VILLAGE;
  copy->version = last ? last->version + 1 : 1;
  wg_book_set((struct wg_book *)(uintptr_t)write->book, copy, (uint64_t)book->seq + 1);
  write->changed = wg_arena_alloc(book->arena, sizeof(Wangge__V1__LandRecord *));
  write->changed[0] = copy;
  write->changed_count = write->changed_capacity = 1;
}

void land_book_put(struct land_book *book, Wangge__V1__LandRecord *record) {
  struct land_write *write = land_book_look(book);
  set(book, write, record);
  wg_book_apply(book->book, write->book);
  book->seq++;
}

struct land_write *land_book_change(struct land_book *book, Wangge__V1__LandRecord *record) {
  struct land_write *write = land_book_look(book);
  set(book, write, record);
  follow(book, write);
  return write;
}

// --- time ---
// next_due gives the record with a timer that is due first, by `day` at the latest; NULL: none.
static const Wangge__V1__LandRecord *next_due(struct land_book *book, int32_t day) {
  const Wangge__V1__LandRecord *first = NULL;
  for (size_t i = 0; i < land_kind_count(); i++) {
    if (!land_timer_find(land_kind_at(i))) continue;
    struct wg_book_walk walk = wg_book_walk(book->book, BOOK_VILLAGE, land_kind_at(i), "");
    for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
      if (!*record->due_on || land_book_day(record->due_on) > day) continue;
      if (!first || strcmp(record->due_on, first->due_on) < 0) first = record;
    }
  }
  return first;
}

void land_book_go(struct land_book *book, int32_t day) {
  for (const Wangge__V1__LandRecord *record; (record = next_due(book, day));) {
    const int32_t due = land_book_day(record->due_on);
    if (due > book->today) book->today = due;
    const char *person = book->person;
    book->person = "system";
    struct land_write *write = land_book_look(book);
    book->person = person;
    const int64_t before = book->seq;
    assert_int_equal(land_timer_find((int)record->body_case)->due(write, record, &book->error), WG_OK);
    follow(book, write);
    assert_true(book->seq == before + 1); // it moved on, or it would be due for ever
  }
  book->today = day;
}

const Wangge__V1__LandRecord *land_book_get(struct land_book *book, int kind, const char *id) {
  return wg_book_get(book->book, BOOK_VILLAGE, kind, id);
}

#include "tests/unit/tender_bed.h"

struct tender_bed bed;

// --- instead of the survey ---
bool tender_parcel(const struct land_write *write, const char *id, struct tender_parcel *parcel) {
  (void)write;
  for (size_t i = 0; i < 5; i++) {
    if (strcmp(bed.fields[i].id, id) != 0) continue;
    *parcel = bed.fields[i];
    return true;
  }
  return false;
}
struct tender_occupation tender_occupied(const struct land_write *write, const char *parcel_id, const char *party,
                                         int32_t day) {
  (void)write, (void)parcel_id, (void)day;
  return (struct tender_occupation){bed.occupier && strcmp(bed.occupier, party) == 0 ? 400 : 0, true};
}
bool tender_descends(const struct land_write *write, const char *parcel_id, const char *ancestor) {
  (void)write;
  return strcmp(parcel_id, ancestor) == 0;
}

int32_t day(const char *text) {
  int32_t number = 0;
  assert_true(wg_day_parse(text, &number));
  return number;
}

char *copy(const char *text) {
  return wg_arena_strdup(bed.arena, text);
}

const Wangge__V1__LandRecord *record(int kind, const char *id) {
  return wg_book_get(bed.book, VILLAGE, kind, id);
}

// --- writes ---
void begin(const ProtobufCMessage *request, Wangge__V1__LandWrite *given) {
  *given = (Wangge__V1__LandWrite)WANGGE__V1__LAND_WRITE__INIT;
  given->village = copy(VILLAGE);
  given->reason = copy("测试");
  bed.last = (struct land_write){.request = request,
                                 .write = given,
                                 .book = wg_book_draft(bed.book, bed.arena),
                                 .arena = bed.arena,
                                 .now = (int64_t)bed.today * WG_DAY_US + bed.seq,
                                 .today = bed.today,
                                 .next_seq = bed.seq};
  memset(bed.last.root, (int)bed.seq, sizeof bed.last.root);
}

// Whatever a write did to a state is in the table of states.
static bool is_move(const struct land_states *states, int from, int to) {
  bool found = from == to;
  for (size_t i = 0; i < states->call_count; i++)
    found |= states->calls[i].from == from && states->calls[i].to == to;
  for (size_t i = 0; i < states->follow_count; i++)
    found |= states->follows[i].from == from && states->follows[i].to == to;
  return found;
}

static int state_in(const Wangge__V1__LandRecord *of) {
  return of->body_case == WANGGE__V1__LAND_RECORD__BODY_TENDER ? (int)of->tender->state : (int)of->contract->state;
}

static void check_moves(void) {
  for (size_t i = 0; i < bed.last.changed_count; i++) {
    const Wangge__V1__LandRecord *changed = bed.last.changed[i];
    for (const struct land_states *states = LAND_TENDER_TOPIC.states; states->kind; states++) {
      const Wangge__V1__LandRecord *before =
          (int)changed->body_case == states->kind ? record(states->kind, changed->id) : NULL;
      if (before && !is_move(states, state_in(before), state_in(changed)))
        fail_msg("%s: no move from %d to %d", changed->id, state_in(before), state_in(changed));
    }
  }
}

void finish(void) {
  if (bed.status != WG_OK || bed.last.refused) return;
  check_moves();
  wg_book_apply(bed.book, bed.last.book);
  bed.seq++;
}

void act(const char *name, const void *request) {
  static Wangge__V1__LandWrite given;
  begin(request, &given);
  bed.error = (struct wg_error){0};
  const struct land_action *action = LAND_TENDER_TOPIC.actions;
  while (action->name && strcmp(action->name, name) != 0)
    action++;
  assert_non_null(action->name);
  assert_ptr_equal(((const ProtobufCMessage *)request)->descriptor, action->request);
  bed.status = action->decide(&bed.last, &bed.error);
  finish();
}

const char *findings(void) {
  struct wg_buffer text = {0};
  if (bed.status != WG_OK) wg_buffer_printf(&text, "%s: %s", bed.error.field, bed.error.message);
  for (size_t i = 0; i < bed.last.finding_count; i++)
    wg_buffer_printf(&text, "%s%s", i ? " " : "", bed.last.findings[i]->code);
  const char *kept = copy(wg_buffer_cstr(&text));
  wg_buffer_free(&text);
  return kept;
}

void done(void) {
  if (bed.status != WG_OK || bed.last.refused) fail_msg("refused: %s", findings());
}
void refused(const char *codes) {
  if (bed.status != WG_OK || !bed.last.refused) fail_msg("not refused: %s", findings());
  assert_string_equal(findings(), codes);
}
void wrong(const char *field) {
  assert_int_equal(bed.status, WG_INVALID_ARGUMENT);
  assert_string_equal(bed.error.field, field);
}
const char *earliest(const char *code) {
  for (size_t i = 0; i < bed.last.finding_count; i++) {
    if (strcmp(bed.last.findings[i]->code, code) == 0) return bed.last.findings[i]->earliest;
  }
  fail_msg("no finding %s in %s", code, findings());
  return "";
}
char *made(int kind) {
  for (size_t i = 0; i < bed.last.changed_count; i++) {
    if ((int)bed.last.changed[i]->body_case == kind && bed.last.changed[i]->version == 1)
      return copy(bed.last.changed[i]->id);
  }
  fail_msg("nothing made");
  return NULL;
}

void live_to(const char *text) {
  const int32_t end = day(text);
  for (; bed.today <= end; bed.today++) {
    for (bool again = true; again;) {
      again = false;
      for (const struct land_timer *timer = LAND_TENDER_TOPIC.timers; timer->kind && !again; timer++) {
        struct wg_book_walk walk = wg_book_walk(bed.book, VILLAGE, timer->kind, "");
        for (const Wangge__V1__LandRecord *due; !again && (due = wg_book_next(&walk));) {
          if (!*due->due_on || day(due->due_on) > bed.today) continue;
          static Wangge__V1__LandWrite given;
          const char *id = copy(due->id);
          begin(NULL, &given);
          bed.status = timer->due(&bed.last, due, &bed.error);
          done();
          finish();
          const Wangge__V1__LandRecord *after = record(timer->kind, id);
          assert_true(!*after->due_on || day(after->due_on) > bed.today); // it has moved on
          again = true;
        }
      }
    }
  }
  bed.today = end;
}

// --- a village ---
void put_party(const char *id, bool member) {
  static Wangge__V1__LandWrite given;
  begin(NULL, &given);
  Wangge__V1__LandParty *party = land_make(&bed.last, KIND(PARTY), id);
  party->name = copy(id);
  party->kind = WANGGE__V1__PARTY_KIND__PARTY_KIND_HOUSEHOLD;
  party->member = member;
  party->member_from = copy("2010-01-01");
  bed.status = WG_OK;
  finish();
}

char *put_holding(const char *parcel, const char *party, const char *from, const char *to) {
  const bool confirmed = bed.fields[parcel[1] - '1'].confirmed;
  bed.fields[parcel[1] - '1'].confirmed = false;
  Wangge__V1__Holding holding = INIT(HOLDING);
  holding.parcel_id = copy(parcel), holding.party_id = copy(party), holding.method = 110;
  holding.from = copy(from), holding.to = copy(to), holding.document = copy(DOCUMENT);
  Wangge__V1__PutHoldingRequest request = INIT(PUT_HOLDING_REQUEST);
  request.holding = &holding;
  act("put_holding", &request);
  done();
  bed.fields[parcel[1] - '1'].confirmed = confirmed;
  return made(KIND(HOLDING));
}

int set_up(void **state) {
  (void)state;
  bed.arena = wg_arena_create(1 << 18);
  bed.book = wg_book_create(&LAND_BOOK);
  bed.today = day("2027-01-04");
  bed.seq = 1;
  bed.occupier = NULL;
  static const char *const ids[] = {"p1", "p2", "p3", "p4", "p5"};
  for (int i = 0; i < 5; i++) {
    const double west = 115.70 + 0.00114 * i, east = west + 0.00114; // 0.00114 degrees are 100 m here
    snprintf(bed.boundaries[i], sizeof bed.boundaries[i],
             "POLYGON ((%.5f 37.74, %.5f 37.74, %.5f 37.74090, %.5f 37.74090, %.5f 37.74))", west, east, east, west,
             west);
    bed.fields[i] = (struct tender_parcel){.id = ids[i],
                                           .confirmed = true,
                                           .confirmed_on = day("2026-12-01"),
                                           .area_dm2 = 1000000,
                                           .standard = "GB/T 21010-2017",
                                           .class_code = "0102",
                                           .boundary = bed.boundaries[i]};
  }
  static Wangge__V1__LandWrite given;
  begin(NULL, &given);
  Wangge__V1__VillageInfo *village = land_make(&bed.last, KIND(VILLAGE_INFO), LAND_VILLAGE_ID);
  village->plane_epsg = 4527;
  village->collective = copy("collective");
  bed.status = WG_OK;
  finish();
  put_party("collective", false);
  put_party("zhao", true);
  put_party("qian", true);
  put_party("sun", true);
  put_party("outsider", false);
  put_holding("p2", "zhao", "2000-01-01", "2029-12-31"); // beside p3
  put_holding("p1", "qian", "2000-01-01", "2029-12-31"); // 100 m from p3
  put_holding("p3", "sun", "2000-01-01", "2026-12-31");  // held it last; nothing else
  return 0;
}

int tear_down(void **state) {
  (void)state;
  wg_book_destroy(bed.book);
  wg_arena_destroy(bed.arena);
  return 0;
}

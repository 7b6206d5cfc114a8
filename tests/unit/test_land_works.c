// Works, sites, rules of use, outcomes: what may be done where, what counts, and that nothing counts twice.
#include "tests/unit/land_book.h"
#include "tests/unit/unit.h"

#include "services/land/works/works.h"

#define USE(NAME) WANGGE__V1__LAND_USE__LAND_USE_##NAME
#define RESULT(NAME) WANGGE__V1__USE_RESULT__USE_RESULT_##NAME
#define FILE_HASH "abababababababababababababababababababababababababababababababab"
#define LEVEL WANGGE__V1__WORK_KIND__WORK_KIND_LEVEL
#define RECLAIM WANGGE__V1__WORK_KIND__WORK_KIND_RECLAIM

static struct land_book *book;
static char *docs[] = {FILE_HASH};

static void put_parcel(char *id, char *code, int64_t area_dm2, bool basic) {
  Wangge__V1__LandClass class = WANGGE__V1__LAND_CLASS__INIT;
  class.standard = LAND_STANDARD_2017;
  class.code = code;
  Wangge__V1__Parcel parcel = WANGGE__V1__PARCEL__INIT;
  parcel.land_class = &class;
  parcel.area_adopted_dm2 = area_dm2;
  parcel.basic_farmland = basic;
  Wangge__V1__LandRecord record = WANGGE__V1__LAND_RECORD__INIT;
  record.id = id;
  record.body_case = WANGGE__V1__LAND_RECORD__BODY_PARCEL;
  record.parcel = &parcel;
  land_book_put(book, &record);
}

static int setup(void **state) {
  (void)state;
  book = land_book_open(land_book_day("2026-03-02"));
  put_parcel("P-1", "0103", 100000, false);
  put_parcel("P-2", "0103", 50000, true);
  put_parcel("P-3", "1201", 80000, false);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  land_book_close(book);
  return 0;
}

// --- rules of use (land.md §2.4) ---
static void rules_say_what_the_table_says(void **state) {
  (void)state;
  static const struct {
    Wangge__V1__LandUse use;
    const char *code;
    bool basic, farmed;
    Wangge__V1__UseResult result;
  } rows[] = {
      {USE(CROPS), "0101", false, false, RESULT(OK)},
      {USE(CROPS), "0103", true, true, RESULT(OK)},
      {USE(CROPS), "1201", false, false, RESULT(OK)},
      {USE(CROPS), "1206", false, false, RESULT(OK)},
      {USE(BREEDING), "1202", false, false, RESULT(FILE)},
      {USE(BREEDING), "1104", false, false, RESULT(FILE)},
      {USE(BREEDING), "0103", false, false, RESULT(APPROVE)},
      {USE(BREEDING), "0103", true, false, RESULT(FORBID)},
      {USE(BREEDING), "1202", true, true, RESULT(FORBID)}, // whatever the class says
      {USE(AQUACULTURE), "0101", true, false, RESULT(FORBID)},
      {USE(FRUIT_FOREST), "0102", true, true, RESULT(FORBID)},
      {USE(TURF_NURSERY), "0102", true, true, RESULT(FORBID)},
      {USE(GREEN_BELT), "0102", true, true, RESULT(FORBID)},
      {USE(FARM_MARKET), "0501", false, false, RESULT(OK)},
      {USE(FARM_MARKET), "1201", false, false, RESULT(OK)},
      {USE(FARM_MARKET), "0102", false, false, RESULT(APPROVE)},
      {USE(FARM_MARKET), "0201", false, false, RESULT(APPROVE)},
      {USE(FARM_MARKET), "1107", false, false, RESULT(APPROVE)},
      {USE(FARM_MARKET), "0102", true, false, RESULT(FORBID)},
      {USE(CAMP), "0103", false, false, RESULT(FORBID)},
      {USE(CAMP), "0103", false, true, RESULT(OK)},
      {USE(CAMP), "0103", true, false, RESULT(FORBID)},
      {USE(CAMP), "1201", false, false, RESULT(FILE)},
      {USE(CAMP), "0404", false, false, RESULT(FILE)},
      {USE(CAMP), "0701", false, false, RESULT(UNSPECIFIED)}, // nobody may conclude that it is allowed
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct land_use_question question = {rows[i].use, LAND_STANDARD_2017, rows[i].code, rows[i].basic,
                                               rows[i].farmed};
    const struct land_use_answer answer = land_use_check(land_book_look(book), &question);
    if (answer.result != rows[i].result) fail_msg("row %zu: %d by rule %s", i, (int)answer.result, answer.rule_id);
    assert_true(answer.result == RESULT(UNSPECIFIED) || *answer.law);
    if (answer.result == RESULT(FILE) || answer.result == RESULT(APPROVE)) assert_true(*answer.document);
  }
  // The same digits are another class in another list.
  const struct land_use_question other = {USE(CROPS), "MNR-2023", "0103", false, false};
  assert_int_equal(land_use_check(land_book_look(book), &other).result, RESULT(UNSPECIFIED));
}

static void every_rule_of_the_program_has_an_id_of_its_own_and_a_law(void **state) {
  (void)state;
  for (size_t i = 0; i < LAND_USE_RULE_COUNT; i++) {
    const struct land_use_rule *rule = &LAND_USE_RULES[i];
    assert_true(*rule->id && *rule->law && rule->use && rule->result);
    assert_true(!*rule->class_prefix || *rule->standard);
    for (size_t n = 0; n < i; n++)
      assert_string_not_equal(rule->id, LAND_USE_RULES[n].id);
  }
}

static void put_rule(char *id, Wangge__V1__LandUse use, char *code, Wangge__V1__UseResult result) {
  Wangge__V1__UseRule rule = WANGGE__V1__USE_RULE__INIT;
  rule.use = use;
  rule.standard = LAND_STANDARD_2017;
  rule.class_prefix = code;
  rule.result = result;
  rule.law = "县里的规定";
  rule.document = "批文";
  Wangge__V1__PutUseRuleRequest request = WANGGE__V1__PUT_USE_RULE_REQUEST__INIT;
  request.id = id;
  request.rule = &rule;
  land_book_must(book, &request.base);
}

static void a_village_has_rules_of_its_own_but_for_basic_farmland(void **state) {
  (void)state;
  const struct land_use_question general = {USE(BREEDING), LAND_STANDARD_2017, "0103", false, false};
  const struct land_use_question basic = {USE(BREEDING), LAND_STANDARD_2017, "0103", true, false};
  put_rule("own", USE(BREEDING), "01", RESULT(FILE));
  assert_string_equal(land_use_check(land_book_look(book), &general).rule_id, "own");
  assert_int_equal(land_use_check(land_book_look(book), &basic).result, RESULT(FORBID));
  put_rule("own-dry", USE(BREEDING), "0103", RESULT(FORBID));
  assert_string_equal(land_use_check(land_book_look(book), &general).rule_id, "own-dry"); // the narrower class
  Wangge__V1__PutUseRuleRequest end = WANGGE__V1__PUT_USE_RULE_REQUEST__INIT;
  end.ended = true;
  end.id = "own-dry";
  land_book_must(book, &end.base);
  assert_string_equal(land_use_check(land_book_look(book), &general).rule_id, "own");
}

// --- works ---
static Wangge__V1__WorkLine line(char *parcel, int64_t planned, int64_t accepted) {
  Wangge__V1__WorkLine one = WANGGE__V1__WORK_LINE__INIT;
  one.parcel_id = parcel;
  one.planned_area_dm2 = planned;
  one.accepted_area_dm2 = accepted;
  return one;
}

static struct land_write *plan(Wangge__V1__WorkKind kind, Wangge__V1__WorkLine *lines, size_t count) {
  Wangge__V1__WorkLine *refs[8];
  for (size_t i = 0; i < count; i++)
    refs[i] = &lines[i];
  Wangge__V1__LandWork work = WANGGE__V1__LAND_WORK__INIT;
  work.kind = kind;
  work.name = "村东整治";
  work.lines = refs;
  work.n_lines = count;
  Wangge__V1__PlanWorkRequest request = WANGGE__V1__PLAN_WORK_REQUEST__INIT;
  request.work = &work;
  return land_book_write(book, &request.base);
}

static void move(const char *id, int move, unsigned role) {
  Wangge__V1__MoveWorkRequest request = WANGGE__V1__MOVE_WORK_REQUEST__INIT;
  request.work_id = (char *)(uintptr_t)id;
  request.move = (Wangge__V1__WorkMove)move;
  book->caller.roles = role;
  land_book_must(book, &request.base);
}

// done gives a work of P-1 that was reported done by 王测试.
static const char *done(Wangge__V1__WorkKind kind, int64_t planned) {
  Wangge__V1__WorkLine one = line("P-1", planned, 0);
  struct land_write *write = plan(kind, &one, 1);
  assert_false(write->refused);
  const char *id = write->changed[0]->id;
  move(id, WANGGE__V1__WORK_MOVE__WORK_MOVE_APPROVE, WG_ROLE_TOWNSHIP);
  move(id, WANGGE__V1__WORK_MOVE__WORK_MOVE_BEGIN, WG_ROLE_VILLAGE);
  move(id, WANGGE__V1__WORK_MOVE__WORK_MOVE_FINISH, WG_ROLE_VILLAGE);
  book->caller.roles = WG_ROLE_TOWNSHIP;
  book->person = "周验收";
  return id;
}

struct acceptance {
  Wangge__V1__AcceptWorkRequest request;
  Wangge__V1__WorkLine line, *lines[1];
};
static Wangge__V1__AcceptWorkRequest *accepting(struct acceptance *made, const char *id, int64_t area) {
  wangge__v1__accept_work_request__init(&made->request);
  made->line = line("P-1", 0, area);
  made->lines[0] = &made->line;
  made->request.work_id = (char *)(uintptr_t)id;
  made->request.accepted = true;
  made->request.lines = made->lines;
  made->request.n_lines = 1;
  made->request.docs = made->request.photos = docs;
  made->request.n_docs = made->request.n_photos = 1;
  return &made->request;
}

static void work_is_planned_within_its_parcels(void **state) {
  (void)state;
  Wangge__V1__WorkLine lines[] = {line("P-1", 100001, 0), line("P-9", 1, 0), line("P-3", 1, 0), line("P-3", 1, 0)};
  struct land_write *write = plan(LEVEL, lines, 4);
  assert_true(write->refused);
  assert_string_equal(land_book_finding(write, "work.area")->suggestion, "100000");
  assert_string_equal(land_book_finding(write, "work.parcel")->pointer, "/lines/1/parcel_id");
  assert_int_equal(write->finding_count, 3); // all of them are told at once
}

static void only_what_another_accepted_with_evidence_counts(void **state) {
  (void)state;
  const char *id = done(LEVEL, 90000);
  struct acceptance made;
  Wangge__V1__AcceptWorkRequest *request = accepting(&made, id, 90000);
  request->n_photos = 0;
  land_book_refused(book, &request->base, "work.evidence");
  request->n_photos = 1;
  request->n_docs = 0;
  land_book_refused(book, &request->base, "work.evidence");
  request->n_docs = 1;
  book->person = "王测试";
  land_book_refused(book, &request->base, "work.acceptor");
  book->person = "周验收";
  made.line.accepted_area_dm2 = 0;
  land_book_refused(book, &request->base, "work.parcel");
  made.line.accepted_area_dm2 = 90000;
  request->n_lines = 0;
  land_book_refused(book, &request->base, "work.parcel");
  request->n_lines = 1;
  land_book_must(book, &request->base);
  land_book_refused(book, &request->base, "land_work.state");
}

static void no_land_is_levelled_twice_but_it_may_be_reclaimed_too(void **state) {
  (void)state;
  struct acceptance made;
  land_book_must(book, &accepting(&made, done(LEVEL, 90000), 90000)->base);
  book->person = "王测试";
  const char *second = done(LEVEL, 20000);
  assert_string_equal(land_book_refused(book, &accepting(&made, second, 20000)->base, "work.area")->suggestion,
                      "10000");
  land_book_must(book, &accepting(&made, second, 10000)->base);
  book->person = "王测试";
  land_book_must(book, &accepting(&made, done(RECLAIM, 100000), 100000)->base);
}

static void work_that_is_sent_back_is_done_again(void **state) {
  (void)state;
  const char *id = done(LEVEL, 90000);
  Wangge__V1__AcceptWorkRequest request = WANGGE__V1__ACCEPT_WORK_REQUEST__INIT;
  request.work_id = (char *)(uintptr_t)id;
  land_book_invalid(book, &request.base, "write.reason");
  book->reason = "北侧未平";
  land_book_must(book, &request.base);
  book->reason = "";
  const Wangge__V1__LandWork *work = land_book_get(book, LAND_KIND(LAND_WORK), id)->land_work;
  assert_int_equal(work->state, WORK_STATE(REWORK));
  assert_string_equal(work->note, "北侧未平");
  move(id, WANGGE__V1__WORK_MOVE__WORK_MOVE_BEGIN, WG_ROLE_VILLAGE);
}

// --- sites ---
static Wangge__V1__SitePlan site(Wangge__V1__LandUse use, char *parcel, int64_t area) {
  Wangge__V1__SitePlan one = WANGGE__V1__SITE_PLAN__INIT;
  one.use = use;
  one.name = "规划点";
  one.parcel_id = parcel;
  one.area_dm2 = area;
  return one;
}

static void a_site_is_where_rules_allow_it(void **state) {
  (void)state;
  Wangge__V1__ProposeSiteRequest request = WANGGE__V1__PROPOSE_SITE_REQUEST__INIT;
  Wangge__V1__SitePlan one = site(USE(BREEDING), "P-2", 1000);
  request.site = &one;
  assert_true(*land_book_refused(book, &request.base, "use.forbidden")->rule);
  one = site(USE(BREEDING), "P-3", 1000);
  land_book_refused(book, &request.base, "use.no_rule");
  one = site(USE(FARM_MARKET), "P-3", 80001);
  assert_string_equal(land_book_refused(book, &request.base, "site.area")->suggestion, "80000");
  one = site(USE(FARM_MARKET), "P-3", 80000);
  struct land_write *write = land_book_must(book, &request.base);
  assert_non_null(land_book_finding(write, "use.document")); // what will be asked for
  const char *id = write->changed[0]->id;
  land_book_refused(book, &request.base, "site.area"); // nothing is left
  Wangge__V1__AdmitSiteRequest admit = WANGGE__V1__ADMIT_SITE_REQUEST__INIT;
  admit.site_id = (char *)(uintptr_t)id;
  admit.admitted = true;
  land_book_refused(book, &admit.base, "use.document");
  admit.docs = docs;
  admit.n_docs = 1;
  put_rule("no-market", USE(FARM_MARKET), "1201", RESULT(FORBID)); // rules changed since
  land_book_refused(book, &admit.base, "use.forbidden");
  put_rule("no-market", USE(FARM_MARKET), "1201", RESULT(APPROVE));
  land_book_must(book, &admit.base);
  const Wangge__V1__SitePlan *kept = land_book_get(book, LAND_KIND(SITE_PLAN), id)->site_plan;
  assert_int_equal(kept->result, RESULT(APPROVE));
  assert_string_equal(kept->rule_id, "no-market");
}

// --- outcomes ---
static void an_outcome_is_accepted_by_another_and_once(void **state) {
  (void)state;
  Wangge__V1__Outcome outcome = WANGGE__V1__OUTCOME__INIT;
  outcome.subject_kind = "parcel";
  outcome.subject_id = "P-1";
  outcome.from = "2025-03-01";
  outcome.to = "2025-10-31";
  outcome.crop = "玉米";
  outcome.income_fen = 15000000;
  Wangge__V1__ReportOutcomeRequest request = WANGGE__V1__REPORT_OUTCOME_REQUEST__INIT;
  request.outcome = &outcome;
  const char *id = land_book_must(book, &request.base)->changed[0]->id;
  outcome.from = "2025-10-31"; // one day of it again
  outcome.to = "2025-12-31";
  land_book_refused(book, &request.base, "outcome.period");
  outcome.from = "2026-03-03";
  outcome.to = "2026-03-03"; // tomorrow
  land_book_refused(book, &request.base, "outcome.period");
  outcome.from = "2026-02-30";
  land_book_invalid(book, &request.base, "outcome.from");
  outcome.from = "2026-01-02";
  outcome.to = "2026-01-01";
  land_book_refused(book, &request.base, "outcome.period");
  outcome.subject_id = "P-9";
  land_book_refused(book, &request.base, "outcome.subject");
  Wangge__V1__AcceptOutcomeRequest accept = WANGGE__V1__ACCEPT_OUTCOME_REQUEST__INIT;
  accept.outcome_id = (char *)(uintptr_t)id;
  accept.accepted = true;
  accept.docs = docs;
  accept.n_docs = 1;
  land_book_refused(book, &accept.base, "outcome.acceptor");
  book->person = "周会计";
  accept.n_docs = 0;
  land_book_refused(book, &accept.base, "outcome.evidence");
  accept.n_docs = 1;
  land_book_must(book, &accept.base);
}

// --- figures ---
static void add_work(struct land_figures *figures, char *village, int state, Wangge__V1__WorkKind kind, int64_t area) {
  Wangge__V1__WorkLine one = line("P", area, area), *lines[] = {&one};
  Wangge__V1__LandWork work = WANGGE__V1__LAND_WORK__INIT;
  work.state = (Wangge__V1__WorkState)state;
  work.kind = kind;
  work.lines = lines;
  work.n_lines = 1;
  work.accepted_on = "2026-03-02";
  Wangge__V1__LandRecord record = WANGGE__V1__LAND_RECORD__INIT;
  record.village = village;
  record.body_case = WANGGE__V1__LAND_RECORD__BODY_LAND_WORK;
  record.land_work = &work;
  land_figures_add(figures, &record);
}

// The report's 18.33 ha levelled and 13.4 ha reclaimed: never one sum.
static void figures_are_sums_of_what_was_accepted(void **state) {
  (void)state;
  Wangge__V1__LandFiguresRequest request = WANGGE__V1__LAND_FIGURES_REQUEST__INIT;
  request.village = "131102";
  request.by = WANGGE__V1__FIGURES_BY__FIGURES_BY_TOWN;
  request.to = "2026-03-02";
  struct land_figures figures = {.arena = book->arena, .request = &request};
  land_figures_begin(&figures);
  add_work(&figures, "131102101201", WORK_STATE(ACCEPTED), LEVEL, 10000000);
  add_work(&figures, "131102101201", WORK_STATE(DONE), LEVEL, 99999900);
  add_work(&figures, "131102101202", WORK_STATE(ACCEPTED), LEVEL, 8330000);
  add_work(&figures, "131102102201", WORK_STATE(ACCEPTED), RECLAIM, 13400000);
  land_figures_end(&figures);
  const Wangge__V1__LandFiguresResponse *response = figures.response;
  assert_int_equal(response->n_figures, 2);
  assert_string_equal(response->figures[0]->area, "131102101");
  assert_int_equal(response->figures[0]->villages, 2);
  assert_int_equal(response->figures[0]->works, 2);
  assert_string_equal(response->figures[0]->levelled, "18.33 ha = 274.95 mu");
  assert_string_equal(response->figures[1]->reclaimed, "13.40 ha = 201.00 mu");
  assert_string_equal(response->total->levelled, "18.33 ha = 274.95 mu");
  assert_string_equal(response->total->reclaimed, "13.40 ha = 201.00 mu");
  assert_int_equal(response->total->villages, 3);
  request.to = "2026-03-01";
  land_figures_begin(&figures);
  add_work(&figures, "131102101201", WORK_STATE(ACCEPTED), LEVEL, 10000000);
  land_figures_end(&figures);
  assert_int_equal(figures.response->n_figures, 0);
}

static void add_cost(struct land_figures *figures, char *village, int64_t saving_fen, bool accepted) {
  Wangge__V1__CleaningCost cost = WANGGE__V1__CLEANING_COST__INIT;
  cost.budget_fen = 1000000;
  cost.actual_fen = 1000000 - saving_fen;
  cost.accepted = accepted;
  cost.accepted_on = accepted ? "2026-03-02" : "";
  Wangge__V1__LandRecord record = WANGGE__V1__LAND_RECORD__INIT;
  record.village = village;
  record.body_case = WANGGE__V1__LAND_RECORD__BODY_CLEANING_COST;
  record.cleaning_cost = &cost;
  land_figures_add(figures, &record);
}

static void add_planting(struct land_figures *figures, char *village, int count, bool accepted) {
  Wangge__V1__Planting planting = WANGGE__V1__PLANTING__INIT;
  planting.count = count;
  planting.alive = count - 1;
  planting.accepted = accepted;
  planting.accepted_on = "2026-03-02";
  Wangge__V1__LandRecord record = WANGGE__V1__LAND_RECORD__INIT;
  record.village = village;
  record.body_case = WANGGE__V1__LAND_RECORD__BODY_PLANTING;
  record.planting = &planting;
  land_figures_add(figures, &record);
}

static void add_name(struct land_figures *figures, char *village, char *name) {
  Wangge__V1__VillageInfo info = WANGGE__V1__VILLAGE_INFO__INIT;
  info.name = name;
  Wangge__V1__LandRecord record = WANGGE__V1__LAND_RECORD__INIT;
  record.village = village;
  record.body_case = WANGGE__V1__LAND_RECORD__BODY_VILLAGE_INFO;
  record.village_info = &info;
  land_figures_add(figures, &record);
}

// A village saves when its accounts together do; one without anything accepted has no row, whatever it is called.
static void add_villages(struct land_figures *figures) {
  add_cost(figures, "131102101201", 30000, true);
  add_cost(figures, "131102101201", -10000, true);
  add_cost(figures, "131102101201", 99000, false);
  add_name(figures, "131102101201", "甲村");
  add_name(figures, "131102101202", "乙村");
  add_cost(figures, "131102101203", -5000, true);
  add_planting(figures, "131102101203", 40, true);
  add_planting(figures, "131102101203", 400, false);
  add_name(figures, "131102101203", "丙村");
  add_cost(figures, "131102102201", 1, true);
  add_name(figures, "131102102201", "丁村");
}

static void savings_are_counted_by_village(void **state) {
  (void)state;
  Wangge__V1__LandFiguresRequest request = WANGGE__V1__LAND_FIGURES_REQUEST__INIT;
  request.village = "131102";
  struct land_figures figures = {.arena = book->arena, .request = &request};
  land_figures_begin(&figures);
  add_villages(&figures);
  land_figures_end(&figures);
  const Wangge__V1__LandFiguresResponse *response = figures.response;
  assert_int_equal(response->n_figures, 3);
  assert_string_equal(response->figures[0]->name, "甲村");
  assert_string_equal(response->figures[1]->name, "丙村");
  assert_int_equal(response->figures[0]->saving_fen, 20000);
  assert_int_equal(response->figures[0]->villages_saving, 1);
  assert_int_equal(response->figures[1]->villages_saving, 0);
  assert_int_equal(response->figures[1]->trees_planted, 40);
  assert_int_equal(response->figures[1]->trees_alive, 39);
  assert_int_equal(response->figures[2]->villages_saving, 1);
  assert_int_equal(response->total->saving_fen, 15001);
  assert_int_equal(response->total->villages_saving, 2);
  assert_string_equal(response->total->name, "");
  request.by = WANGGE__V1__FIGURES_BY__FIGURES_BY_TOWN;
  land_figures_begin(&figures);
  add_villages(&figures);
  land_figures_end(&figures);
  assert_int_equal(figures.response->n_figures, 2);
  assert_int_equal(figures.response->figures[0]->villages_saving, 1);
  assert_string_equal(figures.response->figures[0]->name, "");
}

int main(void) {
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(rules_say_what_the_table_says),
      TEST(every_rule_of_the_program_has_an_id_of_its_own_and_a_law),
      TEST(a_village_has_rules_of_its_own_but_for_basic_farmland),
      TEST(work_is_planned_within_its_parcels),
      TEST(only_what_another_accepted_with_evidence_counts),
      TEST(no_land_is_levelled_twice_but_it_may_be_reclaimed_too),
      TEST(work_that_is_sent_back_is_done_again),
      TEST(a_site_is_where_rules_allow_it),
      TEST(an_outcome_is_accepted_by_another_and_once),
      TEST(figures_are_sums_of_what_was_accepted),
      TEST(savings_are_counted_by_village),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

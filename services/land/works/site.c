// Planned sites (农贸市场、养殖、露营、旅游) and the village's rules of use: a site is allowed where the rules allow
// it, with the document they ask for.
#include "common/base/text.h"
#include "services/land/works/works.h"

#include <string.h>

enum {
  LINE = WG_TEXT_ONE_LINE | WG_TEXT_PLAIN,
  NAME_BYTES = 128,
  NUMBER_BYTES = 128,
  LAW_BYTES = 1024,
  CODE_BYTES = 64
};
#define USE(NAME) WANGGE__V1__LAND_USE__LAND_USE_##NAME
#define RESULT(NAME) WANGGE__V1__USE_RESULT__USE_RESULT_##NAME

static int move(struct land_write *write, const char *id, const Wangge__V1__SitePlan *site, const char *event) {
  return land_move_to(write, LAND_KIND(SITE_PLAN), id, (int)site->state, LAND_SITE_MOVES, LAND_SITE_MOVE_COUNT, event,
                      "/site_id");
}

// --- what the rules say ---
static void refuse_use(struct land_write *write, const struct land_plot *plot, const struct land_use_answer *answer) {
  if (answer->result == RESULT(UNSPECIFIED))
    land_refuse(write, (struct land_what){
                           .code = "use.no_rule",
                           .pointer = "/site/use",
                           .zh = land_text(write, "%s %s 类土地能否这样使用，尚无规则；请先由县区录入规则",
                                           plot->standard, plot->class_code),
                           .en = land_text(write, "no rule speaks of this use of class %s of %s: put one first",
                                           plot->class_code, plot->standard),
                       });
  if (answer->result == RESULT(FORBID))
    land_refuse(write,
                (struct land_what){
                    .code = "use.forbidden",
                    .pointer = "/site/use",
                    .zh = land_text(write, "这类土地禁止这样使用（规则 %s）：%s", answer->rule_id, answer->law),
                    .en = land_text(write, "this land must not be used so (rule %s): %s", answer->rule_id, answer->law),
                    .rule = answer->law,
                });
}

static void find_document(struct land_write *write, const struct land_use_answer *answer, int severity) {
  land_find(write, (struct land_what){
                       .code = "use.document",
                       .severity = severity,
                       .pointer = "/docs",
                       .zh = land_text(write, "须提交：%s（%s）", answer->document, answer->law),
                       .en = land_text(write, "what has to be shown: %s (%s)", answer->document, answer->law),
                       .suggestion = answer->document,
                       .rule = answer->law,
                   });
}

static struct land_use_answer ask(const struct land_write *write, const Wangge__V1__SitePlan *site,
                                  const struct land_plot *plot) {
  const struct land_use_question question = {
      .use = site->use,
      .standard = plot->standard,
      .class_code = plot->class_code,
      .basic_farmland = plot->basic_farmland,
      .surface_farmed = site->surface_farmed,
  };
  return land_use_check(write, &question);
}

static void note_answer(const struct land_write *write, Wangge__V1__SitePlan *site,
                        const struct land_use_answer *answer) {
  site->result = answer->result;
  site->rule_id = wg_arena_strdup(write->arena, answer->rule_id);
  site->law = wg_arena_strdup(write->arena, answer->law);
  site->document = wg_arena_strdup(write->arena, answer->document);
  site->checked_on = land_day_text(write->arena, write->today);
}

// --- areas ---
// taken_of sums the sites of a parcel that are proposed or stand, but for one.
static int64_t taken_of(const struct land_write *write, const char *parcel_id, const char *but) {
  int64_t sum = 0;
  struct wg_book_walk walk = land_each(write, LAND_KIND(SITE_PLAN));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    const Wangge__V1__SitePlan *site = record->site_plan;
    if (site->state == SITE_STATE(CLOSED) || site->state == SITE_STATE(REFUSED)) continue;
    if (strcmp(site->parcel_id, parcel_id) == 0 && strcmp(record->id, but) != 0) sum += site->area_dm2;
  }
  return sum;
}

static void check_area(struct land_write *write, const Wangge__V1__SitePlan *site, const struct land_plot *plot,
                       const char *id) {
  const int64_t left = plot->adopted_dm2 - taken_of(write, site->parcel_id, id);
  if (site->area_dm2 <= left) return;
  land_refuse(write, (struct land_what){
                         .code = "site.area",
                         .pointer = "/site/area_dm2",
                         .zh = land_text(write, "地块“%s”只剩%lld平方分米可用", site->parcel_id,
                                         (long long)(left > 0 ? left : 0)),
                         .en = land_text(write, "of parcel \"%s\" only %lld dm2 are left", site->parcel_id,
                                         (long long)(left > 0 ? left : 0)),
                         .suggestion = land_text(write, "%lld", (long long)(left > 0 ? left : 0)),
                     });
}

// --- proposing ---
static wg_status check_proposal(const Wangge__V1__SitePlan *site, struct wg_error *error) {
  if (!site) return wg_fail(error, WG_INVALID_ARGUMENT, "site", "must be given");
  const Wangge__V1__LandUse use = site->use;
  if (use != USE(BREEDING) && use != USE(AQUACULTURE) && use != USE(FARM_MARKET) && use != USE(CAMP) &&
      use != USE(TOURISM))
    return wg_fail(error, WG_INVALID_ARGUMENT, "site.use",
                   "must be breeding, aquaculture, farm_market, camp or tourism");
  if (site->area_dm2 < 1) return wg_fail(error, WG_INVALID_ARGUMENT, "site.area_dm2", "must be above 0");
  wg_status status = wg_text_check(site->name, NAME_BYTES, WG_TEXT_REQUIRED | LINE, "site.name", error);
  if (status == WG_OK) status = wg_text_check(site->operator_, NAME_BYTES, LINE, "site.operator", error);
  if (status == WG_OK) status = wg_text_check(site->document_no, NUMBER_BYTES, LINE, "site.document_no", error);
  if (status == WG_OK) status = land_check_files(site->docs, site->n_docs, WORK_DOCS, "site.docs", error);
  return status;
}

wg_status land_propose_site(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__ProposeSiteRequest *request = (const void *)write->request;
  const Wangge__V1__SitePlan *given = request->site;
  const wg_status status = check_proposal(given, error);
  if (status != WG_OK) return status;
  const char *id = request->site_id;
  if (*id) {
    const Wangge__V1__SitePlan *stands = LAND_GET(write, SITE_PLAN, site_plan, id);
    if (!stands) return land_unknown(write, "/site_id", LAND_KIND(SITE_PLAN), id);
    if (move(write, id, stands, "propose") < 0) return WG_OK;
  }
  struct land_plot plot;
  if (!land_plot_of(write, given->parcel_id, &plot))
    return land_unknown(write, "/site/parcel_id", LAND_KIND(PARCEL), given->parcel_id);
  const struct land_use_answer answer = ask(write, given, &plot);
  refuse_use(write, &plot, &answer);
  check_area(write, given, &plot, id);
  if (write->refused) return WG_OK;
  if (*answer.document && !given->n_docs)
    find_document(write, &answer, WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_WARNING);
  Wangge__V1__SitePlan *site = *id ? land_change(write, LAND_KIND(SITE_PLAN), id)
                                   : land_make(write, LAND_KIND(SITE_PLAN), land_new_id(write, "site"));
  site->state = SITE_STATE(PROPOSED);
  site->use = given->use;
  site->name = given->name;
  site->parcel_id = given->parcel_id;
  site->area_dm2 = given->area_dm2;
  site->surface_farmed = given->surface_farmed;
  site->docs = given->docs;
  site->n_docs = given->n_docs;
  site->document_no = given->document_no;
  site->operator_ = given->operator_;
  note_answer(write, site, &answer);
  return WG_OK;
}

// --- admitting ---
static char **join(const struct land_write *write, char *const *a, size_t a_count, char *const *b, size_t b_count) {
  char **all = wg_arena_alloc(write->arena, (a_count + b_count + 1) * sizeof *all);
  if (a_count) memcpy(all, a, a_count * sizeof *all);
  if (b_count) memcpy(all + a_count, b, b_count * sizeof *all);
  return all;
}

// check_rules asks again: rules, class and area of the parcel may have changed since it was proposed.
static struct land_use_answer check_rules(struct land_write *write, const Wangge__V1__SitePlan *site, const char *id,
                                          bool documents) {
  struct land_plot plot;
  struct land_use_answer answer = {RESULT(UNSPECIFIED), "", "", ""};
  if (!land_plot_of(write, site->parcel_id, &plot)) {
    land_unknown(write, "/site_id", LAND_KIND(PARCEL), site->parcel_id);
    return answer;
  }
  answer = ask(write, site, &plot);
  refuse_use(write, &plot, &answer);
  check_area(write, site, &plot, id);
  if (*answer.document && !documents) find_document(write, &answer, WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_ERROR);
  return answer;
}

wg_status land_admit_site(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__AdmitSiteRequest *request = (const void *)write->request;
  wg_status status = land_check_files(request->docs, request->n_docs, WORK_DOCS, "docs", error);
  if (status == WG_OK) status = wg_text_check(request->document_no, NUMBER_BYTES, LINE, "document_no", error);
  if (status == WG_OK && !request->admitted && !*write->write->reason)
    status = wg_fail(error, WG_INVALID_ARGUMENT, "write.reason", "must say why it is refused");
  if (status != WG_OK) return status;
  const char *id = request->site_id;
  const Wangge__V1__SitePlan *stands = LAND_GET(write, SITE_PLAN, site_plan, id);
  if (!stands) return land_unknown(write, "/site_id", LAND_KIND(SITE_PLAN), id);
  const int to = move(write, id, stands, request->admitted ? "admit" : "refuse");
  if (to < 0) return WG_OK;
  struct land_use_answer answer = {RESULT(UNSPECIFIED), "", "", ""};
  if (request->admitted) answer = check_rules(write, stands, id, stands->n_docs + request->n_docs > 0);
  if (write->refused) return WG_OK;
  Wangge__V1__SitePlan *site = land_change(write, LAND_KIND(SITE_PLAN), id);
  site->state = (Wangge__V1__SitePlanState)to;
  site->note = write->write->reason;
  site->docs = join(write, site->docs, site->n_docs, request->docs, request->n_docs);
  site->n_docs += request->n_docs;
  if (*request->document_no) site->document_no = request->document_no;
  if (request->admitted) note_answer(write, site, &answer);
  return WG_OK;
}

wg_status land_move_site(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__MoveSiteRequest *request = (const void *)write->request;
  if (request->closed && !*write->write->reason)
    return wg_fail(error, WG_INVALID_ARGUMENT, "write.reason", "must say why it is closed");
  const char *id = request->site_id;
  const Wangge__V1__SitePlan *stands = LAND_GET(write, SITE_PLAN, site_plan, id);
  if (!stands) return land_unknown(write, "/site_id", LAND_KIND(SITE_PLAN), id);
  const int to = move(write, id, stands, request->closed ? "close" : "open");
  if (to < 0) return WG_OK;
  Wangge__V1__SitePlan *site = land_change(write, LAND_KIND(SITE_PLAN), id);
  site->state = (Wangge__V1__SitePlanState)to;
  site->note = write->write->reason;
  return WG_OK;
}

// --- rules of the village ---
static wg_status check_rule(const Wangge__V1__UseRule *rule, struct wg_error *error) {
  if (!rule) return wg_fail(error, WG_INVALID_ARGUMENT, "rule", "must be given");
  if (rule->use <= 0 || rule->use > USE(GREEN_BELT))
    return wg_fail(error, WG_INVALID_ARGUMENT, "rule.use", "must be a use of land, e.g. breeding");
  if (rule->result <= 0 || rule->result > RESULT(FORBID))
    return wg_fail(error, WG_INVALID_ARGUMENT, "rule.result", "must be ok, file, approve or forbid");
  if (rule->basic_farmland < 0 || rule->basic_farmland > 2)
    return wg_fail(error, WG_INVALID_ARGUMENT, "rule.basic_farmland",
                   "must be 0 (whether or not), 1 (only) or 2 (not)");
  if (rule->surface_farmed < 0 || rule->surface_farmed > 2)
    return wg_fail(error, WG_INVALID_ARGUMENT, "rule.surface_farmed",
                   "must be 0 (whether or not), 1 (only) or 2 (not)");
  wg_status status = wg_text_check(rule->standard, CODE_BYTES, LINE, "rule.standard", error);
  if (status == WG_OK) status = wg_text_check(rule->class_prefix, CODE_BYTES, LINE, "rule.class_prefix", error);
  if (status == WG_OK) status = wg_text_check(rule->law, LAW_BYTES, WG_TEXT_REQUIRED | LINE, "rule.law", error);
  if (status == WG_OK) status = wg_text_check(rule->document, NUMBER_BYTES, LINE, "rule.document", error);
  if (status != WG_OK) return status;
  if (*rule->class_prefix && !*rule->standard)
    return wg_fail(error, WG_INVALID_ARGUMENT, "rule.standard", "a class code means nothing without its standard");
  const bool asks = rule->result == RESULT(FILE) || rule->result == RESULT(APPROVE);
  if (asks && !*rule->document)
    return wg_fail(error, WG_INVALID_ARGUMENT, "rule.document", "file and approve must say what has to be shown");
  return WG_OK;
}

wg_status land_put_use_rule(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__PutUseRuleRequest *request = (const void *)write->request;
  wg_status status = wg_token_check(request->id, CODE_BYTES, "id", error);
  if (status == WG_OK && !request->ended) status = check_rule(request->rule, error);
  if (status != WG_OK) return status;
  const bool known = land_get(write, LAND_KIND(USE_RULE), request->id) != NULL;
  if (request->ended) {
    if (!known) return land_unknown(write, "/id", LAND_KIND(USE_RULE), request->id);
    land_end(write, LAND_KIND(USE_RULE), request->id);
    return WG_OK;
  }
  Wangge__V1__UseRule *rule =
      known ? land_change(write, LAND_KIND(USE_RULE), request->id) : land_make(write, LAND_KIND(USE_RULE), request->id);
  *rule = *request->rule;
  return WG_OK;
}

// wangge land work|site|use-rule|outcome|figures: what is done to the land, what it may be used for, what it brought.
#include "ops/cli/land.h"

#include "common/wire/wire.h"
#include "ops/cli/output.h"

#include "wangge/v1/land_notice.pb-c.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE(name) &wangge__v1__##name##__descriptor

static const struct cli_land_write WRITES[] = {
    {"land work plan",
     "LandWorks/PlanWork",
     TYPE(plan_work_request),
     "village",
     {"0:workId", "kind=work.kind", "name=work.name", "lines*=work.lines parcelId plannedAreaDm2", "cost=work.costFen",
      "contractor=work.contractor", "decision=work.decisionId", "standard-before=work.standardBefore",
      "class-before=work.classBefore", "standard-after=work.standardAfter", "class-after=work.classAfter"}},
    {"land work move", "LandWorks/MoveWork", TYPE(move_work_request), "village", {"0:workId", "1:move"}},
    {"land work accept",
     "LandWorks/AcceptWork",
     TYPE(accept_work_request),
     "township",
     {"0:workId", "!accepted", "lines*=lines parcelId acceptedAreaDm2", "cost=actualCostFen", "docs+=docs",
      "photos+=photos"}},
    {"land work rework", "LandWorks/AcceptWork", TYPE(accept_work_request), "township", {"0:workId"}},
    {"land site propose",
     "LandWorks/ProposeSite",
     TYPE(propose_site_request),
     "village",
     {"0:siteId", "use=site.use", "name=site.name", "parcel=site.parcelId", "area=site.areaDm2",
      "surface-farmed?=site.surfaceFarmed", "docs+=site.docs", "document-no=site.documentNo",
      "operator=site.operator"}},
    {"land site admit",
     "LandWorks/AdmitSite",
     TYPE(admit_site_request),
     "township",
     {"0:siteId", "!admitted", "docs+=docs", "document-no=documentNo"}},
    {"land site refuse", "LandWorks/AdmitSite", TYPE(admit_site_request), "township", {"0:siteId"}},
    {"land site open", "LandWorks/MoveSite", TYPE(move_site_request), "village", {"0:siteId"}},
    {"land site close", "LandWorks/MoveSite", TYPE(move_site_request), "village", {"0:siteId", "!closed"}},
    {"land use-rule put",
     "LandWorks/PutUseRule",
     TYPE(put_use_rule_request),
     "registrar",
     {"0:id", "use=rule.use", "standard=rule.standard", "class=rule.classPrefix", "basic-farmland=rule.basicFarmland",
      "surface-farmed=rule.surfaceFarmed", "result=rule.result", "law=rule.law", "document=rule.document",
      "confirmed?=rule.confirmed"}},
    {"land use-rule end", "LandWorks/PutUseRule", TYPE(put_use_rule_request), "registrar", {"0:id", "!ended"}},
    {"land outcome report",
     "LandWorks/ReportOutcome",
     TYPE(report_outcome_request),
     "village",
     {"0:outcome.subjectKind", "1:outcome.subjectId", "from=outcome.from", "to=outcome.to", "crop=outcome.crop",
      "kg=outcome.kg", "income=outcome.incomeFen", "jobs=outcome.jobs", "docs+=outcome.docs"}},
    {"land outcome accept",
     "LandWorks/AcceptOutcome",
     TYPE(accept_outcome_request),
     "township",
     {"0:outcomeId", "!accepted", "docs+=docs"}},
    {"land outcome reject", "LandWorks/AcceptOutcome", TYPE(accept_outcome_request), "township", {"0:outcomeId"}},
    {0},
};

static int run_write(struct cli *cli) {
  return cli_land_do(cli, WRITES);
}

// --- rules ---
static const char *either(int wanted) {
  return wanted == 0 ? "" : wanted == 1 ? "only" : "not";
}

static int run_rules(struct cli *cli) {
  static const char *const headings[] = {"ID",     "USE",    "STANDARD", "CLASS", "BASIC",
                                         "FARMED", "RESULT", "DOCUMENT", "LAW",   NULL};
  const char *village = cli_text(&cli->parsed, "village");
  Wangge__V1__UseRulesRequest request = WANGGE__V1__USE_RULES_REQUEST__INIT;
  if (village != NULL) request.village = (char *)(uintptr_t)village;
  int code = CLI_DONE;
  cli_as(cli, "village");
  const Wangge__V1__UseRulesResponse *response = (Wangge__V1__UseRulesResponse *)cli_ask(
      cli, CLI_LAND, "wangge.v1.LandWorks/UseRules", &request.base, TYPE(use_rules_response), &code);
  if (response == NULL) return code;
  if (cli->json) {
    cli_print_message(&response->base);
    return CLI_DONE;
  }
  struct cli_table *table = cli_table_create(headings);
  for (size_t i = 0; i < response->n_rules; i++) {
    const Wangge__V1__UseRule *rule = response->rules[i]->rule;
    char use[32], result[32];
    cli_table_cell(table, "%s%s", response->rules[i]->id, response->rules[i]->own ? " *" : "");
    cli_table_cell(table, "%s", wg_enum_name(TYPE(land_use), (int)rule->use, use));
    cli_table_cell(table, "%s", rule->standard);
    cli_table_cell(table, "%s", rule->class_prefix);
    cli_table_cell(table, "%s", either(rule->basic_farmland));
    cli_table_cell(table, "%s", either(rule->surface_farmed));
    cli_table_cell(table, "%s", wg_enum_name(TYPE(use_result), (int)rule->result, result));
    cli_table_cell(table, "%s", rule->document);
    cli_table_cell(table, "%s%s", rule->law, rule->confirmed ? "" : " (to be confirmed)");
  }
  cli_table_print(table, stdout);
  cli_table_free(table);
  return CLI_DONE;
}

// --- figures ---
static void hectares(struct cli_table *table, int64_t area_dm2) {
  const int64_t hundredths = (area_dm2 + 5000) / 10000;
  cli_table_cell(table, "%lld.%02lld", (long long)(hundredths / 100), (long long)(hundredths % 100));
}

static void yuan(struct cli_table *table, int64_t fen) {
  cli_table_cell(table, "%s%lld.%02lld", fen < 0 ? "-" : "", llabs(fen / 100), llabs(fen % 100));
}

static void figures_row(struct cli_table *table, const Wangge__V1__LandFigures *row, const char *area) {
  cli_table_cell(table, "%s", area);
  cli_table_cell(table, "%s", row->name);
  cli_table_cell(table, "%d", row->villages);
  cli_table_cell(table, "%d", row->works);
  hectares(table, row->levelled_dm2);
  hectares(table, row->reclaimed_dm2);
  hectares(table, row->refarmed_dm2);
  cli_table_cell(table, "%d", row->sites);
  cli_table_cell(table, "%lld", (long long)row->kg);
  yuan(table, row->income_fen);
  cli_table_cell(table, "%d", row->jobs);
  cli_table_cell(table, "%lld", (long long)row->trees_planted);
  yuan(table, row->saving_fen);
  cli_table_cell(table, "%d", row->homestays);
}

// print_total says what the columns have no room for.
static void print_total(const Wangge__V1__LandFigures *total) {
  const long long saved = total->saving_fen, income = total->income_fen;
  printf("\nvillages    %d\n", total->villages);
  printf("levelled    %s\nreclaimed   %s\nre-farmed   %s\n", total->levelled, total->reclaimed, total->refarmed);
  printf("sites       %d: %d markets, %d breeding, %d camps, %d tourism\n", total->sites, total->markets,
         total->breeding, total->camps, total->tourism);
  printf("outcomes    %d: %lld kg, %lld.%02lld yuan, %d jobs\n", total->outcomes, (long long)total->kg, income / 100,
         income % 100, total->jobs);
  printf("trees       %lld planted, %lld alive\n", (long long)total->trees_planted, (long long)total->trees_alive);
  printf("cleaning    %s%lld.%02lld yuan saved; %d villages saved\n", saved < 0 ? "-" : "", llabs(saved / 100),
         llabs(saved % 100), total->villages_saving);
  printf("homestays   %d with %d rooms\n", total->homestays, total->homestay_rooms);
}

static int by_of(const char *text) {
  static const char *const names[] = {"", "village", "town", "district"};
  for (int i = 1; i < 4; i++) {
    if (text != NULL && strcmp(text, names[i]) == 0) return i;
  }
  return text == NULL ? 0 : -1;
}

static int run_figures(struct cli *cli) {
  static const char *const headings[] = {
      "AREA",          "NAME",         ">VILLAGES",     ">WORKS",     ">LEVELLED ha",
      ">RECLAIMED ha", ">REFARMED ha", ">SITES",        ">KG",        ">INCOME (yuan)",
      ">JOBS",         ">TREES",       ">SAVED (yuan)", ">HOMESTAYS", NULL};
  struct wg_error error = {0};
  Wangge__V1__LandFiguresRequest request = WANGGE__V1__LAND_FIGURES_REQUEST__INIT;
  const char *from = cli_text(&cli->parsed, "from"), *to = cli_text(&cli->parsed, "to");
  const int by = by_of(cli_text(&cli->parsed, "by"));
  request.village = (char *)(uintptr_t)cli_land_village(cli, &error);
  if (by < 0) wg_fail(&error, WG_INVALID_ARGUMENT, "by", "must be village, town or district");
  if (error.code != WG_OK) return cli_usage(cli, &error);
  request.by = (Wangge__V1__FiguresBy)by;
  if (from != NULL) request.from = (char *)(uintptr_t)from;
  if (to != NULL) request.to = (char *)(uintptr_t)to;
  int code = CLI_DONE;
  cli_as(cli, "registrar");
  const Wangge__V1__LandFiguresResponse *response = (Wangge__V1__LandFiguresResponse *)cli_ask(
      cli, CLI_LAND, "wangge.v1.LandWorks/Figures", &request.base, TYPE(land_figures_response), &code);
  if (response == NULL) return code;
  if (cli->json) {
    cli_print_message(&response->base);
    return CLI_DONE;
  }
  struct cli_table *table = cli_table_create(headings);
  for (size_t i = 0; i < response->n_figures; i++)
    figures_row(table, response->figures[i], response->figures[i]->area);
  figures_row(table, response->total, "total");
  cli_table_print(table, stdout);
  cli_table_free(table);
  print_total(response->total);
  return CLI_DONE;
}

// --- tables ---
static const struct cli_option write_options[] = {CLI_LAND_WRITE};
static const struct cli_option plan_options[] = {{"kind", "NAME", "level, reclaim or refarm"},
                                                 {"name", "TEXT", "what it is called"},
                                                 {"lines", "LIST", "PARCEL:AREA,… planned, dm2"},
                                                 {"cost", "FEN", "planned"},
                                                 {"contractor", "NAME", "who does it"},
                                                 {"decision", "ID", "decision it rests on"},
                                                 {"standard-before", "NAME", "of the land class before"},
                                                 {"class-before", "CODE", "land class before"},
                                                 {"standard-after", "NAME", "of the land class after"},
                                                 {"class-after", "CODE", "land class that is to be reached"},
                                                 CLI_LAND_WRITE};
static const struct cli_option accept_options[] = {{"lines", "LIST", "PARCEL:AREA,… accepted, dm2; each parcel once"},
                                                   {"cost", "FEN", "what it cost"},
                                                   {"docs", "LIST", "SHA-256 of the acceptance, at least one"},
                                                   {"photos", "LIST", "SHA-256 of photos, at least one"},
                                                   CLI_LAND_WRITE};
static const struct cli_option site_options[] = {{"use", "NAME", "breeding, aquaculture, farm_market, camp or tourism"},
                                                 {"name", "TEXT", "what it is called"},
                                                 {"parcel", "ID", "where"},
                                                 {"area", "DM2", "how much of it"},
                                                 {"surface-farmed", NULL, "the surface stays farmed"},
                                                 {"docs", "LIST", "SHA-256 of filing or approval"},
                                                 {"document-no", "TEXT", "its number"},
                                                 {"operator", "NAME", "who runs it"},
                                                 CLI_LAND_WRITE};
static const struct cli_option admit_options[] = {
    {"docs", "LIST", "SHA-256 of filing or approval"}, {"document-no", "TEXT", "its number"}, CLI_LAND_WRITE};
static const struct cli_option rule_options[] = {{"use", "NAME", "crops, fruit_forest, breeding …"},
                                                 {"standard", "NAME", "of the class; without: any"},
                                                 {"class", "PREFIX", "beginning of the class code; without: any"},
                                                 {"basic-farmland", "N", "0 whether or not, 1 only, 2 not"},
                                                 {"surface-farmed", "N", "0 whether or not, 1 only, 2 not"},
                                                 {"result", "NAME", "ok, file, approve or forbid"},
                                                 {"law", "TEXT", "what people are told"},
                                                 {"document", "TEXT", "what has to be shown"},
                                                 {"confirmed", NULL, "read in the source itself"},
                                                 CLI_LAND_WRITE};
static const struct cli_option rules_options[] = {CLI_LAND_VILLAGE, {0}};
static const struct cli_option outcome_options[] = {{"from", "DAY", "first day"},
                                                    {"to", "DAY", "last day"},
                                                    {"crop", "TEXT", "or what else it was"},
                                                    {"kg", "N", "harvest"},
                                                    {"income", "FEN", "income"},
                                                    {"jobs", "N", "people who worked there"},
                                                    {"docs", "LIST", "SHA-256 of evidence"},
                                                    CLI_LAND_WRITE};
static const struct cli_option evidence_options[] = {{"docs", "LIST", "SHA-256 of evidence"}, CLI_LAND_WRITE};
static const struct cli_option figures_options[] = {CLI_LAND_VILLAGE,
                                                    {"by", "NAME", "village, town or district"},
                                                    {"from", "DAY", "accepted from this day on"},
                                                    {"to", "DAY", "to this day"},
                                                    {0}};

const struct cli_command cli_land_works[] = {
    {"land work plan", "[ID]", 0, 1, "plan levelling, reclaiming or re-farming, or change a plan (整治)", plan_options,
     "  wangge land work plan --village 131102101201 --kind level --name 村东平整 --lines P-1:120000,P-2:80000\n",
     run_write},
    {"land work move", "ID MOVE", 2, 2, "approve, begin, finish or cancel it", write_options,
     "  wangge land work move work-20 approve --village 131102101201 --as township\n"
     "  wangge land work move work-20 cancel --village 131102101201 --reason '并入其他项目'\n",
     run_write},
    {"land work accept", "ID", 1, 1, "accept what was done (验收)", accept_options,
     "  wangge land work accept work-20 --village 131102101201 --person '演示验收员' --lines P-1:118000,P-2:80000 \\\n"
     "    --cost 560000 --docs \"$(sha256sum report.pdf | cut -c1-64)\" --photos \"$(sha256sum field.jpg | cut "
     "-c1-64)\"\n",
     run_write},
    {"land work rework", "ID", 1, 1, "send it back (整改), also what was accepted: it counts no longer", write_options,
     "  wangge land work rework work-20 --village 131102101201 --person '演示验收员' --reason '北侧未平'\n", run_write},
    {"land site propose", "[ID]", 0, 1, "check a planned site against the rules of use, and keep it", site_options,
     "  wangge land site propose --village 131102101201 --use farm_market --name 村口集市 --parcel P-3 --area 90000\n",
     run_write},
    {"land site admit", "ID", 1, 1, "admit it with its documents", admit_options,
     "  wangge land site admit site-22 --village 131102101201 --docs \"$(sha256sum plan.pdf | cut -c1-64)\"\n",
     run_write},
    {"land site refuse", "ID", 1, 1, "refuse it", write_options,
     "  wangge land site refuse site-22 --village 131102101201 --reason '与村庄规划不符'\n", run_write},
    {"land site open", "ID", 1, 1, "it is in use", write_options,
     "  wangge land site open site-22 --village 131102101201\n", run_write},
    {"land site close", "ID", 1, 1, "it is no longer", write_options,
     "  wangge land site close site-22 --village 131102101201 --reason '合同到期'\n", run_write},
    {"land use-rule list", "", 0, 0, "what land may be used for; * marks the village's own rules", rules_options,
     "  wangge land use-rule list --village 131102101201\n", run_rules},
    {"land use-rule put", "ID", 1, 1, "a rule of the village, which counts before the program's", rule_options,
     "  wangge land use-rule put market-0404 --village 131102101201 --use farm_market --standard 'GB/T 21010-2017' \\\n"
     "    --class 0404 --result file --document 村庄规划 --law '县自然资源局2026年第2号文'\n",
     run_write},
    {"land use-rule end", "ID", 1, 1, "take a rule of the village back", write_options,
     "  wangge land use-rule end market-0404 --village 131102101201\n", run_write},
    {"land outcome report", "KIND ID", 2, 2, "report what land brought in a period (成效)", outcome_options,
     "  wangge land outcome report parcel P-1 --village 131102101201 --from 2026-03-01 --to 2026-10-31 --crop 玉米 \\\n"
     "    --kg 20400 --income 4896000 --jobs 12\n",
     run_write},
    {"land outcome accept", "ID", 1, 1, "accept it with evidence; only then it counts", evidence_options,
     "  wangge land outcome accept outcome-31 --village 131102101201 --person '演示会计' \\\n"
     "    --docs \"$(sha256sum ledger.pdf | cut -c1-64)\"\n",
     run_write},
    {"land outcome reject", "ID", 1, 1, "it does not count, or no longer", write_options,
     "  wangge land outcome reject outcome-31 --village 131102101201 --reason '凭证不符'\n", run_write},
    {"land figures", "", 0, 0, "sums of what was accepted: works, sites, outcomes, trees, savings, homestays",
     figures_options, "  wangge land figures --village 131102 --by town --from 2026-01-01 --to 2026-12-31\n",
     run_figures},
    {0},
};

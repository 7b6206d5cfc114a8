// wangge land plot|rule|zone|planting|street|round|cost|purchase|breach|homestead|house|bed|homestay|agreement|service
// and `land figures yards`: yards (房前屋后) and homesteads (闲置宅基地) of the land ledger.
#include "ops/cli/land.h"
#include "ops/cli/output.h"

#include "wangge/v1/land_yard.pb-c.h"

#include <stdio.h>

#define TYPE(name) &wangge__v1__##name##_request__descriptor

static const struct cli_land_write WRITES[] = {
    {"land plot put",
     "LandYard/PutYardPlot",
     TYPE(put_yard_plot),
     "village",
     {"0:id", "name=plot.name", "household=plot.household", "use=plot.use", "area-dm2=plot.areaDm2",
      "boundary=plot.boundary"}},
    {"land rule put",
     "LandYard/PutVillageRule",
     TYPE(put_village_rule),
     "village",
     {"0:id", "name=rule.name", "text=rule.text", "decision=rule.decision", "adopted-on=rule.adoptedOn",
      "state=rule.state"}},
    {"land zone put",
     "LandYard/PutResponsibility",
     TYPE(put_responsibility),
     "village",
     {"0:id", "name=responsibility.name", "household=responsibility.household", "duty=responsibility.duty",
      "from=responsibility.from", "to=responsibility.to", "boundary=responsibility.boundary"}},
    {"land planting put",
     "LandYard/PutPlanting",
     TYPE(put_planting),
     "village",
     {"0:id", "name=planting.name", "use=planting.use", "count=planting.count", "alive=planting.alive",
      "planted-on=planting.plantedOn", "funder=planting.funder", "accepted?=planting.accepted",
      "accepted-on=planting.acceptedOn", "photos+=planting.photos"}},
    {"land street put",
     "LandYard/PutStreetEvaluation",
     TYPE(put_street_evaluation),
     "village",
     {"0:id", "name=evaluation.name", "round=evaluation.round"}},
    {"land round close", "LandYard/CloseRound", TYPE(close_round), "village", {"0:round"}},
    {"land cost put",
     "LandYard/PutCleaningCost",
     TYPE(put_cleaning_cost),
     "village",
     {"0:id", "name=cost.name", "budget-fen=cost.budgetFen", "actual-fen=cost.actualFen", "accepted?=cost.accepted",
      "evidence=cost.evidence"}},
    {"land purchase put",
     "LandYard/PutBulkPurchase",
     TYPE(put_bulk_purchase),
     "village",
     {"0:id", "name=purchase.name", "unit=purchase.unit", "unit-price-fen=purchase.unitPriceFen",
      "quotes+=purchase.quotes", "bought-on=purchase.boughtOn"}},
    {"land breach report",
     "LandYard/ReportBreach",
     TYPE(report_breach),
     "village",
     {"kind=breach.kind", "plot=breach.plot", "parcel=breach.parcel", "homestead=breach.homestead", "rule=breach.rule",
      "text=breach.text", "photos+=breach.photos"}},
    {"land breach advance",
     "LandYard/AdvanceBreach",
     TYPE(advance_breach),
     "village",
     {"0:id", "1:event", "deadline", "photos+", "note"}},
    {"land homestead put",
     "LandHomestead/PutHomestead",
     TYPE(put_homestead),
     "village",
     {"0:id", "name=homestead.name", "holder=homestead.holder", "area-dm2=homestead.areaDm2",
      "certificate=homestead.certificate", "boundary=homestead.boundary", "idle-since=homestead.idleSince"}},
    {"land house put",
     "LandHomestead/PutHouse",
     TYPE(put_house),
     "village",
     {"0:id", "name=house.name", "homestead=house.homestead", "rooms=house.rooms", "grade=house.grade",
      "idle-since=house.idleSince", "wish=house.wish"}},
    {"land bed put",
     "LandHomestead/PutGardenBed",
     TYPE(put_garden_bed),
     "village",
     {"0:id", "name=bed.name", "plot=bed.plot", "homestead=bed.homestead", "tenant=bed.tenant", "season=bed.season",
      "area-dm2=bed.areaDm2", "price-fen=bed.priceFen"}},
    {"land homestay put",
     "LandHomestead/PutHomestay",
     TYPE(put_homestay),
     "village",
     {"0:id", "name=homestay.name", "homestead=homestay.homestead", "licence=homestay.licence",
      "opened-on=homestay.openedOn", "rooms=homestay.rooms", "accepted?=homestay.accepted"}},
    {"land agreement sign",
     "LandHomestead/SignAgreement",
     TYPE(sign_agreement),
     "village",
     {"homestead=agreement.homestead", "mode=agreement.mode", "operator=agreement.operator", "split-n=agreement.splitN",
      "split-d=agreement.splitD", "rent-fen=agreement.rentFenPerYear", "from=agreement.from", "to=agreement.to",
      "document=agreement.document"}},
    {"land agreement end", "LandHomestead/EndAgreement", TYPE(end_agreement), "village", {"0:id"}},
    {"land service place",
     "LandHomestead/PlaceService",
     TYPE(place_service),
     "village",
     {"kind=order.kind", "bed=order.bed", "text=order.text", "quantity=order.quantity", "price-fen=order.priceFen"}},
    {"land service advance",
     "LandHomestead/AdvanceService",
     TYPE(advance_service),
     "village",
     {"0:id", "1:event", "day", "photos+", "tracking-number=trackingNumber", "receipt"}},
};

static int run_write(struct cli *cli) {
  return cli_land_do(cli, WRITES);
}

static int run_figures(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__YardFiguresRequest request = WANGGE__V1__YARD_FIGURES_REQUEST__INIT;
  const char *village = cli_land_village(cli, &error);
  int code = CLI_DONE;
  if (village == NULL) return cli_usage(cli, &error);
  request.village = (char *)(uintptr_t)village;
  const Wangge__V1__YardFiguresResponse *f =
      (Wangge__V1__YardFiguresResponse *)cli_ask(cli, CLI_LAND, "wangge.v1.LandYard/YardFigures", &request.base,
                                                 &wangge__v1__yard_figures_response__descriptor, &code);
  if (f == NULL) return code;
  if (cli->json) {
    cli_print_message(&f->base);
    return CLI_DONE;
  }
  printf("trees planted      %lld (%lld alive)\n", (long long)f->trees_planted, (long long)f->trees_alive);
  printf("cleaning saved     %.2f yuan in %d villages\n", (double)f->saving_fen / 100, (int)f->villages_saving);
  printf("homestays          %d (%d rooms)\n", (int)f->homestays, (int)f->homestay_rooms);
  printf("breaches           %d open, %d put right\n", (int)f->breaches_open, (int)f->breaches_fixed);
  printf("idle homesteads    %d; agreements in force %d\n", (int)f->idle_homesteads, (int)f->agreements_active);
  return CLI_DONE;
}

#define NAME                                                                                                           \
  { "name", "NAME", "what people call it" }
#define BOUNDARY                                                                                                       \
  { "boundary", "WKT", "POLYGON or MULTIPOLYGON, EPSG:4490" }
#define AREA                                                                                                           \
  { "area-dm2", "N", "area in dm² (100 are 1 m²)" }
#define PHOTOS                                                                                                         \
  { "photos", "SHA256,…", "photos, by the SHA-256 of the file" }
static const struct cli_option plain[] = {CLI_LAND_WRITE};
static const struct cli_option plot[] = {NAME,
                                         {"household", "ID", "party"},
                                         {"use", "NAME", "vegetables, fruit, flowers, path or other"},
                                         AREA,
                                         BOUNDARY,
                                         CLI_LAND_WRITE};
static const struct cli_option rule[] = {NAME,
                                         {"text", "TEXT", "the rule"},
                                         {"decision", "ID", "decision that adopted it"},
                                         {"adopted-on", "DAY", "when"},
                                         {"state", "NAME", "active or repealed"},
                                         CLI_LAND_WRITE};
static const struct cli_option zone[] = {NAME,
                                         {"household", "ID", "who keeps it"},
                                         {"duty", "TEXT", "what is to be done"},
                                         {"from", "DAY", "since when"},
                                         {"to", "DAY", "until when"},
                                         BOUNDARY,
                                         CLI_LAND_WRITE};
static const struct cli_option planting[] = {{"name", "SPECIES", "what was planted"},
                                             {"use", "NAME", "ornamental or fruit"},
                                             {"count", "N", "planted"},
                                             {"alive", "N", "at the last look"},
                                             {"planted-on", "DAY", "when"},
                                             {"funder", "NAME", "who paid"},
                                             {"accepted", NULL, "it was looked at: it counts in figures"},
                                             {"accepted-on", "DAY", "when"},
                                             PHOTOS,
                                             CLI_LAND_WRITE};
static const struct cli_option street[] = {
    {"name", "STREET", "the street"}, {"round", "ROUND", "2026-Q3"}, CLI_LAND_WRITE};
static const struct cli_option cost[] = {{"name", "PERIOD", "2026"},
                                         {"budget-fen", "N", "what it was to cost"},
                                         {"actual-fen", "N", "what it cost"},
                                         {"accepted", NULL, "the account was checked: it counts in figures"},
                                         {"evidence", "TEXT", "of the account"},
                                         CLI_LAND_WRITE};
static const struct cli_option purchase[] = {{"name", "ITEM", "what was bought"},
                                             {"unit", "NAME", "米, 个 …"},
                                             {"unit-price-fen", "N", "price of one"},
                                             {"quotes", "SHA256,…", "offers that were compared, at least 2"},
                                             {"bought-on", "DAY", "when"},
                                             CLI_LAND_WRITE};
static const struct cli_option report[] = {{"kind", "NAME", "build, dump or private_transfer"},
                                           {"plot", "ID", "yard plot, or"},
                                           {"parcel", "ID", "parcel, or"},
                                           {"homestead", "ID", "homestead it lies on"},
                                           {"rule", "ID", "village rule that is broken"},
                                           {"text", "TEXT", "what was seen, without names"},
                                           PHOTOS,
                                           CLI_LAND_WRITE};
static const struct cli_option advance[] = {{"deadline", "DAY", "notify: last day to put it right"},
                                            PHOTOS,
                                            {"note", "TEXT", "what was found"},
                                            CLI_LAND_WRITE};
static const struct cli_option homestead[] = {NAME,          {"holder", "ID", "party"},
                                              AREA,          {"certificate", "NUMBER", "of the right"},
                                              BOUNDARY,      {"idle-since", "DAY", "empty: in use"},
                                              CLI_LAND_WRITE};
static const struct cli_option house[] = {NAME,
                                          {"homestead", "ID", "it stands on"},
                                          {"rooms", "N", "rooms"},
                                          {"grade", "NAME", "a, b, c or d (JGJ 125)"},
                                          {"idle-since", "DAY", "empty: in use"},
                                          {"wish", "TEXT", "of its holder"},
                                          CLI_LAND_WRITE};
static const struct cli_option bed[] = {NAME,
                                        {"plot", "ID", "yard plot or"},
                                        {"homestead", "ID", "homestead it lies on"},
                                        {"tenant", "ID", "party"},
                                        {"season", "NAME", "2026-spring"},
                                        AREA,
                                        {"price-fen", "N", "of the season"},
                                        CLI_LAND_WRITE};
static const struct cli_option homestay[] = {NAME,
                                             {"homestead", "ID", "where"},
                                             {"licence", "NUMBER", "of the licence"},
                                             {"opened-on", "DAY", "when"},
                                             {"rooms", "N", "for guests"},
                                             {"accepted", NULL, "it was looked at: it counts in figures"},
                                             CLI_LAND_WRITE};
static const struct cli_option agreement[] = {{"homestead", "ID", "homestead"},
                                              {"mode", "NAME", "self, coop, entrust or lease"},
                                              {"operator", "ID", "party that runs it"},
                                              {"split-n", "N", "the holder's share of the income is N"},
                                              {"split-d", "D", "of D"},
                                              {"rent-fen", "N", "rent of a year"},
                                              {"from", "DAY", "first day"},
                                              {"to", "DAY", "last day"},
                                              {"document", "SHA256", "the signed paper"},
                                              CLI_LAND_WRITE};
static const struct cli_option place[] = {
    {"kind", "NAME", "plant, pick or mail"}, {"bed", "ID", "bed"},        {"text", "TEXT", "what is wanted"},
    {"quantity", "N", "how many"},           {"price-fen", "N", "price"}, CLI_LAND_WRITE};
static const struct cli_option service[] = {{"day", "DAY", "schedule: when"},
                                            PHOTOS,
                                            {"tracking-number", "NUMBER", "ship: of the parcel"},
                                            {"receipt", "NUMBER", "pay, refund"},
                                            CLI_LAND_WRITE};
static const struct cli_option figures[] = {CLI_LAND_VILLAGE, {0}};

const struct cli_command cli_land_yard[] = {
    {"land plot put", "ID", 1, 1, "a plot before or behind a house (房前屋后)", plot,
     "  wangge land plot put plot-1 --village 131102101201 --name 小菜园 --household h-17 --use vegetables \\\n"
     "    --area-dm2 6000\n",
     run_write},
    {"land rule put", "ID", 1, 1, "a rule the village gave itself (村规民约)", rule,
     "  wangge land rule put rule-1 --village 131102101201 --name 门前三包 --text '…' --decision decision-40 \\\n"
     "    --adopted-on 2026-03-01 --state active\n",
     run_write},
    {"land zone put", "ID", 1, 1, "a zone somebody keeps clean (责任区)", zone,
     "  wangge land zone put zone-1 --village 131102101201 --name 东街 --household h-17 --duty 每日清扫 \\\n"
     "    --from 2026-01-01\n",
     run_write},
    {"land planting put", "ID", 1, 1, "trees that were planted (绿化)", planting,
     "  wangge land planting put trees-1 --village 131102101201 --name 国槐 --use ornamental --count 120 \\\n"
     "    --alive 118 --planted-on 2026-03-12\n",
     run_write},
    {"land street put", "ID", 1, 1, "how clean a street was found; criteria and scores in --file (街巷评比)", street,
     "  wangge land street put q3-east --village 131102101201 --file scores.json\n", run_write},
    {"land round close", "ROUND", 1, 1, "rank the streets of a round; it stands from then on", plain,
     "  wangge land round close 2026-Q3 --village 131102101201\n", run_write},
    {"land cost put", "ID", 1, 1, "budget and cost of keeping clean; the saving is derived (保洁费用)", cost,
     "  wangge land cost put cost-2026 --village 131102101201 --name 2026 --budget-fen 5000000 \\\n"
     "    --actual-fen 3600000\n",
     run_write},
    {"land purchase put", "ID", 1, 1, "things bought together; shares in --file (集中采购)", purchase,
     "  wangge land purchase put fence --village 131102101201 --file fence.json\n", run_write},
    {"land breach report", "", 0, 0, "report a breach of the three bans or of a village rule (三禁)", report,
     "  wangge land breach report --village 131102101201 --kind dump --plot plot-1 --text 门前堆放杂物\n", run_write},
    {"land breach advance", "ID EVENT", 2, 2, "verify, dismiss, notify or fix a breach", advance,
     "  wangge land breach advance breach-12 verify --village 131102101201 --person 村干部乙\n"
     "  wangge land breach advance breach-12 notify --village 131102101201 --deadline 2026-12-10\n",
     run_write},
    {"land homestead put", "ID", 1, 1, "a homestead (宅基地)", homestead,
     "  wangge land homestead put home-1 --village 131102101201 --name 演示宅基地 --holder h-17 \\\n"
     "    --area-dm2 23000 --idle-since 2024-01-01\n",
     run_write},
    {"land house put", "ID", 1, 1, "a house on a homestead", house,
     "  wangge land house put house-1 --village 131102101201 --name 正房 --homestead home-1 --rooms 3 --grade b\n",
     run_write},
    {"land bed put", "ID", 1, 1, "a bed of a shared garden (共享菜园)", bed,
     "  wangge land bed put bed-1 --village 131102101201 --name 一号畦 --plot plot-1 --tenant h-2 \\\n"
     "    --season 2026-spring --area-dm2 2000\n",
     run_write},
    {"land homestay put", "ID", 1, 1, "a homestay (民宿)", homestay,
     "  wangge land homestay put stay-1 --village 131102101201 --name 演示民宿 --homestead home-1 \\\n"
     "    --licence 演示许可0001 --opened-on 2026-05-01 --rooms 3\n",
     run_write},
    {"land agreement sign", "", 0, 0, "how an idle homestead is used (盘活协议)", agreement,
     "  wangge land agreement sign --village 131102101201 --homestead home-1 --mode lease --operator coop \\\n"
     "    --rent-fen 500000 --from 2026-04-01 --to 2036-03-31 --document \"$(sha256sum paper.pdf | cut -c1-64)\"\n",
     run_write},
    {"land agreement end", "ID", 1, 1, "end an agreement before its time", plain,
     "  wangge land agreement end agreement-31 --village 131102101201 --reason 双方协商\n", run_write},
    {"land service place", "", 0, 0, "order work on a bed (代种、代采、代寄)", place,
     "  wangge land service place --village 131102101201 --kind mail --bed bed-1 --text 寄10斤黄瓜 --quantity 10 \\\n"
     "    --price-fen 6000\n",
     run_write},
    {"land service advance", "ID EVENT", 2, 2, "pay, schedule, do, ship, close, cancel or refund a service", service,
     "  wangge land service advance service-40 pay --village 131102101201 --receipt 收001\n", run_write},
    {"land figures yards", "", 0, 0, "sums of accepted records of a village, a town or a district", figures,
     "  wangge land figures yards --village 131102\n", run_figures},
    {0},
};

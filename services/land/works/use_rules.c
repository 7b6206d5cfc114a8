// The rules of use that come with the program, and which of all rules answers a question. See use.h.
//
// "confirmed" was read in the source; the others are custom or from memory, to be confirmed by a person who puts them
// as rules of the village. Class codes are those of GB/T 21010-2017: 01 cultivated, 02 garden, 03 forest, 0401 to 0403
// pasture, 0404 other grass, 05 commercial, 1006 rural road, 1103 reservoir, 1104 pond, 1107 ditch, 1201 vacant, 1202
// facility agricultural land, 1203 field ridge, 1204 to 1206 saline, sand, bare soil.
#include "services/land/works/use.h"

#include <string.h>

#define USE(NAME) WANGGE__V1__LAND_USE__LAND_USE_##NAME
#define RESULT(NAME) WANGGE__V1__USE_RESULT__USE_RESULT_##NAME
enum { ANY = 0, ONLY = 1, NOT = 2 };

#define BASIC_LAW                                                                                                                                                          \
  "自然资发〔2021〕166号：严禁占用永久基本农田发展林果业和挖塘养鱼，严禁种植苗木、草皮等用于绿化装饰，严禁挖湖造景、" \
  "建设绿化带，严禁新增占用建设畜禽养殖、水产养殖和破坏耕作层的设施"
#define BALANCE_LAW "自然资发〔2021〕166号：一般耕地转为其他农用地须经批准，落实年度耕地“进出平衡”"
#define BALANCE_DOC "县级耕地进出平衡方案及批准文件"
#define FACILITY_LAW "自然资规〔2019〕4号：设施农业用地向乡镇政府备案，使用期满恢复原用途"
#define FACILITY_DOC "设施农用地备案"
#define CONVERT_LAW "土地管理法 44：建设占用农用地的，应当办理农用地转用审批手续"
#define CONVERT_DOC "农用地转用批准文件"
#define PURPOSE_LAW "土地管理法 4：使用土地必须严格按照土地利用总体规划确定的用途"
#define PLAN_DOC "村庄规划"
#define FARMED_LAW "土地管理法 4、37：耕地保持耕种，不破坏耕作层"

#define STD LAND_STANDARD_2017
// FARM gives a rule for every class of farm land but 01, which often has one of its own.
#define FARM(ID, NAME, OUTCOME, LAW, DOC)                                                                              \
  {ID "-02", USE(NAME), STD, "02", ANY, ANY, RESULT(OUTCOME), LAW, DOC, false},                                        \
      {ID "-03", USE(NAME), STD, "03", ANY, ANY, RESULT(OUTCOME), LAW, DOC, false},                                    \
      {ID "-0401", USE(NAME), STD, "0401", ANY, ANY, RESULT(OUTCOME), LAW, DOC, false},                                \
      {ID "-0402", USE(NAME), STD, "0402", ANY, ANY, RESULT(OUTCOME), LAW, DOC, false},                                \
      {ID "-0403", USE(NAME), STD, "0403", ANY, ANY, RESULT(OUTCOME), LAW, DOC, false},                                \
      {ID "-1006", USE(NAME), STD, "1006", ANY, ANY, RESULT(OUTCOME), LAW, DOC, false},                                \
      {ID "-1103", USE(NAME), STD, "1103", ANY, ANY, RESULT(OUTCOME), LAW, DOC, false},                                \
      {ID "-1104", USE(NAME), STD, "1104", ANY, ANY, RESULT(OUTCOME), LAW, DOC, false},                                \
      {ID "-1107", USE(NAME), STD, "1107", ANY, ANY, RESULT(OUTCOME), LAW, DOC, false},                                \
      {ID "-1202", USE(NAME), STD, "1202", ANY, ANY, RESULT(OUTCOME), LAW, DOC, false}, {                              \
    ID "-1203", USE(NAME), STD, "1203", ANY, ANY, RESULT(OUTCOME), LAW, DOC, false                                     \
  }

const struct land_use_rule LAND_USE_RULES[] = {
    {"basic-fruit-forest", USE(FRUIT_FOREST), "", "", ONLY, ANY, RESULT(FORBID), BASIC_LAW, "", true},
    {"basic-aquaculture", USE(AQUACULTURE), "", "", ONLY, ANY, RESULT(FORBID), BASIC_LAW, "", true},
    {"basic-turf-nursery", USE(TURF_NURSERY), "", "", ONLY, ANY, RESULT(FORBID), BASIC_LAW, "", true},
    {"basic-green-belt", USE(GREEN_BELT), "", "", ONLY, ANY, RESULT(FORBID), BASIC_LAW, "", true},
    {"basic-breeding", USE(BREEDING), "", "", ONLY, ANY, RESULT(FORBID), BASIC_LAW, "", true},
    {"basic-market", USE(FARM_MARKET), "", "", ONLY, ANY, RESULT(FORBID), BASIC_LAW, "", true},
    {"basic-tourism", USE(TOURISM), "", "", ONLY, NOT, RESULT(FORBID), BASIC_LAW, "", true},
    {"basic-camp", USE(CAMP), "", "", ONLY, NOT, RESULT(FORBID), BASIC_LAW, "", true},

    {"crops-01", USE(CROPS), STD, "01", ANY, ANY, RESULT(OK), FARMED_LAW, "", false},
    {"crops-02", USE(CROPS), STD, "02", ANY, ANY, RESULT(OK), FARMED_LAW, "", false},
    {"crops-1201", USE(CROPS), STD, "1201", ANY, ANY, RESULT(OK), PURPOSE_LAW, "", false},
    {"crops-1204", USE(CROPS), STD, "1204", ANY, ANY, RESULT(OK), PURPOSE_LAW, "", false},
    {"crops-1205", USE(CROPS), STD, "1205", ANY, ANY, RESULT(OK), PURPOSE_LAW, "", false},
    {"crops-1206", USE(CROPS), STD, "1206", ANY, ANY, RESULT(OK), PURPOSE_LAW, "", false},

    {"fruit-forest-01", USE(FRUIT_FOREST), STD, "01", ANY, ANY, RESULT(APPROVE), BALANCE_LAW, BALANCE_DOC, false},
    {"fruit-forest-02", USE(FRUIT_FOREST), STD, "02", ANY, ANY, RESULT(OK), PURPOSE_LAW, "", false},
    {"fruit-forest-03", USE(FRUIT_FOREST), STD, "03", ANY, ANY, RESULT(OK), PURPOSE_LAW, "", false},
    {"fruit-forest-1201", USE(FRUIT_FOREST), STD, "1201", ANY, ANY, RESULT(OK), PURPOSE_LAW, "", false},
    {"fruit-forest-1204", USE(FRUIT_FOREST), STD, "1204", ANY, ANY, RESULT(OK), PURPOSE_LAW, "", false},
    {"fruit-forest-1205", USE(FRUIT_FOREST), STD, "1205", ANY, ANY, RESULT(OK), PURPOSE_LAW, "", false},
    {"fruit-forest-1206", USE(FRUIT_FOREST), STD, "1206", ANY, ANY, RESULT(OK), PURPOSE_LAW, "", false},

    {"turf-nursery-01", USE(TURF_NURSERY), STD, "01", ANY, ANY, RESULT(APPROVE), BALANCE_LAW, BALANCE_DOC, false},
    {"turf-nursery-02", USE(TURF_NURSERY), STD, "02", ANY, ANY, RESULT(OK), PURPOSE_LAW, "", false},
    {"turf-nursery-0307", USE(TURF_NURSERY), STD, "0307", ANY, ANY, RESULT(OK), PURPOSE_LAW, "", false},
    {"green-belt-01", USE(GREEN_BELT), STD, "01", ANY, ANY, RESULT(FORBID),
     "国办发明电〔2020〕24号：严禁违规占用耕地绿化造林、建设绿化带、挖湖造景", "", false},
    {"green-belt-0810", USE(GREEN_BELT), STD, "0810", ANY, ANY, RESULT(OK), PURPOSE_LAW, "", false},

    {"breeding-01", USE(BREEDING), STD, "01", ANY, ANY, RESULT(APPROVE), BALANCE_LAW, BALANCE_DOC, true},
    {"breeding-1104", USE(BREEDING), STD, "1104", ANY, ANY, RESULT(FILE), FACILITY_LAW, FACILITY_DOC, false},
    {"breeding-1202", USE(BREEDING), STD, "1202", ANY, ANY, RESULT(FILE), FACILITY_LAW, FACILITY_DOC, false},
    {"aquaculture-01", USE(AQUACULTURE), STD, "01", ANY, ANY, RESULT(APPROVE), BALANCE_LAW, BALANCE_DOC, true},
    {"aquaculture-1104", USE(AQUACULTURE), STD, "1104", ANY, ANY, RESULT(OK), PURPOSE_LAW, "", false},
    {"aquaculture-1202", USE(AQUACULTURE), STD, "1202", ANY, ANY, RESULT(FILE), FACILITY_LAW, FACILITY_DOC, false},

    {"market-05", USE(FARM_MARKET), STD, "05", ANY, ANY, RESULT(OK), PURPOSE_LAW, PLAN_DOC, false},
    {"market-1201", USE(FARM_MARKET), STD, "1201", ANY, ANY, RESULT(OK), PURPOSE_LAW, PLAN_DOC, false},
    {"market-01", USE(FARM_MARKET), STD, "01", ANY, ANY, RESULT(APPROVE), CONVERT_LAW, CONVERT_DOC, false},
    FARM("market", FARM_MARKET, APPROVE, CONVERT_LAW, CONVERT_DOC),

    {"camp-01", USE(CAMP), STD, "01", ANY, NOT, RESULT(FORBID), FARMED_LAW, "", false},
    {"camp-01-farmed", USE(CAMP), STD, "01", ANY, ONLY, RESULT(OK), FARMED_LAW, "", false},
    {"camp-0404", USE(CAMP), STD, "0404", ANY, ANY, RESULT(FILE), PURPOSE_LAW, "露营地备案", false},
    {"camp-1201", USE(CAMP), STD, "1201", ANY, ANY, RESULT(FILE), PURPOSE_LAW, "露营地备案", false},

    {"tourism-05", USE(TOURISM), STD, "05", ANY, ANY, RESULT(OK), PURPOSE_LAW, PLAN_DOC, false},
    {"tourism-1201", USE(TOURISM), STD, "1201", ANY, ANY, RESULT(APPROVE), PURPOSE_LAW, "建设用地批准文件", false},
    {"tourism-01", USE(TOURISM), STD, "01", ANY, NOT, RESULT(APPROVE), CONVERT_LAW, CONVERT_DOC, false},
    {"tourism-01-farmed", USE(TOURISM), STD, "01", ANY, ONLY, RESULT(OK), FARMED_LAW, "", false},
    FARM("tourism", TOURISM, APPROVE, CONVERT_LAW, CONVERT_DOC),
};
const size_t LAND_USE_RULE_COUNT = sizeof LAND_USE_RULES / sizeof *LAND_USE_RULES;

// --- which rule answers ---
static bool agrees(int wanted, bool is) {
  return wanted == ANY || (wanted == ONLY) == is;
}

static bool speaks(const struct land_use_rule *rule, const struct land_use_question *question) {
  return rule->use == question->use && (!*rule->standard || strcmp(rule->standard, question->standard) == 0) &&
         strncmp(question->class_code, rule->class_prefix, strlen(rule->class_prefix)) == 0 &&
         agrees(rule->basic_farmland, question->basic_farmland) &&
         agrees(rule->surface_farmed, question->surface_farmed);
}

// beats: a rule of basic farmland before others, then the one of the narrower class, then the stricter.
static bool beats(const struct land_use_rule *rule, const struct land_use_rule *best) {
  if (!best) return true;
  const bool basic = rule->basic_farmland == ONLY, best_basic = best->basic_farmland == ONLY;
  if (basic != best_basic) return basic;
  const size_t narrow = strlen(rule->class_prefix), best_narrow = strlen(best->class_prefix);
  if (narrow != best_narrow) return narrow > best_narrow;
  return rule->result > best->result;
}

static bool forbids_basic(const struct land_use_rule *rule) {
  return rule->basic_farmland == ONLY && rule->result == RESULT(FORBID);
}

static const struct land_use_rule *of_program(const struct land_use_question *question) {
  const struct land_use_rule *best = NULL;
  for (size_t i = 0; i < LAND_USE_RULE_COUNT; i++) {
    if (speaks(&LAND_USE_RULES[i], question) && beats(&LAND_USE_RULES[i], best)) best = &LAND_USE_RULES[i];
  }
  return best;
}

// of_village copies into `best` the rule of the village that answers; false: none does.
static bool of_village(const struct land_write *write, const struct land_use_question *question,
                       struct land_use_rule *best) {
  bool found = false;
  struct wg_book_walk walk = land_each(write, LAND_KIND(USE_RULE));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    const Wangge__V1__UseRule *own = record->use_rule;
    const struct land_use_rule rule = {
        record->id,          own->use,    own->standard, own->class_prefix, own->basic_farmland,
        own->surface_farmed, own->result, own->law,      own->document,     own->confirmed};
    if (!speaks(&rule, question) || !beats(&rule, found ? best : NULL)) continue;
    *best = rule;
    found = true;
  }
  return found;
}

struct land_use_answer land_use_check(const struct land_write *write, const struct land_use_question *question) {
  const struct land_use_rule *program = of_program(question), *rule = program;
  struct land_use_rule own;
  if (!(program && forbids_basic(program)) && of_village(write, question, &own)) rule = &own;
  if (!rule) return (struct land_use_answer){RESULT(UNSPECIFIED), "", "", ""};
  return (struct land_use_answer){rule->result, rule->id, rule->law, rule->document};
}

// The three reference lists: their procedures can be drawn and come to an end, what is disclosed is complete.
//
//   list_item.steps_number       steps are not numbered 1, 2, 3 …
//   list_item.steps_next         a step is followed by one that does not exist
//   list_item.steps_unreachable  a warning: no way leads from step 1 to it
//   list_item.steps_endless      from it no way leads to an end
//   list_item.steps_condition, list_item.steps_branches   warnings: several ways without a question, a question with
//   one list_item.steps_none, list_item.basis_none   of a micro power list_item.contact_none       of a service
//   list_item.disclosed_on_none, list_item.disclosed_on_future
// A draft may still lack basis, contact and steps: then they are warnings.
#include "services/registry/check_survey.h"

#include <stdio.h>
#include <string.h>

enum { STEPS_MOST = 100 }; // as common/records allows
static const char RULE_STEPS[] = "小微权力清单：流程图完整，按步骤办";
static const char RULE_DISCLOSURE[] = "清单公开：依据、日期、联系方式齐全";

// Which steps follow a step: `step` are indices.
struct flow {
  const Wangge__V1__ListItem *item;
  size_t count;
  bool follows[STEPS_MOST][STEPS_MOST];
  bool ends[STEPS_MOST];
};

static size_t find_step(const Wangge__V1__ListItem *item, size_t count, int32_t n) {
  size_t i = 0;
  while (i < count && item->steps[i]->n != n)
    i++;
  return i;
}

// make_flow: an empty `next` means the next number; the last step then is an end.
static void make_flow(struct registry_survey *survey, const Wangge__V1__Record *record, struct flow *flow) {
  const Wangge__V1__ListItem *item = flow->item;
  for (size_t i = 0; i < flow->count; i++) {
    const Wangge__V1__ListStep *step = item->steps[i];
    if (!step->n_next && i + 1 < flow->count) flow->follows[i][i + 1] = true;
    flow->ends[i] = !step->n_next && i + 1 == flow->count;
    for (size_t k = 0; k < step->n_next; k++) {
      const size_t to = find_step(item, flow->count, step->next[k]);
      if (to < flow->count) flow->follows[i][to] = true;
      else
        REGISTRY_SAY(survey, REGISTRY_BLOCKS, record, "steps_next", "steps", RULE_STEPS,
                     "流程第%d步“%s”的下一步%d不存在；请改为已有的序号", step->n, step->title, step->next[k]);
    }
  }
}

// spread marks what can be reached from the marked steps, forwards or backwards.
static void spread(const struct flow *flow, bool backwards, bool *marked) {
  for (bool more = true; more;) {
    more = false;
    for (size_t i = 0; i < flow->count; i++) {
      for (size_t k = 0; k < flow->count; k++) {
        const size_t from = backwards ? k : i, to = backwards ? i : k;
        if (!marked[i] || marked[k] || !flow->follows[from][to]) continue;
        marked[k] = more = true;
      }
    }
  }
}

static void check_ways(struct registry_survey *survey, const Wangge__V1__Record *record, const struct flow *flow) {
  bool reached[STEPS_MOST] = {true}, leads_out[STEPS_MOST];
  memcpy(leads_out, flow->ends, sizeof leads_out);
  spread(flow, false, reached);
  spread(flow, true, leads_out);
  for (size_t i = 0; i < flow->count; i++) {
    const Wangge__V1__ListStep *step = flow->item->steps[i];
    if (!reached[i])
      REGISTRY_SAY(survey, REGISTRY_HINT, record, "steps_unreachable", "steps", RULE_STEPS,
                   "流程第%d步“%s”从第1步走不到；请从前面的步骤指向它，或删去", step->n, step->title);
  }
  for (size_t i = 0; i < flow->count; i++) {
    const Wangge__V1__ListStep *step = flow->item->steps[i];
    if (!reached[i] || leads_out[i]) continue;
    REGISTRY_SAY(survey, REGISTRY_BLOCKS, record, "steps_endless", "steps", RULE_STEPS,
                 "流程从第%d步“%s”起走不到结束，绕成了圈；请给其中一步加上通往最后一步的出口", step->n, step->title);
    return; // once for the procedure
  }
}

static void check_step(struct registry_survey *survey, const Wangge__V1__Record *record, size_t i) {
  const Wangge__V1__ListStep *step = record->list_item->steps[i];
  if (step->n != (int32_t)i + 1)
    REGISTRY_SAY(survey, REGISTRY_FAULT, record, "steps_number", "steps", RULE_STEPS,
                 "流程第%zu个步骤的序号是%d；步骤应从1起连续编号", i + 1, step->n);
  if (step->n_next > 1 && !*step->condition)
    REGISTRY_SAY(survey, REGISTRY_HINT, record, "steps_condition", "steps", RULE_STEPS,
                 "流程第%d步“%s”有%zu个去向，没有写判断条件；请填写条件", step->n, step->title, step->n_next);
  if (step->n_next < 2 && *step->condition)
    REGISTRY_SAY(survey, REGISTRY_HINT, record, "steps_branches", "steps", RULE_STEPS,
                 "流程第%d步“%s”有判断条件“%s”，只有一个去向；请补另一个去向", step->n, step->title, step->condition);
}

static void check_procedure(struct registry_survey *survey, const Wangge__V1__Record *record) {
  const Wangge__V1__ListItem *item = record->list_item;
  if (!item->n_steps || item->n_steps > STEPS_MOST) return;
  for (size_t i = 0; i < item->n_steps; i++)
    check_step(survey, record, i);
  struct flow *flow = wg_arena_zalloc(survey->arena, sizeof *flow);
  flow->item = item;
  flow->count = item->n_steps;
  make_flow(survey, record, flow);
  check_ways(survey, record, flow);
}

static void check_disclosure(struct registry_survey *survey, const Wangge__V1__Record *record) {
  const Wangge__V1__ListItem *item = record->list_item;
  const bool disclosed = item->disclosure == WANGGE__V1__DISCLOSURE__DISCLOSURE_DISCLOSED;
  const enum registry_weight weight = disclosed ? REGISTRY_BLOCKS : REGISTRY_HINT;
  const bool power = item->list == WANGGE__V1__REFERENCE_LIST__REFERENCE_LIST_MICRO_POWER;
  if (disclosed && !*item->disclosed_on)
    REGISTRY_SAY(survey, REGISTRY_BLOCKS, record, "disclosed_on_none", "disclosed_on", RULE_DISCLOSURE,
                 "清单事项“%s”已公开，没有公开日期；请填写", item->name);
  if (disclosed && strcmp(item->disclosed_on, survey->day) > 0)
    REGISTRY_SAY(survey, REGISTRY_HINT, record, "disclosed_on_future", "disclosed_on", RULE_DISCLOSURE,
                 "清单事项“%s”的公开日期%s还没有到；请核对", item->name, item->disclosed_on);
  if (!*item->basis && (power || disclosed))
    REGISTRY_SAY(survey, power ? weight : REGISTRY_HINT, record, "basis_none", "basis", RULE_DISCLOSURE,
                 "清单事项“%s”没有依据；请填写法律、规章或文件", item->name);
  if (power && !item->n_steps)
    REGISTRY_SAY(survey, weight, record, "steps_none", "steps", RULE_STEPS, "小微权力“%s”没有流程步骤；请填写",
                 item->name);
  if (item->list == WANGGE__V1__REFERENCE_LIST__REFERENCE_LIST_SERVICE && !*item->contact)
    REGISTRY_SAY(survey, weight, record, "contact_none", "contact", RULE_DISCLOSURE,
                 "服务“%s”没有联系方式；请填写找谁办、电话", item->name);
}

void registry_check_list_item(struct registry_survey *survey, const Wangge__V1__Record *item) {
  check_procedure(survey, item);
  check_disclosure(survey, item);
}

void registry_check_lists(struct registry_survey *survey) {
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(LIST_ITEM));
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));)
    registry_check_list_item(survey, record);
}

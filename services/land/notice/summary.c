// What a sheet says of each thing it is about, so that a villager reads on the wall what was measured or decided, and
// not only its number. Taken down at posting: a sheet stays what it was.
#include "services/land/base.h"
#include "services/land/notice/notices.h"
#include "services/land/survey/survey.h"
#include "services/land/tender/money.h"

#include <inttypes.h>
#include <string.h>

// "3.40公顷（51.00亩）"
static char *area_text(struct wg_arena *arena, int64_t area_dm2) {
  const int64_t ha = (area_dm2 + 5000) / 10000, mu = land_mu_hundredths(area_dm2);
  return wg_arena_printf(arena, "%" PRId64 ".%02" PRId64 "公顷（%" PRId64 ".%02" PRId64 "亩）", ha / 100, ha % 100,
                         mu / 100, mu % 100);
}

static const char *party_name(const struct land_write *write, const char *id) {
  const Wangge__V1__LandParty *party = LAND_GET(write, PARTY, party, id);
  return party ? party->name : id;
}

// --- parcels ---
static const char *neighbour_name(const struct land_write *write, const Wangge__V1__Neighbour *neighbour) {
  static const char *const kinds[] = {"", "地块", "道路", "沟渠", "河流", "村界", "未定"};
  if (*neighbour->declared) return neighbour->declared;
  if (*neighbour->parcel_id) {
    const Wangge__V1__Parcel *parcel = LAND_GET(write, PARCEL, parcel, neighbour->parcel_id);
    return parcel && *parcel->holder ? parcel->holder : neighbour->parcel_id;
  }
  const size_t kind = (size_t)neighbour->kind;
  return kind < sizeof kinds / sizeof *kinds ? kinds[kind] : "";
}

// neighbours_text: "东至路，南至沟、李四，西至…" in the order in which they are said.
static const char *neighbours_text(const struct land_write *write, const Wangge__V1__Parcel *parcel) {
  static const char *const sides[] = {"", "东至", "南至", "西至", "北至"};
  const char *text = "";
  for (int side = 1; side <= 4; side++) {
    bool begun = false;
    for (size_t i = 0; i < parcel->n_neighbours; i++) {
      if ((int)parcel->neighbours[i]->side != side) continue;
      text = land_text(write, "%s%s%s", text, begun ? "、" : land_text(write, "，%s", sides[side]),
                       neighbour_name(write, parcel->neighbours[i]));
      begun = true;
    }
  }
  return text;
}

static char *parcel_summary(const struct land_write *write, const Wangge__V1__Parcel *parcel) {
  const char *class_name = parcel->land_class ? parcel->land_class->name : "";
  const char *holder = *parcel->holder ? land_text(write, "，使用人%s", parcel->holder) : "";
  return land_text(write, "%s%s%s%s%s%s", area_text(write->arena, parcel->area_adopted_dm2), *class_name ? "，" : "",
                   class_name, parcel->basic_farmland ? "（永久基本农田）" : "", holder,
                   neighbours_text(write, parcel));
}

// --- tenders ---
static char *tender_summary(const struct land_write *write, const Wangge__V1__Tender *tender) {
  char *text = land_text(write, "第%d轮，%zu个标的", tender->round, tender->n_lots);
  for (size_t i = 0; i < tender->n_lots; i++) {
    const Wangge__V1__Lot *lot = tender->lots[i];
    text = land_text(write, "%s\n%s：地块%s，%s，%s至%s，起价%" PRId64 ".%02d元/亩·年", text, lot->id, lot->parcel_id,
                     area_text(write->arena, lot->area_dm2), lot->from, lot->to, lot->reserve_fen_per_mu / 100,
                     (int)(lot->reserve_fen_per_mu % 100));
  }
  return text;
}

static char *ranking_summary(const struct land_write *write, const Wangge__V1__Ranking *ranking) {
  char *text = land_text(write, "标的%s", ranking->lot_id);
  for (size_t i = 0; i < ranking->n_rows; i++) {
    const Wangge__V1__RankingRow *row = ranking->rows[i];
    const char *name = party_name(write, row->party_id);
    text = row->rank ? land_text(write, "%s\n第%d名 %s", text, row->rank, name)
                     : land_text(write, "%s\n不合格 %s", text, name);
  }
  return text;
}

static char *contract_summary(const struct land_write *write, const Wangge__V1__Contract *contract) {
  return land_text(write, "承包方%s，%s，%s至%s，租金%" PRId64 ".%02d元/年", party_name(write, contract->holder),
                   area_text(write->arena, contract->area_dm2), contract->from, contract->to, contract->rent_fen / 100,
                   (int)(contract->rent_fen % 100));
}

// --- works ---
static char *work_summary(const struct land_write *write, const Wangge__V1__LandWork *work) {
  static const char *const names[] = {"整治", "平整", "开垦", "复耕"};
  int64_t planned = 0, accepted = 0;
  for (size_t i = 0; i < work->n_lines; i++) {
    planned += work->lines[i]->planned_area_dm2;
    accepted += work->lines[i]->accepted_area_dm2;
  }
  const size_t kind = (size_t)work->kind;
  const bool done = work->state == WANGGE__V1__WORK_STATE__WORK_STATE_ACCEPTED;
  return land_text(write, "%s，%s%s", names[kind < sizeof names / sizeof *names ? kind : 0], done ? "验收" : "计划",
                   area_text(write->arena, done ? accepted : planned));
}

char *land_subject_summary(const struct land_write *write, const Wangge__V1__LandRecord *record) {
  switch ((int)record->body_case) {
  case LAND_KIND(PARCEL):
    return parcel_summary(write, record->parcel);
  case LAND_KIND(TENDER):
    return tender_summary(write, record->tender);
  case LAND_KIND(RANKING):
    return ranking_summary(write, record->ranking);
  case LAND_KIND(CONTRACT):
    return contract_summary(write, record->contract);
  case LAND_KIND(LAND_WORK):
    return work_summary(write, record->land_work);
  case LAND_KIND(SITE_PLAN):
    return land_text(write, "地块%s，%s", record->site_plan->parcel_id,
                     area_text(write->arena, record->site_plan->area_dm2));
  default: // the text of the notice says it
    return wg_arena_strdup(write->arena, "");
  }
}

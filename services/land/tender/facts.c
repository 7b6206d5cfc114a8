// The facts a lot's applications are ranked by, as the village's book has them when the tender closes (land.md §2.8).
//
//   base      land the household has on that day: contracts and rights of before the ledger, homesteads; not the lot's
//             own parcel
//   history   contracts and rights on the lot's parcel, or on a parcel that gave it at least half of its area, that are
//             over before the lot's term begins: the one that ended last, and the earlier ones
//   overdue   a rent of this village whose day is past
// Everything is kept in the ranking's rows with the records it comes from; whoever has the ledger up to close_seq can
// find it again (recheck.c).
#include "services/land/tender/parts.h"

#include "services/land/base.h"
#include "services/land/tender/parcel.h"
#include "services/land/works/use.h"

#include <string.h>

static bool is_over(const Wangge__V1__Contract *contract) {
  return contract->state == CONTRACT_STATE(EXPIRED) || contract->state == CONTRACT_STATE(RENEWED) ||
         contract->state == CONTRACT_STATE(TERMINATED);
}

const Wangge__V1__LandRecord *tender_overdue(const struct land_write *write, const char *party, const char *contract_id,
                                             int32_t day) {
  struct wg_book_walk walk = land_each(write, LAND_KIND(PAYMENT_DUE));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    const Wangge__V1__PaymentDue *due = record->payment_due;
    if (due->state == WANGGE__V1__DUE_STATE__DUE_STATE_CANCELLED || due->paid_fen >= due->fen) continue;
    if (land_day_or(due->due_on, INT32_MAX) >= day) continue;
    if (contract_id && strcmp(due->contract_id, contract_id) != 0) continue;
    const Wangge__V1__Contract *contract = LAND_GET(write, CONTRACT, contract, due->contract_id);
    if (contract && strcmp(contract->holder, party) == 0) return record;
  }
  return NULL;
}

// --- what a household has, and had ---
// One piece of land of one party, by a contract line or a holding.
struct tenure {
  const Wangge__V1__LandRecord *record;
  const char *parcel_id, *boundary; // "": the whole parcel
  int32_t from, to;
  bool breach;
};
typedef void (*each_tenure)(void *context, const char *party, const struct tenure *tenure);

static void walk_tenures(const struct land_write *write, each_tenure each, void *context) {
  struct wg_book_walk walk = land_each(write, LAND_KIND(CONTRACT));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    const Wangge__V1__Contract *contract = record->contract;
    for (size_t i = 0; i < contract->n_lines; i++) {
      const struct tenure tenure = {.record = record,
                                    .parcel_id = contract->lines[i]->parcel_id,
                                    .boundary = contract->lines[i]->boundary,
                                    .from = land_day_or(contract->from, 0),
                                    .to = tender_contract_end(contract),
                                    .breach = is_over(contract) && contract->breach};
      each(context, contract->holder, &tenure);
    }
  }
  walk = land_each(write, LAND_KIND(HOLDING));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    const struct tenure tenure = {.record = record,
                                  .parcel_id = record->holding->parcel_id,
                                  .boundary = "",
                                  .from = land_day_or(record->holding->from, 0),
                                  .to = tender_holding_end(record->holding),
                                  .breach = record->holding->breach};
    each(context, record->holding->party_id, &tenure);
  }
}

// --- the village around a lot ---
// What is found of one party; in the order in which parties are met, which is that of the records.
struct neighbour {
  const char *party;
  bool has_base;
  int64_t shared_dm, distance_mm;
  const char *nearest;
  const Wangge__V1__LandRecord *base_record;
  // history of the lot's parcel
  const Wangge__V1__LandRecord *last, *earlier; // its newest tenure that is over; any other
  int32_t last_to;
  bool last_breach;
};
struct around {
  struct land_write *write;
  const Wangge__V1__Lot *lot;
  const char *boundary; // of the lot
  int32_t term_from, day;
  struct neighbour *found;
  size_t count, capacity;
  const struct neighbour *last_holder;
  int32_t last_to;
  wg_status status;
  struct wg_error *error;
};

static struct neighbour *of_party(struct around *around, const char *party) {
  for (size_t i = 0; i < around->count; i++) {
    if (strcmp(around->found[i].party, party) == 0) return &around->found[i];
  }
  if (around->count == around->capacity) {
    const size_t capacity = around->capacity ? 2 * around->capacity : 16;
    struct neighbour *more = wg_arena_zalloc(around->write->arena, capacity * sizeof *more);
    if (around->count) memcpy(more, around->found, around->count * sizeof *more);
    around->found = more, around->capacity = capacity;
  }
  around->found[around->count] = (struct neighbour){.party = party, .last_to = INT32_MIN};
  return &around->found[around->count++];
}

// add_base: `id` is of the parcel or homestead that lies within `boundary`.
static void add_base(struct around *around, struct neighbour *neighbour, const char *id, const char *boundary,
                     const Wangge__V1__LandRecord *record) {
  struct tender_lie lie;
  if (around->status != WG_OK) return;
  around->status = tender_lie(around->write, around->boundary, boundary, &lie, around->error);
  if (around->status != WG_OK) return;
  if (!neighbour->has_base || lie.distance_mm < neighbour->distance_mm ||
      (lie.distance_mm == neighbour->distance_mm && lie.shared_dm > 0 && neighbour->shared_dm == 0)) {
    neighbour->distance_mm = lie.distance_mm;
    neighbour->nearest = id;
    neighbour->base_record = record;
  }
  neighbour->has_base = true;
  neighbour->shared_dm += lie.shared_dm;
}

static void add_history(struct neighbour *neighbour, const struct tenure *tenure) {
  if (neighbour->last && tenure->to <= neighbour->last_to) {
    neighbour->earlier = tenure->record;
    return;
  }
  neighbour->earlier = neighbour->last;
  neighbour->last = tenure->record, neighbour->last_to = tenure->to, neighbour->last_breach = tenure->breach;
}

static void see(void *context, const char *party, const struct tenure *tenure) {
  struct around *around = context;
  struct neighbour *neighbour = of_party(around, party);
  const bool own = strcmp(tenure->parcel_id, around->lot->parcel_id) == 0;
  struct tender_parcel parcel;
  if (!own && tenure->from <= around->day && around->day <= tenure->to &&
      tender_parcel(around->write, tenure->parcel_id, &parcel))
    add_base(around, neighbour, tenure->parcel_id, *tenure->boundary ? tenure->boundary : parcel.boundary,
             tenure->record);
  if (tenure->to < around->term_from && tender_descends(around->write, around->lot->parcel_id, tenure->parcel_id))
    add_history(neighbour, tenure);
}

// A homestead is base land from when its boundary is recorded, idle or not.
static void see_homesteads(struct around *around) {
  struct wg_book_walk walk = land_each(around->write, LAND_KIND(HOMESTEAD));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    const Wangge__V1__Homestead *homestead = record->homestead;
    if (*homestead->boundary)
      add_base(around, of_party(around, homestead->holder), record->id, homestead->boundary, record);
  }
}

static void find_last_holder(struct around *around) {
  around->last_to = INT32_MIN;
  for (size_t i = 0; i < around->count; i++) {
    const struct neighbour *neighbour = &around->found[i];
    if (neighbour->last && (!around->last_holder || neighbour->last_to > around->last_to))
      around->last_holder = neighbour, around->last_to = neighbour->last_to;
  }
}

// --- rows ---
static void add_evidence(struct land_write *write, Wangge__V1__RankingRow *row, const Wangge__V1__LandRecord *record) {
  if (record)
    TENDER_PUSH(write, row, evidence, land_text(write, "%s %s", land_kind_name((int)record->body_case), record->id));
}

static bool is_member(const struct land_write *write, const char *party_id, int32_t day) {
  const Wangge__V1__LandParty *party = LAND_GET(write, PARTY, party, party_id);
  return party && party->member && land_day_or(party->member_from, INT32_MIN) <= day &&
         land_day_or(party->member_to, INT32_MAX) >= day;
}

static bool may_use(const struct land_write *write, const Wangge__V1__Lot *lot, int use) {
  bool listed = false;
  for (size_t i = 0; i < lot->n_uses; i++)
    listed |= (int)lot->uses[i] == use;
  struct tender_parcel parcel;
  if (!listed || !tender_parcel(write, lot->parcel_id, &parcel)) return false;
  const struct land_use_question question = {.use = (Wangge__V1__LandUse)use,
                                             .standard = parcel.standard,
                                             .class_code = parcel.class_code,
                                             .basic_farmland = parcel.basic_farmland};
  const Wangge__V1__UseResult result = land_use_check(write, &question).result;
  return result != WANGGE__V1__USE_RESULT__USE_RESULT_UNSPECIFIED &&
         result != WANGGE__V1__USE_RESULT__USE_RESULT_FORBID;
}

static void add_row(struct around *around, Wangge__V1__Ranking *ranking, const Wangge__V1__LandRecord *record) {
  struct land_write *write = around->write;
  const Wangge__V1__Application *application = record->application;
  const struct neighbour *neighbour = of_party(around, application->party_id);
  Wangge__V1__RankingRow *row = wg_arena_alloc(write->arena, sizeof *row);
  wangge__v1__ranking_row__init(row);
  row->application_id = tender_copy(write, record->id);
  row->party_id = tender_copy(write, application->party_id);
  row->distance_mm = neighbour->has_base ? neighbour->distance_mm : -1;
  row->shared_dm = neighbour->has_base ? neighbour->shared_dm : -1;
  if (neighbour->nearest) row->nearest_parcel = tender_copy(write, neighbour->nearest);
  row->held_last_clean = neighbour == around->last_holder && !neighbour->last_breach;
  row->held_earlier = neighbour->last != NULL;
  const struct tender_occupation occupied =
      tender_occupied(write, around->lot->parcel_id, application->party_id, around->day);
  row->occupied_days = occupied.days;
  row->settled_back_rent = occupied.settled;
  const Wangge__V1__LandRecord *overdue = tender_overdue(write, application->party_id, NULL, around->day);
  row->overdue = overdue != NULL;
  row->offer_fen_per_mu = application->offer_fen_per_mu;
  row->is_member = is_member(write, application->party_id, around->day);
  row->use_allowed = may_use(write, around->lot, (int)application->use);
  add_evidence(write, row, neighbour->base_record);
  add_evidence(write, row, neighbour->last);
  add_evidence(write, row, neighbour->earlier);
  add_evidence(write, row, overdue);
  TENDER_PUSH(write, ranking, rows, row);
}

// A household that was beside the lot or held it last has to be asked (自愿, V2).
static void add_invited(struct around *around, Wangge__V1__Ranking *ranking) {
  for (size_t i = 0; i < around->count; i++) {
    const struct neighbour *neighbour = &around->found[i];
    if (!(neighbour->has_base && neighbour->shared_dm >= LAND_SHARED_DM) && neighbour != around->last_holder) continue;
    if (land_get(around->write, LAND_KIND(PARTY), neighbour->party))
      TENDER_PUSH(around->write, ranking, invited, tender_copy(around->write, neighbour->party));
  }
}

static void begin(struct land_write *write, const char *tender_id, const Wangge__V1__Tender *tender,
                  const Wangge__V1__Lot *lot, Wangge__V1__Ranking *ranking) {
  ranking->state = WANGGE__V1__RANKING_STATE__RANKING_STATE_CLOSED;
  ranking->tender_id = tender_copy(write, tender_id);
  ranking->lot_id = lot->id;
  ranking->rule_version = LAND_RANKING_VERSION;
  ranking->close_seq = tender->progress->close_seq;
  ranking->close_root = tender->progress->close_root;
  const Wangge__V1__LandDecision *decision = LAND_GET(write, DECISION, decision, tender->progress->decision_id);
  ranking->outsiders_allowed = decision && decision->outsiders_allowed &&
                               (*decision->approval || !land_policy(write, "outsider.township_approval"));
}

wg_status tender_lot_facts(struct land_write *write, const char *tender_id, const Wangge__V1__Tender *tender,
                           const Wangge__V1__Lot *lot, Wangge__V1__Ranking *ranking, struct wg_error *error) {
  begin(write, tender_id, tender, lot, ranking);
  struct tender_parcel parcel;
  if (!tender_parcel(write, lot->parcel_id, &parcel)) {
    // Split or merged since: its land is no longer what was tendered.
    return tender_refuse(write, "tender.lot_parcel", "/tender_id", 0,
                         land_text(write, "地块 %s 已不存在，须重新招标", lot->parcel_id),
                         land_text(write, "parcel %s is no longer there: make another tender", lot->parcel_id));
  }
  struct around around = {.write = write,
                          .lot = lot,
                          .boundary = *lot->boundary ? lot->boundary : parcel.boundary,
                          .term_from = land_day_or(lot->from, 0),
                          .day = land_day_or(tender->closes_on, 0),
                          .error = error};
  walk_tenures(write, see, &around);
  see_homesteads(&around);
  if (around.status != WG_OK) return around.status;
  // All parties that apply have a place before pointers to places are kept.
  struct wg_book_walk walk = land_each(write, LAND_KIND(APPLICATION));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    if (strcmp(record->application->tender_id, tender_id) == 0) of_party(&around, record->application->party_id);
  }
  find_last_holder(&around);
  walk = land_each(write, LAND_KIND(APPLICATION));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    if (strcmp(record->application->tender_id, tender_id) != 0 || strcmp(record->application->lot_id, lot->id) != 0)
      continue;
    add_row(&around, ranking, record);
  }
  add_invited(&around, ranking);
  return WG_OK;
}

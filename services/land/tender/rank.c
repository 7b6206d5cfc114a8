// Rankings as records: facts of the rows to ranking.c and its answer back into the rows.
#include "services/land/tender/parts.h"

#include <string.h>

#define STATE(NAME) WANGGE__V1__APPLICATION_STATE__APPLICATION_STATE_##NAME

// Number of the entry that made an application, which its id tells: "application-12".
static uint64_t made_by(const char *application_id) {
  const char *dash = strchr(application_id, '-');
  uint64_t number = 0;
  for (const char *digit = dash ? dash + 1 : ""; *digit >= '0' && *digit <= '9'; digit++)
    number = 10 * number + (uint64_t)(*digit - '0');
  return number;
}

static struct land_applicant applicant_of(const struct land_write *write, const Wangge__V1__RankingRow *row) {
  const Wangge__V1__Application *application = LAND_GET(write, APPLICATION, application, row->application_id);
  struct land_applicant applicant = {.application = row->application_id,
                                     .household = row->party_id,
                                     .seq = made_by(row->application_id),
                                     .received_at_us = application->received_at,
                                     .signed_document = *application->document != '\0',
                                     .withdrawn = application->state == STATE(WITHDRAWN),
                                     .use_allowed = row->use_allowed,
                                     .overdue = row->overdue,
                                     .member = row->is_member,
                                     .offer_fen_per_mu = row->offer_fen_per_mu,
                                     .has_base = row->distance_mm >= 0,
                                     .shared_dm = row->shared_dm,
                                     .distance_mm = row->distance_mm,
                                     .held_last_clean = row->held_last_clean,
                                     .held_earlier = row->held_earlier,
                                     .occupied_days = row->occupied_days,
                                     .settled_back_rent = row->settled_back_rent};
  memcpy(applicant.nonce_sha256, application->nonce_sha256.data, sizeof applicant.nonce_sha256);
  if (application->nonce.len == LAND_NONCE_BYTES) applicant.nonce = application->nonce.data;
  return applicant;
}

static Wangge__V1__RankingRow *row_of(const Wangge__V1__Ranking *ranking, const char *application_id) {
  for (size_t i = 0; i < ranking->n_rows; i++) {
    if (strcmp(ranking->rows[i]->application_id, application_id) == 0) return ranking->rows[i];
  }
  return NULL;
}

static void fill(const struct land_write *write, Wangge__V1__RankingRow *row, const struct land_ranking_row *computed) {
  row->rank = (int32_t)computed->rank;
  row->refused = NULL, row->n_refused = 0;
  for (unsigned gate = 1; gate <= LAND_GATE_OUTSIDER; gate <<= 1) {
    if (computed->failed & gate) TENDER_PUSH(write, row, refused, tender_copy(write, land_gate_name(gate)));
  }
  row->near = computed->near, row->old = computed->old, row->price = computed->price, row->member = computed->member;
  row->revealed = computed->revealed, row->edge = computed->edge;
  row->draw = tender_bytes(write, computed->draw, sizeof computed->draw);
}

void tender_rank(const struct land_write *write, const Wangge__V1__Tender *tender, const Wangge__V1__Lot *lot,
                 Wangge__V1__Ranking *ranking) {
  struct land_ranking_rules rules = {.lot = tender_ranking_id(write, ranking->tender_id, lot->id),
                                     .opens_at_us = tender->progress->opened_at,
                                     .closes_at_us = (int64_t)(land_day_or(tender->closes_on, 0) + 1) * WG_DAY_US -
                                                     WG_SHANGHAI_OFFSET_US,
                                     .reserve_fen_per_mu = lot->reserve_fen_per_mu,
                                     .near_bin_m = tender->near_bin_m,
                                     .near_first = !tender->old_first,
                                     .round = tender->round,
                                     .outsiders_allowed = ranking->outsiders_allowed};
  memcpy(rules.root, ranking->close_root.data, sizeof rules.root);
  struct land_applicant *applicants = wg_arena_zalloc(write->arena, (ranking->n_rows + 1) * sizeof *applicants);
  for (size_t i = 0; i < ranking->n_rows; i++)
    applicants[i] = applicant_of(write, ranking->rows[i]);
  const struct land_ranking result = land_rank(&rules, applicants, ranking->n_rows, write->arena);
  Wangge__V1__RankingRow **rows = wg_arena_alloc(write->arena, (result.count + 1) * sizeof(Wangge__V1__RankingRow *));
  for (size_t i = 0; i < result.count; i++) {
    rows[i] = row_of(ranking, result.rows[i].applicant->application);
    fill(write, rows[i], &result.rows[i]);
  }
  ranking->rows = rows;
  ranking->seed = tender_bytes(write, result.seed, sizeof result.seed);
  ranking->result_sha256 = tender_bytes(write, result.result_sha256, sizeof result.result_sha256);
}

// --- RankTender ---
static bool was_asked(const struct land_write *write, const Wangge__V1__Ranking *ranking, const char *party) {
  const char *prefix = land_text(write, "%s.%s.", ranking->tender_id, ranking->lot_id);
  struct wg_book_walk walk = wg_book_walk(write->book, write->write->village, LAND_KIND(INVITATION), prefix);
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    if (strcmp(record->invitation->party_id, party) == 0) return true;
  }
  for (size_t i = 0; i < ranking->n_rows; i++) { // who applied has answered
    if (strcmp(ranking->rows[i]->party_id, party) == 0) return true;
  }
  return false;
}

static void check_invited(struct land_write *write, const Wangge__V1__Ranking *ranking) {
  for (size_t i = 0; i < ranking->n_invited; i++) {
    if (was_asked(write, ranking, ranking->invited[i])) continue;
    land_refuse(write, (struct land_what){.code = "tender.invitation",
                                          .pointer = "/tender_id",
                                          .zh = land_text(write, "标段 %s：没有登记 %s 的答复(相邻农户或原承包户)",
                                                          ranking->lot_id, ranking->invited[i]),
                                          .en = land_text(write, "lot %s: no answer of %s, a neighbour or last holder",
                                                          ranking->lot_id, ranking->invited[i]),
                                          .kind = LAND_KIND(PARTY),
                                          .id = ranking->invited[i],
                                          .earliest = write->today});
  }
}

static void mark_applications(struct land_write *write, const Wangge__V1__Ranking *ranking) {
  for (size_t i = 0; i < ranking->n_rows; i++) {
    const char *id = ranking->rows[i]->application_id;
    const Wangge__V1__Application *stands = LAND_GET(write, APPLICATION, application, id);
    if (stands->state != STATE(RECEIVED)) continue;
    Wangge__V1__Application *application = land_change(write, LAND_KIND(APPLICATION), id);
    application->state = ranking->rows[i]->rank ? STATE(ADMITTED) : STATE(REFUSED);
  }
}

wg_status tender_rank_tender(struct land_write *write, struct wg_error *error) {
  (void)error;
  const Wangge__V1__RankTenderRequest *request = (const void *)write->request;
  if (!tender_possible(write, request->tender_id, "rank_tender")) return WG_OK;
  const Wangge__V1__Tender *stands = LAND_GET(write, TENDER, tender, request->tender_id);
  for (size_t i = 0; i < stands->n_lots; i++) {
    const char *id = tender_ranking_id(write, request->tender_id, stands->lots[i]->id);
    check_invited(write, LAND_GET(write, RANKING, ranking, id));
  }
  if (write->refused) return WG_OK;
  const Wangge__V1__Tender *tender = tender_move(write, request->tender_id, "rank_tender");
  for (size_t i = 0; i < tender->n_lots; i++) {
    const char *id = tender_ranking_id(write, request->tender_id, tender->lots[i]->id);
    Wangge__V1__Ranking *ranking = land_change(write, LAND_KIND(RANKING), id);
    tender_rank(write, tender, tender->lots[i], ranking);
    ranking->state = WANGGE__V1__RANKING_STATE__RANKING_STATE_RANKED;
    mark_applications(write, ranking);
  }
  return WG_OK;
}

wg_status tender_check_edge(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__CheckEdgeRequest *request = (const void *)write->request;
  const wg_status status = tender_check_document(request->document, true, "document", error);
  if (status != WG_OK) return status;
  if (!tender_possible(write, request->tender_id, "check_edge")) return WG_OK;
  const char *id = tender_ranking_id(write, request->tender_id, request->lot_id);
  const Wangge__V1__Ranking *stands = LAND_GET(write, RANKING, ranking, id);
  if (!stands) return land_unknown(write, "/lot_id", LAND_KIND(RANKING), id);
  const Wangge__V1__RankingRow *known = row_of(stands, request->application_id);
  if (!known) return land_unknown(write, "/application_id", LAND_KIND(APPLICATION), request->application_id);
  if (!known->edge)
    return tender_refuse(write, "ranking.edge", "/application_id", 0, "这个距离不在分档边界上",
                         "the distance of this application is not at the edge of a bin");
  Wangge__V1__Ranking *ranking = land_change(write, LAND_KIND(RANKING), id);
  row_of(ranking, request->application_id)->edge_check = request->document;
  return WG_OK;
}

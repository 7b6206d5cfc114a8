// Evaluation of streets (街巷评比): the total is the weighted mean of the scores, the rank that of the total in its
// round. Integers only, so that anybody who adds up the sheet gets the same.
#include "services/land/yard/yard.h"

#include "common/base/text.h"

#include <stdio.h>
#include <string.h>

enum { CRITERIA_MOST = 20, SCORES_MOST = 1000, POINTS = 100, WEIGHTS = 1000, NAME_BYTES = 64 };

static wg_status check_criteria(const Wangge__V1__StreetEvaluation *evaluation, struct wg_error *error) {
  int weights = 0;
  if (evaluation->n_criteria < 1 || evaluation->n_criteria > CRITERIA_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "evaluation.criteria", "must be 1 to %d", CRITERIA_MOST);
  for (size_t i = 0; i < evaluation->n_criteria; i++) {
    const Wangge__V1__StreetCriterion *one = evaluation->criteria[i];
    char field[64];
    snprintf(field, sizeof field, "evaluation.criteria[%zu].name", i);
    if (wg_text_check(one->name, NAME_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE | WG_TEXT_PLAIN, field, error) !=
        WG_OK)
      return error->code;
    if (one->weight_permille < 1 || one->weight_permille > WEIGHTS)
      return wg_fail(error, WG_INVALID_ARGUMENT, "evaluation.criteria", "a weight is 1 to %d", WEIGHTS);
    weights += one->weight_permille;
  }
  if (weights != WEIGHTS)
    return wg_fail(error, WG_INVALID_ARGUMENT, "evaluation.criteria", "the weights add up to %d, not to %d", weights,
                   WEIGHTS);
  return WG_OK;
}

static wg_status check_scores(const Wangge__V1__StreetEvaluation *evaluation, struct wg_error *error) {
  if (evaluation->n_scores < 1 || evaluation->n_scores > SCORES_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "evaluation.scores", "must be 1 to %d", SCORES_MOST);
  for (size_t i = 0; i < evaluation->n_scores; i++) {
    const Wangge__V1__StreetScore *one = evaluation->scores[i];
    char field[64];
    snprintf(field, sizeof field, "evaluation.scores[%zu]", i);
    if (one->score < 0 || one->score > POINTS || one->criterion < 0 || (size_t)one->criterion >= evaluation->n_criteria)
      return wg_fail(error, WG_INVALID_ARGUMENT, field, "must be 0 to %d points for one of the criteria", POINTS);
    if (wg_text_check(one->scorer, NAME_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE | WG_TEXT_PLAIN, field, error) !=
        WG_OK)
      return error->code;
    for (size_t k = 0; k < i; k++) {
      if (evaluation->scores[k]->criterion == one->criterion && strcmp(evaluation->scores[k]->scorer, one->scorer) == 0)
        return wg_fail(error, WG_INVALID_ARGUMENT, field, "\"%.40s\" scored this criterion already", one->scorer);
    }
  }
  return WG_OK;
}

// total gives the weighted mean in thousandths of a point, rounded half up; -1: a criterion nobody scored.
static int total(const Wangge__V1__StreetEvaluation *evaluation) {
  int64_t sum = 0; // weight ‰ × mean in millionths
  for (size_t c = 0; c < evaluation->n_criteria; c++) {
    int64_t points = 0, count = 0;
    for (size_t i = 0; i < evaluation->n_scores; i++) {
      if ((size_t)evaluation->scores[i]->criterion != c) continue;
      points += evaluation->scores[i]->score;
      count++;
    }
    if (!count) return -1;
    sum += evaluation->criteria[c]->weight_permille * (points * 1000000 / count);
  }
  return (int)((sum / WEIGHTS + 500) / 1000);
}

wg_status yard_street(struct land_write *write, ProtobufCMessage *body, const ProtobufCMessage *before,
                      struct wg_error *error) {
  Wangge__V1__StreetEvaluation *evaluation = (Wangge__V1__StreetEvaluation *)body;
  if (check_criteria(evaluation, error) != WG_OK || check_scores(evaluation, error) != WG_OK) return error->code;
  evaluation->rank = 0;
  evaluation->total_milli = total(evaluation);
  if (evaluation->total_milli < 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "evaluation.scores", "every criterion needs a score");
  if (before && ((const Wangge__V1__StreetEvaluation *)before)->rank)
    return land_refuse(write, (struct land_what){.code = "street_evaluation.closed",
                                                 .pointer = "/id",
                                                 .zh = "本轮评比已经公布名次，不能再改",
                                                 .en = "the ranks of this round are published: it cannot be changed"});
  return WG_OK;
}

wg_status yard_close_round(struct land_write *write, struct wg_error *error) {
  const Wangge__V1__CloseRoundRequest *request = (const void *)write->request;
  if (wg_text_check(request->round, NAME_BYTES, WG_TEXT_REQUIRED | WG_TEXT_ONE_LINE, "round", error) != WG_OK)
    return error->code;
  const size_t most = wg_book_count(write->book, write->write->village, LAND_KIND(STREET_EVALUATION));
  const Wangge__V1__LandRecord **streets = wg_arena_alloc(write->arena, (most + 1) * sizeof *streets);
  size_t count = 0;
  struct wg_book_walk walk = land_each(write, LAND_KIND(STREET_EVALUATION));
  for (const Wangge__V1__LandRecord *record; (record = wg_book_next(&walk));) {
    if (strcmp(record->street_evaluation->round, request->round) == 0) streets[count++] = record;
  }
  if (!count || streets[0]->street_evaluation->rank)
    return land_refuse(write, (struct land_what){.code = count ? "street_evaluation.closed" : "street_evaluation.none",
                                                 .pointer = "/round",
                                                 .zh = count ? "本轮名次已经公布" : "本轮还没有任何评分",
                                                 .en = count ? "the ranks of this round are published"
                                                             : "no street was scored in this round"});
  for (size_t i = 0; i < count; i++) {
    int rank = 1;
    for (size_t k = 0; k < count; k++)
      rank += streets[k]->street_evaluation->total_milli > streets[i]->street_evaluation->total_milli;
    ((Wangge__V1__StreetEvaluation *)land_change(write, LAND_KIND(STREET_EVALUATION), streets[i]->id))->rank = rank;
  }
  return WG_OK;
}

// See parcel.h: survey's records in the few words that tenders and contracts need.
#include "services/land/tender/parcel.h"

#include "services/land/notice/notice.h"
#include "services/land/survey/survey.h"
#include "services/land/tender/parts.h"

#include <string.h>

enum { GENERATIONS = 16 }; // splits and merges that are followed back

static int32_t confirmed_on(const struct land_write *write, const char *id, const Wangge__V1__Parcel *parcel) {
  const Wangge__V1__SurveyTask *task = LAND_GET(write, SURVEY_TASK, survey_task, parcel->survey_task);
  int32_t day = task ? land_day_or(task->surveyed_on, INT32_MIN) : INT32_MIN, clear;
  uint8_t sha256[LAND_SUBJECT_BYTES];
  if (land_subject_sha256(write, LAND_KIND(PARCEL), id, sha256) &&
      land_notice_clear(write, WANGGE__V1__NOTICE_KIND__NOTICE_KIND_SURVEY, sha256, &clear) && clear > day)
    day = clear;
  return day;
}

bool tender_parcel(const struct land_write *write, const char *id, struct tender_parcel *parcel) {
  const Wangge__V1__LandRecord *record = land_get(write, LAND_KIND(PARCEL), id);
  if (!record) return false;
  const Wangge__V1__Parcel *body = record->parcel;
  *parcel = (struct tender_parcel){
      .id = record->id,
      .confirmed = body->state == WANGGE__V1__PARCEL_STATE__PARCEL_STATE_CONFIRMED,
      .confirmed_on = INT32_MIN,
      .area_dm2 = body->area_adopted_dm2,
      .standard = body->land_class ? body->land_class->standard : "",
      .class_code = body->land_class ? body->land_class->code : "",
      .basic_farmland = body->basic_farmland,
      .boundary = body->geom,
  };
  if (parcel->confirmed) parcel->confirmed_on = confirmed_on(write, id, body);
  return true;
}

struct tender_occupation tender_occupied(const struct land_write *write, const char *parcel_id, const char *party,
                                         int32_t day) {
  struct tender_occupation longest = {0};
  const Wangge__V1__Parcel *parcel = LAND_GET(write, PARCEL, parcel, parcel_id);
  if (!parcel || parcel->state != WANGGE__V1__PARCEL_STATE__PARCEL_STATE_CONFIRMED) return longest;
  for (size_t i = 0; i < parcel->n_occupations; i++) {
    const Wangge__V1__Occupation *occupation = parcel->occupations[i];
    if (strcmp(occupation->party_id, party) != 0) continue;
    const int64_t days = (int64_t)day - land_day_or(occupation->since, day);
    if (days > longest.days) longest = (struct tender_occupation){.days = days, .settled = occupation->paid};
  }
  return longest;
}

// is_ancestor walks the parents; ended parcels keep their last body.
static bool is_ancestor(const struct land_write *write, const char *parcel_id, const char *ancestor, int generations) {
  const Wangge__V1__LandRecord *record = land_last(write, LAND_KIND(PARCEL), parcel_id);
  for (size_t i = 0; record && generations > 0 && i < record->parcel->n_parents; i++) {
    const char *parent = record->parcel->parents[i];
    if (strcmp(parent, ancestor) == 0 || is_ancestor(write, parent, ancestor, generations - 1)) return true;
  }
  return false;
}

bool tender_descends(const struct land_write *write, const char *parcel_id, const char *ancestor) {
  if (strcmp(parcel_id, ancestor) == 0) return true;
  if (!is_ancestor(write, parcel_id, ancestor, GENERATIONS)) return false;
  const Wangge__V1__LandRecord *parcel = land_last(write, LAND_KIND(PARCEL), parcel_id);
  const Wangge__V1__LandRecord *given = land_last(write, LAND_KIND(PARCEL), ancestor);
  return parcel && given && tender_half_inside(write, parcel->parcel->geom, given->parcel->geom);
}

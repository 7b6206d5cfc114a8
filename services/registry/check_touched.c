// What of the reports a Put runs for the records it changes: see check_report.h.
#include "services/registry/check_survey.h"

#include <string.h>

// A posting concerns its person and, as a dedicated worker's, its grid. Both may be in many of the changed postings:
// they come in order of codes, so only neighbours are left out.
struct last {
  const char *person, *grid;
};

static void check_posting(struct registry_survey *survey, const struct registry_change *change, struct last *last) {
  const Wangge__V1__Posting *posting = change->record->posting;
  const Wangge__V1__Record *person = registry_one(survey, REGISTRY_BODY(PERSON), posting->person);
  if (person && strcmp(last->person, person->code) != 0) registry_check_person_posts(survey, person);
  if (person) last->person = person->code;
  const Wangge__V1__Record *grid = posting->role == WANGGE__V1__POST_ROLE__POST_ROLE_GRID_WORKER
                                       ? registry_one(survey, REGISTRY_BODY(GRID), posting->area)
                                       : NULL;
  if (grid && strcmp(last->grid, grid->code) != 0) registry_check_grid_posts(survey, grid);
  if (grid) last->grid = grid->code;
}

static void check_one(struct registry_survey *survey, const struct registry_change *change, struct last *last) {
  const Wangge__V1__Record *record = change->record;
  switch ((int)record->body_case) {
  case REGISTRY_BODY(PARTY_ORG):
    registry_check_party_org(survey, record);
    return;
  case REGISTRY_BODY(POSTING):
    check_posting(survey, change, last);
    return;
  case REGISTRY_BODY(TRAINING):
    registry_check_one_training(survey, record);
    return;
  case REGISTRY_BODY(STATION_ASSET):
    registry_check_asset(survey, record);
    return;
  case REGISTRY_BODY(AGREEMENT):
    registry_check_agreement(survey, record);
    return;
  case REGISTRY_BODY(AGREEMENT_ITEM):
    registry_check_agreement_item(survey, record);
    return;
  case REGISTRY_BODY(CONTACT_CARD):
    registry_check_contact_card(survey, record);
    return;
  case REGISTRY_BODY(LIST_ITEM):
    registry_check_list_item(survey, record);
    return;
  case REGISTRY_BODY(CALENDAR_DAY):
    registry_check_calendar_day(survey, record);
    return;
  default:
    return;
  }
}

static void check_district(const struct registry_changes *changes, size_t first, size_t end, int32_t today,
                           struct wg_findings *findings) {
  struct registry_survey survey;
  registry_survey_start(&survey, changes->after, changes->change[first].record->district, today, findings);
  survey.put = true;
  struct last last = {"", ""};
  for (size_t i = first; i < end; i++) {
    findings->row = changes->change[i].row;
    if (!changes->change[i].record->deleted) check_one(&survey, &changes->change[i], &last);
  }
  registry_check_map_touched(&survey, &changes->change[first], end - first);
  registry_survey_stop(&survey);
}

void registry_check_touched(const struct registry_changes *changes, int32_t today, struct wg_findings *findings) {
  for (size_t first = 0, end = 0; first < changes->count; first = end) {
    const char *district = changes->change[first].record->district;
    while (end < changes->count && strcmp(changes->change[end].record->district, district) == 0)
      end++;
    check_district(changes, first, end, today, findings);
  }
}

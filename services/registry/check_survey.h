// What the checks of a survey (统查) have in common; included by check_*.c only.
#pragma once

#include "common/base/clock.h"
#include "common/base/map.h"
#include "services/registry/check_report.h"

#define REGISTRY_BODY(name) WANGGE__V1__RECORD__BODY_##name

struct registry_posts;
struct registry_plane;

// A survey of one district on one day.
struct registry_survey {
  const struct wg_book *book;
  const char *district;
  int32_t today;
  char day[11]; // the same as text; dates are compared as text
  bool put;     // of what a Put changes
  struct wg_arena *arena;
  struct wg_findings *findings;
  struct registry_posts *posts; // made when first asked for
  struct registry_plane *plane;
  struct wg_map *with_items; // agreements that have one; of registry_check_agreement
};
void registry_survey_start(struct registry_survey *survey, const struct wg_book *book, const char *district,
                           int32_t today, struct wg_findings *findings);
void registry_survey_stop(struct registry_survey *survey);

// How much it matters: BLOCKS is an error always, FAULT an error in a report and a warning on Put, HINT a warning.
enum registry_weight { REGISTRY_HINT, REGISTRY_FAULT, REGISTRY_BLOCKS };
Wangge__V1__Severity registry_severity(const struct registry_survey *survey, enum registry_weight weight);
// registry_ruled names the source of the rule, a text that lives as long as the findings.
Wangge__V1__Finding *registry_ruled(Wangge__V1__Finding *finding, const char *rule);
#define REGISTRY_SAY(survey, weight, record, code, field, rule, ...)                                                   \
  registry_ruled(                                                                                                      \
      wg_finding_add((survey)->findings, registry_severity(survey, weight), record, code, field, __VA_ARGS__), rule)

struct wg_book_walk registry_each(const struct registry_survey *survey, int kind); // all of a kind, in order of codes
const Wangge__V1__Record *registry_one(const struct registry_survey *survey, int kind, const char *code); // or NULL
void registry_day_text(int32_t day, char text[11]);

// A list of names for a message: the first few, then how many more.
struct registry_names {
  char *text;
  size_t count;
};
void registry_names_add(struct registry_survey *survey, struct registry_names *names, const char *name);
const char *registry_names_text(struct registry_survey *survey, const struct registry_names *names);

// --- postings (check_posts.c) ---
struct registry_post {
  const Wangge__V1__Record *record;
  const Wangge__V1__Posting *posting;
  bool current; // on the day of the survey
};
// registry_posts_of gives the postings of a role in an area, past ones too, in order of their beginning.
const struct registry_post *registry_posts_of(struct registry_survey *survey, const char *area,
                                              Wangge__V1__PostRole role, size_t *count);
// registry_posts_held gives all postings of a person, ordered by role, area and beginning.
const struct registry_post *registry_posts_held(struct registry_survey *survey, const char *person, size_t *count);
// registry_posts_all gives all postings, ordered by person.
const struct registry_post *registry_posts_all(struct registry_survey *survey, size_t *count);
bool registry_posts_overlap(const Wangge__V1__Posting *a, const Wangge__V1__Posting *b); // in time
const char *registry_role_label(Wangge__V1__PostRole role);

// --- reports, and what of them a Put runs for one record ---
void registry_check_net(struct registry_survey *survey); // check_net.c
void registry_check_grid_posts(struct registry_survey *survey, const Wangge__V1__Record *grid);
void registry_check_party_org(struct registry_survey *survey, const Wangge__V1__Record *org);
void registry_check_staffing(struct registry_survey *survey); // check_staffing.c
void registry_check_person_posts(struct registry_survey *survey, const Wangge__V1__Record *person);
void registry_check_training(struct registry_survey *survey); // check_training.c
void registry_check_one_training(struct registry_survey *survey, const Wangge__V1__Record *training);
void registry_check_stations(struct registry_survey *survey); // check_stations.c
void registry_check_asset(struct registry_survey *survey, const Wangge__V1__Record *asset);
void registry_check_linkages(struct registry_survey *survey); // check_linkages.c
void registry_check_agreement(struct registry_survey *survey, const Wangge__V1__Record *agreement);
void registry_check_agreement_item(struct registry_survey *survey, const Wangge__V1__Record *item);
void registry_check_contact_card(struct registry_survey *survey, const Wangge__V1__Record *card);
void registry_check_lists(struct registry_survey *survey); // check_lists.c
void registry_check_list_item(struct registry_survey *survey, const Wangge__V1__Record *item);
void registry_check_calendar(struct registry_survey *survey); // check_calendar.c
void registry_check_calendar_day(struct registry_survey *survey, const Wangge__V1__Record *day);

// --- the map (check_map.c) ---
void registry_check_map(struct registry_survey *survey);
// registry_check_map_touched checks the boundaries and points that changed, and what lies around them.
// The changes are those of the survey's district.
void registry_check_map_touched(struct registry_survey *survey, const struct registry_change *change, size_t count);

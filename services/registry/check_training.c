// Training: everybody who works for a grid is trained every year (每年全覆盖).
//
//   training.missing   a warning, from 1 October: who was not trained this year; before that one for the whole district
//                      (training.missing_yet), so that nobody reads four hundred lines in January
//   training.year_missing   not trained in all of last year although in post since its 1 October
//   training.hours_none, training.people_none, training.future, training.people_twice   warnings about one training
#include "services/registry/check_survey.h"

#include <stdio.h>
#include <string.h>

static const char RULE_YEARLY[] = "网格员每年全覆盖培训";

void registry_check_one_training(struct registry_survey *survey, const Wangge__V1__Record *record) {
  const Wangge__V1__Training *training = record->training;
  if (training->hours <= 0)
    REGISTRY_SAY(survey, REGISTRY_HINT, record, "hours_none", "hours", RULE_YEARLY, "培训“%s”没有学时；请填写",
                 training->topic);
  if (!training->n_people)
    REGISTRY_SAY(survey, REGISTRY_HINT, record, "people_none", "people", RULE_YEARLY, "培训“%s”没有参训人员；请填写",
                 training->topic);
  if (training->n_people && strcmp(training->held_on, survey->day) > 0)
    REGISTRY_SAY(survey, REGISTRY_HINT, record, "future", "held_on", RULE_YEARLY,
                 "培训“%s”的日期%s还没有到，已有参训人员；请改正日期，办完再登记人员", training->topic,
                 training->held_on);
  struct wg_map *seen = wg_map_create();
  for (size_t i = 0; i < training->n_people; i++) {
    if (wg_map_get(seen, training->people[i]))
      REGISTRY_SAY(survey, REGISTRY_HINT, record, "people_twice", "people", RULE_YEARLY,
                   "培训“%s”里“%s”登记了两次；只留一次", training->topic, training->people[i]);
    wg_map_put(seen, training->people[i], training->people[i]);
  }
  wg_map_destroy(seen);
}

// trained_in gives who took part in a training in a year, up to the day of the survey; NULL: there was none.
static struct wg_map *trained_in(struct registry_survey *survey, const char *year) {
  struct wg_map *trained = NULL;
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(TRAINING));
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));) {
    Wangge__V1__Training *training = record->training;
    if (strncmp(training->held_on, year, 4) != 0 || strcmp(training->held_on, survey->day) > 0) continue;
    if (!trained) trained = wg_map_create();
    for (size_t i = 0; i < training->n_people; i++)
      wg_map_put(trained, training->people[i], training);
  }
  return trained;
}

static bool must_be_trained(const struct registry_post *post) {
  return post->current && (post->posting->role == WANGGE__V1__POST_ROLE__POST_ROLE_GRID_WORKER ||
                           post->posting->role == WANGGE__V1__POST_ROLE__POST_ROLE_COMMUNITY_WORKER);
}

// next_untrained gives the next person who must be trained and took part in nothing; each person once. `from` is the
// latest day on which the post may have begun; "": any.
static const struct registry_post *next_untrained(const struct registry_post *post, size_t count, size_t *at,
                                                  const struct wg_map *trained, const char *from) {
  for (; *at < count; (*at)++) {
    const struct registry_post *one = &post[*at];
    if (!must_be_trained(one) || (*from && strcmp(one->posting->from, from) > 0)) continue;
    if (trained && wg_map_get(trained, one->posting->person)) continue;
    size_t next = *at + 1;
    while (next < count && strcmp(post[next].posting->person, one->posting->person) == 0)
      next++;
    *at = next;
    return one;
  }
  return NULL;
}

static void check_this_year(struct registry_survey *survey, const struct registry_post *post, size_t count) {
  char october[11];
  snprintf(october, sizeof october, "%.4s-10-01", survey->day);
  const bool list = strcmp(survey->day, october) >= 0;
  struct wg_map *trained = trained_in(survey, survey->day);
  struct registry_names missing = {0};
  size_t at = 0;
  for (const struct registry_post *one; (one = next_untrained(post, count, &at, trained, ""));) {
    registry_names_add(survey, &missing, one->posting->person);
    if (!list) continue;
    const Wangge__V1__Record *person = registry_one(survey, REGISTRY_BODY(PERSON), one->posting->person);
    REGISTRY_SAY(survey, REGISTRY_HINT, person ? person : one->record, "training.missing", "people", RULE_YEARLY,
                 "%s“%s”（%s）%.4s年还没有参加培训；请在年内安排", registry_role_label(one->posting->role),
                 one->posting->person, one->posting->area, survey->day);
  }
  wg_map_destroy(trained);
  if (list || !missing.count) return;
  REGISTRY_SAY(survey, REGISTRY_HINT, registry_one(survey, REGISTRY_BODY(NET_DISTRICT), survey->district),
               "training.missing_yet", "code", RULE_YEARLY,
               "%.4s年还有%zu名网格员、社区工作者没有参加培训：%s；请排入年度计划", survey->day, missing.count,
               registry_names_text(survey, &missing));
}

// check_last_year: a district that recorded no training last year did not use the registry then.
static void check_last_year(struct registry_survey *survey, const struct registry_post *post, size_t count) {
  int year = 0, month = 0, day = 0;
  wg_day_civil(survey->today, &year, &month, &day);
  char last[8], october[16];
  snprintf(last, sizeof last, "%04u", (unsigned)(year - 1) % 10000u);
  snprintf(october, sizeof october, "%s-10-01", last);
  struct wg_map *trained = trained_in(survey, last);
  if (!trained) return;
  size_t at = 0;
  for (const struct registry_post *one; (one = next_untrained(post, count, &at, trained, october));) {
    const Wangge__V1__Record *person = registry_one(survey, REGISTRY_BODY(PERSON), one->posting->person);
    REGISTRY_SAY(survey, REGISTRY_FAULT, person ? person : one->record, "training.year_missing", "people", RULE_YEARLY,
                 "%s“%s”（%s）%s年全年没有培训记录；请补训并登记，或补录当年的培训",
                 registry_role_label(one->posting->role), one->posting->person, one->posting->area, last);
  }
  wg_map_destroy(trained);
}

void registry_check_training(struct registry_survey *survey) {
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(TRAINING));
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));)
    registry_check_one_training(survey, record);
  size_t count = 0;
  const struct registry_post *post = registry_posts_all(survey, &count);
  check_this_year(survey, post, count);
  check_last_year(survey, post, count);
}

// People and posts: required holders as the district's rules have them (2+1+N+X), and postings that do not go together.
//
//   KIND.vacancy            of a grid, community, street or station: fewer holders of a role than its rule demands
//   KIND.surplus            a warning: more
//   posting.dual_registered its rule wants a dual-registered member
//   posting.overlap         the same person holds the same post twice at once
//   person.exclusive_posts  dedicated worker of two grids, or dedicated and part-time at once
//   person.grid_none        a community worker who is posted to no grid
//   person.grade_none       a warning: a worker without a grade;  person.grade_unknown
//   post_grade.grade_twice, post_grade.grade_gap (a warning)  of one post's scale
#include "services/registry/check_survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char RULE_STAFF[] = "2+1+N+X 人员配备";
static const char RULE_ONE[] = "一网格一名专职网格员";
static const char RULE_GRIDS[] = "联网格：每名社区工作者都定岗到网格";
static const char RULE_GRADES[] = "三岗二十级岗位等级";

#define ROLE(name) WANGGE__V1__POST_ROLE__POST_ROLE_##name

// --- required holders ---
static const struct {
  const char *level, *label;
  int kind;
} LEVELS[] = {{"grid", "网格", REGISTRY_BODY(GRID)},
              {"community", "社区", REGISTRY_BODY(COMMUNITY)},
              {"street", "街道", REGISTRY_BODY(STREET)},
              {"station", "驿站", REGISTRY_BODY(STATION)}};

// The record goes before the findings do.
static const char *basis(const struct registry_survey *survey, const Wangge__V1__StaffingRule *rule) {
  return *rule->basis ? wg_arena_strdup(survey->findings->arena, rule->basis) : RULE_STAFF;
}

static void check_dual(struct registry_survey *survey, const Wangge__V1__StaffingRule *rule,
                       const struct registry_post *post) {
  const Wangge__V1__Record *person = registry_one(survey, REGISTRY_BODY(PERSON), post->posting->person);
  if (!person || person->person->dual_registered) return;
  REGISTRY_SAY(survey, REGISTRY_FAULT, post->record, "dual_registered", "person", basis(survey, rule),
               "%s“%s”（%s）不是双报到党员；请改由双报到党员担任，或改正其人员信息", registry_role_label(rule->role),
               post->posting->person, post->posting->area);
}

// since tells from when a post has been vacant: the day after the last holder's.
static const char *since(struct registry_survey *survey, const struct registry_post *post, size_t count) {
  const char *last = "";
  for (size_t i = 0; i < count; i++) {
    if (strcmp(post[i].posting->to, survey->day) < 0 && strcmp(post[i].posting->to, last) > 0)
      last = post[i].posting->to;
  }
  return *last ? wg_arena_printf(survey->arena, "（上一任到%s）", last) : "";
}

static void check_area(struct registry_survey *survey, const Wangge__V1__StaffingRule *rule,
                       const Wangge__V1__Record *area, const char *label) {
  size_t count = 0;
  int32_t current = 0;
  const struct registry_post *post = registry_posts_of(survey, area->code, rule->role, &count);
  for (size_t i = 0; i < count; i++) {
    if (!post[i].current) continue;
    current++;
    if (rule->must_be_dual_registered) check_dual(survey, rule, &post[i]);
  }
  const char *role = registry_role_label(rule->role);
  if (current < rule->required_min)
    REGISTRY_SAY(survey, REGISTRY_FAULT, area, "vacancy", "code", basis(survey, rule),
                 "%s“%s”应有%s至少%d名，在任%d名，缺%d名%s；请补录任职或尽快补位", label, area->code, role,
                 rule->required_min, current, rule->required_min - current, since(survey, post, count));
  else if (rule->required_max > 0 && current > rule->required_max)
    REGISTRY_SAY(survey, REGISTRY_HINT, area, "surplus", "code", basis(survey, rule),
                 "%s“%s”的%s至多%d名，在任%d名；请结束多出的任职或修改配备标准", label, area->code, role,
                 rule->required_max, current);
}

static void check_rules(struct registry_survey *survey) {
  struct wg_book_walk rules = registry_each(survey, REGISTRY_BODY(STAFFING_RULE));
  for (const Wangge__V1__Record *rule; (rule = wg_book_next(&rules));) {
    for (size_t i = 0; i < sizeof LEVELS / sizeof *LEVELS; i++) {
      if (strcmp(LEVELS[i].level, rule->staffing_rule->level) != 0) continue;
      struct wg_book_walk areas = registry_each(survey, LEVELS[i].kind);
      for (const Wangge__V1__Record *area; (area = wg_book_next(&areas));)
        check_area(survey, rule->staffing_rule, area, LEVELS[i].label);
    }
  }
}

// --- what a person holds ---
// check_twice: postings are in order of role, area and beginning, so those of one post stand together.
static void check_twice(struct registry_survey *survey, const struct registry_post *post, size_t count) {
  for (size_t i = 1; i < count; i++) {
    const Wangge__V1__Posting *a = post[i - 1].posting, *b = post[i].posting;
    if (a->role != b->role || strcmp(a->area, b->area) != 0 || !registry_posts_overlap(a, b)) continue;
    REGISTRY_SAY(survey, REGISTRY_BLOCKS, post[i].record, "overlap", "from", RULE_STAFF,
                 "“%s”在“%s”任%s的两条记录“%s”和“%s”时间重叠；请合并，或给前一条填结束日期", b->person, b->area,
                 registry_role_label(b->role), post[i - 1].record->code, post[i].record->code);
  }
}

static void check_exclusive(struct registry_survey *survey, const Wangge__V1__Record *person,
                            const struct registry_post *post, size_t count) {
  struct registry_names grids = {0};
  bool part_time = false;
  for (size_t i = 0; i < count; i++) {
    if (!post[i].current) continue;
    part_time |= post[i].posting->role == ROLE(PART_TIME_WORKER);
    if (post[i].posting->role == ROLE(GRID_WORKER)) registry_names_add(survey, &grids, post[i].posting->area);
  }
  if (grids.count > 1)
    REGISTRY_SAY(survey, REGISTRY_FAULT, person, "exclusive_posts", "code", RULE_ONE,
                 "“%s”同时是%zu个网格的专职网格员：%s；只保留一个网格", person->code, grids.count,
                 registry_names_text(survey, &grids));
  else if (grids.count && part_time)
    REGISTRY_SAY(survey, REGISTRY_FAULT, person, "exclusive_posts", "code", RULE_ONE,
                 "“%s”是网格“%s”的专职网格员，又任兼职网格员；请结束其中一项任职", person->code,
                 registry_names_text(survey, &grids));
}

static void check_posted(struct registry_survey *survey, const Wangge__V1__Record *person,
                         const struct registry_post *post, size_t count) {
  const char *works_in = NULL;
  for (size_t i = 0; i < count; i++) {
    if (!post[i].current) continue;
    if (registry_one(survey, REGISTRY_BODY(GRID), post[i].posting->area)) return;
    if (post[i].posting->role == ROLE(COMMUNITY_WORKER)) works_in = post[i].posting->area;
  }
  if (!works_in) return;
  REGISTRY_SAY(survey, REGISTRY_FAULT, person, "grid_none", "code", RULE_GRIDS,
               "社区工作者“%s”（%s）没有定岗到网格；请登记他在一个网格的任职", person->code, works_in);
}

static void check_grade(struct registry_survey *survey, const Wangge__V1__Record *person,
                        const struct registry_post *post, size_t count) {
  const char *grade = person->person->grade;
  if (*grade && !registry_one(survey, REGISTRY_BODY(POST_GRADE), grade)) {
    REGISTRY_SAY(survey, REGISTRY_FAULT, person, "grade_unknown", "grade", RULE_GRADES,
                 "“%s”的岗位等级“%s”没有登记；请改正或登记该等级", person->code, grade);
    return;
  }
  if (*grade || !wg_book_count(survey->book, survey->district, REGISTRY_BODY(POST_GRADE))) return;
  for (size_t i = 0; i < count; i++) {
    const Wangge__V1__PostRole role = post[i].posting->role;
    if (!post[i].current || (role != ROLE(GRID_WORKER) && role != ROLE(COMMUNITY_WORKER))) continue;
    REGISTRY_SAY(survey, REGISTRY_HINT, person, "grade_none", "grade", RULE_GRADES, "%s“%s”没有岗位等级；请核定后填写",
                 registry_role_label(role), person->code);
    return;
  }
}

void registry_check_person_posts(struct registry_survey *survey, const Wangge__V1__Record *person) {
  size_t count = 0;
  const struct registry_post *post = registry_posts_held(survey, person->code, &count);
  check_twice(survey, post, count);
  check_exclusive(survey, person, post, count);
  check_posted(survey, person, post, count);
  check_grade(survey, person, post, count);
}

// --- scales of grades ---
static int compare_grade(const void *left, const void *right) {
  const Wangge__V1__Record *a = *(const Wangge__V1__Record *const *)left,
                           *b = *(const Wangge__V1__Record *const *)right;
  const int order = strcmp(a->post_grade->post, b->post_grade->post);
  if (order) return order;
  return (a->post_grade->grade > b->post_grade->grade) - (a->post_grade->grade < b->post_grade->grade);
}

static void check_scales(struct registry_survey *survey) {
  size_t count = 0;
  const size_t most = wg_book_count(survey->book, survey->district, REGISTRY_BODY(POST_GRADE));
  const Wangge__V1__Record **grade = wg_arena_alloc(survey->arena, (most + 1) * sizeof(Wangge__V1__Record *));
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(POST_GRADE));
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));)
    grade[count++] = record;
  if (count) qsort(grade, count, sizeof *grade, compare_grade);
  for (size_t i = 1; i < count; i++) {
    const Wangge__V1__PostGrade *a = grade[i - 1]->post_grade, *b = grade[i]->post_grade;
    if (strcmp(a->post, b->post) != 0 || b->grade == a->grade + 1) continue;
    if (a->grade == b->grade)
      REGISTRY_SAY(survey, REGISTRY_FAULT, grade[i], "grade_twice", "grade", RULE_GRADES,
                   "岗位“%s”的%d级登记了两次（%s、%s）；只保留一个", b->post, b->grade, grade[i - 1]->code,
                   grade[i]->code);
    else
      REGISTRY_SAY(survey, REGISTRY_HINT, grade[i], "grade_gap", "grade", RULE_GRADES,
                   "岗位“%s”的%d级之后是%d级，中间缺级；请补录", b->post, a->grade, b->grade);
  }
}

void registry_check_staffing(struct registry_survey *survey) {
  check_rules(survey);
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(PERSON));
  for (const Wangge__V1__Record *person; (person = wg_book_next(&walk));)
    registry_check_person_posts(survey, person);
  check_scales(survey);
}

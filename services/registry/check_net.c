// The net (一张网): what each grid must have, and the party's chain. The map is in check_map.c.
//
//   KIND.FIELD_…           what one record alone shows (common/records), e.g. grid.households_range
//   grid.party_org_none    no party branch or group works in the grid;   grid.party_org_several  more than one
//   grid.worker_none       no dedicated worker is in post;               grid.worker_several     more than one
//   grid.station_none      a warning: no station serves it;              net.stations_none       there is no station
//   party_org.parent_circle, party_org.chain_incomplete   its parents run in a circle, or do not end at a committee
//   party_org.area_chain   a warning: its parent works in another area
#include "services/registry/check_survey.h"

#include <stdio.h>
#include <string.h>

enum { CHAIN_MOST = 64, COMMUNITY_DIGITS = 12 };
static const char RULE_PARTY[] = "一网格一党支部（党小组）";
static const char RULE_CHAIN[] = "社区党组织—网格党支部（党小组）—楼院党员，组织链条完整";
static const char RULE_WORKER[] = "一网格一名专职网格员";
static const char RULE_STATION[] = "民悦驿站服务覆盖每个网格";

// --- one record alone ---
static void check_alone(struct registry_survey *survey, int kind) {
  struct wg_book_walk walk = registry_each(survey, kind);
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));)
    wg_record_check(record, survey->findings);
}

// --- the party's organisations ---
static bool is_cell(const Wangge__V1__PartyOrg *org) {
  return org->kind == WANGGE__V1__PARTY_ORG_KIND__PARTY_ORG_KIND_BRANCH ||
         org->kind == WANGGE__V1__PARTY_ORG_KIND__PARTY_ORG_KIND_GROUP;
}

static void tell_cells(struct registry_survey *survey, const Wangge__V1__Record *grid,
                       const struct registry_names *cells) {
  if (cells->count == 1) return;
  if (!cells->count)
    REGISTRY_SAY(survey, REGISTRY_FAULT, grid, "party_org_none", "code", RULE_PARTY,
                 "网格“%s”没有党支部或党小组；请建立并把它的区域登记为本网格", grid->code);
  else
    REGISTRY_SAY(survey, REGISTRY_FAULT, grid, "party_org_several", "code", RULE_PARTY,
                 "网格“%s”有%zu个党支部或党小组：%s；只保留一个，其余改区域或删除", grid->code, cells->count,
                 registry_names_text(survey, cells));
}

// check_cells finds each grid's branches and groups in one walk over the organisations.
static void check_cells(struct registry_survey *survey) {
  struct wg_map *by_area = wg_map_create();
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(PARTY_ORG));
  for (const Wangge__V1__Record *org; (org = wg_book_next(&walk));) {
    if (!is_cell(org->party_org) || !*org->party_org->area) continue;
    struct registry_names *cells = wg_map_get(by_area, org->party_org->area);
    if (!cells) {
      cells = wg_arena_zalloc(survey->arena, sizeof *cells);
      wg_map_put(by_area, org->party_org->area, cells);
    }
    registry_names_add(survey, cells, org->code);
  }
  static const struct registry_names NONE = {0};
  walk = registry_each(survey, REGISTRY_BODY(GRID));
  for (const Wangge__V1__Record *grid; (grid = wg_book_next(&walk));) {
    const struct registry_names *cells = wg_map_get(by_area, grid->code);
    tell_cells(survey, grid, cells ? cells : &NONE);
  }
  wg_map_destroy(by_area);
}

static void check_area_chain(struct registry_survey *survey, const Wangge__V1__Record *org,
                             const Wangge__V1__Record *parent) {
  const char *area = org->party_org->area, *above = parent->party_org->area;
  const size_t size = strlen(above);
  // A group may stand under the branch of another grid of its community.
  if (!*area || !size || strncmp(area, above, size < COMMUNITY_DIGITS ? size : COMMUNITY_DIGITS) == 0) return;
  REGISTRY_SAY(survey, REGISTRY_HINT, org, "area_chain", "parent", RULE_CHAIN,
               "党组织“%s”的区域“%s”不在上级“%s”的区域“%s”之内；请改上级或区域", org->code, area, parent->code, above);
}

// registry_check_party_org leaves unknown parents and circles on Put to check_links.c, which refuses them.
void registry_check_party_org(struct registry_survey *survey, const Wangge__V1__Record *org) {
  const Wangge__V1__Record *at = org;
  for (int steps = 0; *at->party_org->parent; steps++) {
    const Wangge__V1__Record *parent = registry_one(survey, REGISTRY_BODY(PARTY_ORG), at->party_org->parent);
    if (steps == 0 && parent) check_area_chain(survey, org, parent);
    const bool circle = parent && (strcmp(parent->code, org->code) == 0 || steps >= CHAIN_MOST);
    if (survey->put && (!parent || circle)) return;
    if (!parent) {
      REGISTRY_SAY(survey, REGISTRY_FAULT, org, "chain_incomplete", "parent", RULE_CHAIN,
                   "从“%s”往上，“%s”的上级“%s”没有登记；请补录上级党组织", org->code, at->code, at->party_org->parent);
      return;
    }
    if (circle) {
      REGISTRY_SAY(survey, REGISTRY_FAULT, org, "parent_circle", "parent", RULE_CHAIN,
                   "党组织“%s”从上级“%s”往上绕成了圈；请改正其中一个上级", org->code, org->party_org->parent);
      return;
    }
    at = parent;
  }
  if (at->party_org->kind == WANGGE__V1__PARTY_ORG_KIND__PARTY_ORG_KIND_COMMITTEE) return;
  REGISTRY_SAY(survey, REGISTRY_FAULT, org, "chain_incomplete", "parent", RULE_CHAIN,
               "从“%s”往上到“%s”为止，不是党委（党工委）；请给“%s”填上级", org->code, at->code, at->code);
}

static void check_orgs(struct registry_survey *survey) {
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(PARTY_ORG));
  for (const Wangge__V1__Record *org; (org = wg_book_next(&walk));)
    registry_check_party_org(survey, org);
}

// --- workers and stations ---
void registry_check_grid_posts(struct registry_survey *survey, const Wangge__V1__Record *grid) {
  size_t count = 0;
  const struct registry_post *post =
      registry_posts_of(survey, grid->code, WANGGE__V1__POST_ROLE__POST_ROLE_GRID_WORKER, &count);
  struct registry_names current = {0};
  for (size_t i = 0; i < count; i++) {
    if (post[i].current) registry_names_add(survey, &current, post[i].posting->person);
  }
  if (!current.count)
    REGISTRY_SAY(survey, REGISTRY_FAULT, grid, "worker_none", "code", RULE_WORKER,
                 "网格“%s”没有在任的专职网格员；请登记任职", grid->code);
  else if (current.count > 1)
    REGISTRY_SAY(survey, REGISTRY_FAULT, grid, "worker_several", "code", RULE_WORKER,
                 "网格“%s”同时有%zu名在任的专职网格员：%s；只保留一名，其余填任职结束日期", grid->code, current.count,
                 registry_names_text(survey, &current));
}

static void check_workers(struct registry_survey *survey) {
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(GRID));
  for (const Wangge__V1__Record *grid; (grid = wg_book_next(&walk));)
    registry_check_grid_posts(survey, grid);
}

static void check_served(struct registry_survey *survey) {
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(GRID));
  if (!wg_book_count(survey->book, survey->district, REGISTRY_BODY(STATION))) {
    const Wangge__V1__Record *any = wg_book_next(&walk);
    if (any)
      REGISTRY_SAY(survey, REGISTRY_HINT, registry_one(survey, REGISTRY_BODY(NET_DISTRICT), survey->district),
                   "net.stations_none", "code", RULE_STATION, "区“%s”还没有登记驿站；建站后请登记它服务的网格",
                   survey->district);
    return;
  }
  struct wg_map *served = wg_map_create();
  struct wg_book_walk stations = registry_each(survey, REGISTRY_BODY(STATION));
  for (const Wangge__V1__Record *station; (station = wg_book_next(&stations));) {
    for (size_t i = 0; i < station->station->n_grids; i++)
      wg_map_put(served, station->station->grids[i], station->code);
  }
  for (const Wangge__V1__Record *grid; (grid = wg_book_next(&walk));) {
    if (wg_map_get(served, grid->code)) continue;
    REGISTRY_SAY(survey, REGISTRY_HINT, grid, "station_none", "code", RULE_STATION,
                 "网格“%s”没有驿站服务；请把它加入就近驿站的服务网格", grid->code);
  }
  wg_map_destroy(served);
}

void registry_check_net(struct registry_survey *survey) {
  static const int ALONE[] = {REGISTRY_BODY(NET_DISTRICT), REGISTRY_BODY(STREET),   REGISTRY_BODY(COMMUNITY),
                              REGISTRY_BODY(GRID),         REGISTRY_BODY(BUILDING), REGISTRY_BODY(PLACE)};
  for (size_t i = 0; i < sizeof ALONE / sizeof *ALONE; i++)
    check_alone(survey, ALONE[i]);
  registry_check_map(survey);
  check_cells(survey);
  check_orgs(survey);
  check_workers(survey);
  check_served(survey);
}

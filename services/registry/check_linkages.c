// The three linkages (三联): units with agreements, people with posts, members with households; groups of the grids.
//
//   agreement.items_none      an agreement without items
//   agreement.ended, agreement.ends_soon   warnings: it is over, or will be within 60 days
//   agreement_item.overdue    a warning: due and not done;   agreement_item.due_late   due after the agreement ends
//   agreement_item.done_future, agreement_item.evidence_none   warnings
//   partner_unit.agreement_none, partner_unit.deputy_none     warnings: no agreement in force, no deputy member in post
//   posting.deputy_unit       a warning: a deputy member of no unit, or of a unit of another community
//   contact_card.person_member, contact_card.household_unknown, contact_card.household_twice (a warning)
//   grid.cards_missing        a warning: households of the grid that are registered and have no card, in one line
//   message_group.manager_none, message_group.manager_post    warnings: no manager, or one without a post in the grid
//   grid.group_none, grid.group_several, net.groups_none      warnings
#include "services/registry/check_survey.h"

#include <stdio.h>
#include <string.h>

enum { SOON_DAYS = 60 };
static const char RULE_AGREEMENT[] = "联单位：共建合作协议，事项到人到期";
static const char RULE_DEPUTY[] = "联单位：驻区单位负责人任社区兼职委员";
static const char RULE_CARD[] = "联群众：党员帮包联系卡";
static const char RULE_GROUP[] = "“幸福网格”微信群，一网格一群";

// --- agreements ---
static bool has_item(struct registry_survey *survey, const char *agreement) {
  if (!survey->with_items) {
    survey->with_items = wg_map_create();
    struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(AGREEMENT_ITEM));
    for (const Wangge__V1__Record *item; (item = wg_book_next(&walk));)
      wg_map_put(survey->with_items, item->agreement_item->agreement, item->agreement_item);
  }
  return wg_map_get(survey->with_items, agreement) != NULL;
}

static void check_ends(struct registry_survey *survey, const Wangge__V1__Record *record) {
  const char *ends_on = record->agreement->ends_on;
  char soon[11];
  registry_day_text(survey->today + SOON_DAYS, soon);
  if (!*ends_on || strcmp(ends_on, soon) > 0) return;
  if (strcmp(ends_on, survey->day) < 0)
    REGISTRY_SAY(survey, REGISTRY_HINT, record, "ended", "ends_on", RULE_AGREEMENT,
                 "共建协议“%s”（单位“%s”）已于%s到期；请续签，或删除", record->code, record->agreement->unit, ends_on);
  else
    REGISTRY_SAY(survey, REGISTRY_HINT, record, "ends_soon", "ends_on", RULE_AGREEMENT,
                 "共建协议“%s”（单位“%s”）将于%s到期；请商定续签或终止", record->code, record->agreement->unit,
                 ends_on);
}

void registry_check_agreement(struct registry_survey *survey, const Wangge__V1__Record *record) {
  if (!has_item(survey, record->code))
    REGISTRY_SAY(survey, REGISTRY_FAULT, record, "items_none", "code", RULE_AGREEMENT,
                 "共建协议“%s”没有任何共建事项；请登记至少一项，写明期限", record->code);
  check_ends(survey, record);
}

void registry_check_agreement_item(struct registry_survey *survey, const Wangge__V1__Record *record) {
  const Wangge__V1__AgreementItem *item = record->agreement_item;
  if (!*item->done_on && *item->due_on && strcmp(item->due_on, survey->day) < 0)
    REGISTRY_SAY(survey, REGISTRY_HINT, record, "overdue", "due_on", RULE_AGREEMENT,
                 "共建事项“%s”（协议“%s”）应于%s完成，尚未完成；请督办，完成后填完成日期", item->text, item->agreement,
                 item->due_on);
  if (strcmp(item->done_on, survey->day) > 0)
    REGISTRY_SAY(survey, REGISTRY_HINT, record, "done_future", "done_on", RULE_AGREEMENT,
                 "共建事项“%s”的完成日期%s还没有到；请核对", item->text, item->done_on);
  if (*item->done_on && !*item->evidence)
    REGISTRY_SAY(survey, REGISTRY_HINT, record, "evidence_none", "evidence", RULE_AGREEMENT,
                 "共建事项“%s”已完成，没有印证材料；请填写", item->text);
  const Wangge__V1__Record *agreement = registry_one(survey, REGISTRY_BODY(AGREEMENT), item->agreement);
  if (!agreement || !*agreement->agreement->ends_on || strcmp(item->due_on, agreement->agreement->ends_on) <= 0) return;
  REGISTRY_SAY(survey, REGISTRY_FAULT, record, "due_late", "due_on", RULE_AGREEMENT,
               "共建事项“%s”的期限%s晚于协议“%s”的到期日%s；请改期限或续签协议", item->text, item->due_on,
               item->agreement, agreement->agreement->ends_on);
}

static void check_agreements(struct registry_survey *survey, struct wg_map *in_force) {
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(AGREEMENT_ITEM));
  for (const Wangge__V1__Record *item; (item = wg_book_next(&walk));)
    registry_check_agreement_item(survey, item);
  walk = registry_each(survey, REGISTRY_BODY(AGREEMENT));
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));) {
    registry_check_agreement(survey, record);
    const Wangge__V1__Agreement *agreement = record->agreement;
    if (!*agreement->ends_on || strcmp(survey->day, agreement->ends_on) <= 0)
      wg_map_put(in_force, agreement->unit, record->agreement);
  }
}

// --- deputy members ---
static void check_deputy(struct registry_survey *survey, const struct registry_post *post, struct wg_map *with_deputy) {
  const Wangge__V1__Record *person = registry_one(survey, REGISTRY_BODY(PERSON), post->posting->person);
  if (!person) return;
  const char *unit = person->person->unit;
  const Wangge__V1__Record *partner = *unit ? registry_one(survey, REGISTRY_BODY(PARTNER_UNIT), unit) : NULL;
  if (partner) wg_map_put(with_deputy, unit, person->person);
  if (!*unit)
    REGISTRY_SAY(survey, REGISTRY_HINT, post->record, "deputy_unit", "person", RULE_DEPUTY,
                 "兼职委员“%s”没有所属单位；请在其人员信息里填写共建单位", post->posting->person);
  else if (partner && strcmp(partner->partner_unit->community, post->posting->area) != 0)
    REGISTRY_SAY(survey, REGISTRY_HINT, post->record, "deputy_unit", "area", RULE_DEPUTY,
                 "兼职委员“%s”任职的社区“%s”不是其单位“%s”所在的社区“%s”；请核对", post->posting->person,
                 post->posting->area, unit, partner->partner_unit->community);
}

static void check_units(struct registry_survey *survey, const struct wg_map *in_force) {
  struct wg_map *with_deputy = wg_map_create();
  size_t count = 0;
  const struct registry_post *post = registry_posts_all(survey, &count);
  for (size_t i = 0; i < count; i++) {
    if (post[i].current && post[i].posting->role == WANGGE__V1__POST_ROLE__POST_ROLE_DEPUTY_MEMBER)
      check_deputy(survey, &post[i], with_deputy);
  }
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(PARTNER_UNIT));
  for (const Wangge__V1__Record *unit; (unit = wg_book_next(&walk));) {
    if (!wg_map_get(in_force, unit->code))
      REGISTRY_SAY(survey, REGISTRY_HINT, unit, "agreement_none", "code", RULE_AGREEMENT,
                   "共建单位“%s”没有有效的共建协议；请签订后登记", unit->partner_unit->name);
    if (!wg_map_get(with_deputy, unit->code))
      REGISTRY_SAY(survey, REGISTRY_HINT, unit, "deputy_none", "code", RULE_DEPUTY,
                   "共建单位“%s”没有在任的兼职委员；请登记人员（单位填“%s”）和任职", unit->partner_unit->name,
                   unit->code);
  }
  wg_map_destroy(with_deputy);
}

// --- contact cards ---
void registry_check_contact_card(struct registry_survey *survey, const Wangge__V1__Record *record) {
  const Wangge__V1__ContactCard *card = record->contact_card;
  const Wangge__V1__Record *person = registry_one(survey, REGISTRY_BODY(PERSON), card->person);
  if (person && !person->person->party_member)
    REGISTRY_SAY(survey, REGISTRY_BLOCKS, record, "person_member", "person", RULE_CARD,
                 "联系卡上的“%s”不是党员；请改由党员联系，或改正其人员信息", card->person);
  // On Put a household that is not there is refused as any reference is.
  if (!survey->put && !registry_one(survey, REGISTRY_BODY(HOUSEHOLD), card->household))
    REGISTRY_SAY(survey, REGISTRY_FAULT, record, "household_unknown", "household", RULE_CARD,
                 "联系卡上的住户“%s”没有登记；请登记住户或改正编码", card->household);
}

// check_without_card tells of each grid its households without a card, in one line.
static void check_without_card(struct registry_survey *survey, const struct wg_map *card_of) {
  struct wg_map *of_grid = wg_map_create();
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(HOUSEHOLD));
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));) {
    if (wg_map_get(card_of, record->code)) continue;
    const Wangge__V1__Record *building = registry_one(survey, REGISTRY_BODY(BUILDING), record->household->building);
    if (!building) continue;
    struct registry_names *names = wg_map_get(of_grid, building->building->grid);
    if (!names) {
      names = wg_arena_zalloc(survey->arena, sizeof *names);
      wg_map_put(of_grid, building->building->grid, names);
    }
    registry_names_add(survey, names, record->code);
  }
  walk = registry_each(survey, REGISTRY_BODY(GRID));
  for (const Wangge__V1__Record *grid; (grid = wg_book_next(&walk));) {
    const struct registry_names *names = wg_map_get(of_grid, grid->code);
    if (!names) continue;
    REGISTRY_SAY(survey, REGISTRY_HINT, grid, "cards_missing", "code", RULE_CARD,
                 "网格“%s”已登记的住户中有%zu户没有联系卡：%s；请由党员联系并登记", grid->code, names->count,
                 registry_names_text(survey, names));
  }
  wg_map_destroy(of_grid);
}

static void check_cards(struct registry_survey *survey) {
  struct wg_map *card_of = wg_map_create();
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(CONTACT_CARD));
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));) {
    registry_check_contact_card(survey, record);
    const char *other = wg_map_get(card_of, record->contact_card->household);
    if (other)
      REGISTRY_SAY(survey, REGISTRY_HINT, record, "household_twice", "household", RULE_CARD,
                   "住户“%s”有两张联系卡（%s、%s）；只留一张", record->contact_card->household, other, record->code);
    wg_map_put(card_of, record->contact_card->household, record->code);
  }
  check_without_card(survey, card_of);
  wg_map_destroy(card_of);
}

// --- groups ---
static void check_manager(struct registry_survey *survey, const Wangge__V1__Record *record) {
  const Wangge__V1__MessageGroup *group = record->message_group;
  if (!*group->manager) {
    REGISTRY_SAY(survey, REGISTRY_HINT, record, "manager_none", "manager", RULE_GROUP, "微信群“%s”没有管理员；请填写",
                 group->name);
    return;
  }
  size_t count = 0;
  const struct registry_post *post = registry_posts_held(survey, group->manager, &count);
  for (size_t i = 0; i < count; i++) {
    // A post in the grid, or in the community or street around it.
    const char *area = post[i].posting->area;
    if (post[i].current && strncmp(group->grid, area, strlen(area)) == 0) return;
  }
  REGISTRY_SAY(survey, REGISTRY_HINT, record, "manager_post", "manager", RULE_GROUP,
               "微信群“%s”的管理员“%s”在网格“%s”没有任职；请换管理员或登记任职", group->name, group->manager,
               group->grid);
}

static void check_groups(struct registry_survey *survey) {
  struct wg_map *of_grid = wg_map_create();
  struct wg_book_walk walk = registry_each(survey, REGISTRY_BODY(MESSAGE_GROUP));
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));) {
    check_manager(survey, record);
    const char *grid = record->message_group->grid, *other = wg_map_get(of_grid, grid);
    const Wangge__V1__Record *of = registry_one(survey, REGISTRY_BODY(GRID), grid);
    if (other && of)
      REGISTRY_SAY(survey, REGISTRY_HINT, of, "group_several", "code", RULE_GROUP,
                   "网格“%s”有不止一个微信群（%s、%s）；请合并，只登记一个", grid, other, record->code);
    wg_map_put(of_grid, grid, record->code);
  }
  const bool none = wg_map_count(of_grid) == 0;
  walk = registry_each(survey, REGISTRY_BODY(GRID));
  for (const Wangge__V1__Record *grid; (grid = wg_book_next(&walk));) {
    if (none)
      REGISTRY_SAY(survey, REGISTRY_HINT, registry_one(survey, REGISTRY_BODY(NET_DISTRICT), survey->district),
                   "net.groups_none", "code", RULE_GROUP, "区“%s”还没有登记网格微信群；请为每个网格登记",
                   survey->district);
    if (none) break;
    if (!wg_map_get(of_grid, grid->code))
      REGISTRY_SAY(survey, REGISTRY_HINT, grid, "group_none", "code", RULE_GROUP,
                   "网格“%s”没有微信群；请建群并登记管理员", grid->code);
  }
  wg_map_destroy(of_grid);
}

void registry_check_linkages(struct registry_survey *survey) {
  struct wg_map *in_force = wg_map_create();
  check_agreements(survey, in_force);
  check_units(survey, in_force);
  wg_map_destroy(in_force);
  check_cards(survey);
  check_groups(survey);
}

// Matching an order against the catalogue. See rules.h and rules_internal.h.
#include "services/routing/rules_internal.h"

#include "common/base/clock.h"
#include "common/base/text.h"

#include <string.h>

// --- tables, nodes, groups ---
const struct routing_table *routing_table_of(const struct routing_rules *rules, const char *district) {
  size_t low = 0, high = rules->table_count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = strcmp(rules->tables[middle].district, district);
    if (order == 0) return &rules->tables[middle];
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return NULL;
}

struct routing_node *routing_node_slot(const struct routing_table *table, uint64_t hash, const char *path,
                                       size_t size) {
  size_t at = (size_t)(hash ^ hash >> 32) & table->node_mask;
  for (;; at = (at + 1) & table->node_mask) {
    struct routing_node *node = &table->nodes[at];
    if (!node->path) return node;
    if (node->hash == hash && node->size == size && memcmp(node->path, path, size) == 0) return node;
  }
}

uint64_t routing_group_hash(const struct routing_node *node, const char *area, size_t size) {
  return routing_hash_on(node->hash * ROUTING_FNV_PRIME ^ size, area, size);
}

struct routing_group *routing_group_slot(const struct routing_table *table, uint64_t hash, uint32_t node,
                                         const char *area, size_t size) {
  size_t at = (size_t)(hash ^ hash >> 32) & table->group_mask;
  for (;; at = (at + 1) & table->group_mask) {
    struct routing_group *group = &table->groups[at];
    if (!group->area) return group;
    if (group->hash == hash && group->node == node && group->size == size && memcmp(group->area, area, size) == 0)
      return group;
  }
}

bool routing_within(const char *category, size_t size, const char *prefix, size_t prefix_size) {
  if (!prefix_size) return true;
  if (size < prefix_size || memcmp(category, prefix, prefix_size) != 0) return false;
  return size == prefix_size || category[prefix_size] == '/';
}

// --- the input ---
struct routing_rule_input routing_rule_input_make(const Wangge__V1__Order *order, const struct routing_place *place) {
  struct routing_rule_input input = {
      .order = order, .category = order->category, .area = order->grid_code, .parcel = order->parcel_ownership};
  if (!place) return input;
  const char *const areas[] = {place->grid_code, place->community, place->street, place->district};
  input.area = "";
  for (size_t i = 0; i < sizeof areas / sizeof *areas && !*input.area; i++)
    input.area = areas[i] ? areas[i] : "";
  if (place->place_id && *place->place_id) input.places[input.place_count++] = place->place_id;
  return input;
}

void routing_rule_moment(const Wangge__V1__Order *order, int32_t *day, int *minute) {
  const int64_t shift = order->received_at > INT64_MAX - WG_SHANGHAI_OFFSET_US ? 0 : WG_SHANGHAI_OFFSET_US;
  const int64_t local = order->received_at + shift;
  int64_t days = local / WG_DAY_US, rest = local % WG_DAY_US;
  if (rest < 0) {
    days--;
    rest += WG_DAY_US;
  }
  *day = days > INT32_MAX ? INT32_MAX : days < INT32_MIN ? INT32_MIN : (int32_t)days;
  *minute = (int)(rest / (60 * WG_SECOND_US));
}

// --- conditions ---
static bool in_minutes(const struct routing_rule *rule, int minute) {
  if (rule->from_minute == rule->to_minute) return true;
  if (rule->from_minute < rule->to_minute) return minute >= rule->from_minute && minute < rule->to_minute;
  return minute >= rule->from_minute || minute < rule->to_minute;
}

static bool in_area(const struct routing_rule *rule, const struct routing_rule_input *input) {
  if (rule->area_kind == ROUTING_AREA_ANY) return true;
  if (rule->area_kind == ROUTING_AREA_CODE) return strncmp(input->area, rule->area, rule->area_size) == 0;
  for (size_t i = 0; i < input->place_count; i++) {
    if (strcmp(input->places[i], rule->area) == 0) return true;
  }
  return false;
}

struct moment {
  int32_t day;
  int minute;
};

// The four-byte pieces of an address as a set of hashes, made when the first rule asks: of many rules that look for
// words in it nearly all are answered by two bits.
struct pieces {
  uint64_t bits[16];
  bool made;
};

static uint16_t piece_of(const char *text) {
  uint32_t piece;
  memcpy(&piece, text, sizeof piece);
  return (uint16_t)(piece * UINT32_C(2654435761) >> 22);
}

static bool has_piece(const struct pieces *pieces, const char *text) {
  const uint16_t piece = piece_of(text);
  return pieces->bits[piece / 64] >> piece % 64 & 1;
}

static bool address_has(const struct routing_rule *rule, const char *address, struct pieces *pieces) {
  const size_t size = rule->place_text_size;
  if (size < 4) return strstr(address, rule->place_text) != NULL;
  if (!pieces->made) {
    pieces->made = true;
    for (size_t i = 3; address[0] && address[1] && address[2] && address[i]; i++) {
      const uint16_t piece = piece_of(address + i - 3);
      pieces->bits[piece / 64] |= UINT64_C(1) << piece % 64;
    }
  }
  return has_piece(pieces, rule->place_text + size - 4) && has_piece(pieces, rule->place_text + (size - 4) / 2) &&
         strstr(address, rule->place_text) != NULL;
}

// failing looks at all but category and area.
static const char *failing(const struct routing_rule *rule, const struct routing_rule_input *input,
                           struct moment moment, struct pieces *pieces) {
  const Wangge__V1__Order *order = input->order;
  if (rule->channel && rule->channel != (int)order->channel) return "channel";
  if (rule->kind && rule->kind != (int)order->kind) return "kind";
  if (rule->urgency && rule->urgency != (int)order->urgency) return "urgency";
  if (*rule->source && strcmp(rule->source, order->source) != 0) return "source";
  if (moment.day < rule->from_day) return "valid_from";
  if (moment.day > rule->to_day) return "valid_to";
  if (!in_minutes(rule, moment.minute)) return "from_minute";
  if (*rule->parcel && strcmp(rule->parcel, input->parcel) != 0) return "parcel_ownership";
  if (rule->place_text_size && !address_has(rule, order->address, pieces)) return "place_text";
  return NULL;
}

const char *routing_rule_failing(const struct routing_rule *rule, const struct routing_rule_input *input) {
  struct moment moment;
  struct pieces pieces = {.made = false};
  if (strcmp(rule->district, input->order->district) != 0) return "district";
  if (!routing_within(input->category, strlen(input->category), rule->category, rule->category_size))
    return "category_prefix";
  if (!in_area(rule, input)) return "area";
  routing_rule_moment(input->order, &moment.day, &moment.minute);
  return failing(rule, input, moment, &pieces);
}

// --- the hard rule ---
bool routing_duty_of(const struct routing_table *table, const char *category, size_t size) {
  int8_t duty = ROUTING_DUTY_UNSAID;
  uint64_t hash = ROUTING_FNV_BASIS;
  for (size_t at = 0, done = 0; at <= size; at++) {
    if (at && at < size && category[at] != '/') continue;
    hash = routing_hash_on(hash, category + done, at - done);
    done = at;
    const struct routing_node *node = routing_node_slot(table, hash, category, at);
    if (node->path && node->duty != ROUTING_DUTY_UNSAID) duty = node->duty;
  }
  return duty == ROUTING_DUTY_YES;
}

bool routing_rules_department_duty(const struct routing_rules *rules, const char *district, const char *category) {
  const struct routing_table *table = routing_table_of(rules, district);
  return table && routing_duty_of(table, category, strlen(category));
}

// --- match ---
struct search {
  const struct routing_table *table;
  const struct routing_rule_input *input;
  struct routing_ruling *ruling;
  struct moment moment;
  uint32_t best; // number of the first rule that is met so far; count: none
  size_t area_size;
  struct pieces pieces;
};

// note_skipped keeps the first ones by number.
static void note_skipped(struct routing_ruling *ruling, const struct routing_rule *rule) {
  size_t at = ruling->skipped_count;
  if (at == ROUTING_RULE_SKIPPED) {
    if (ruling->skipped[--at]->number < rule->number) return;
  } else {
    ruling->skipped_count++;
  }
  for (; at > 0 && ruling->skipped[at - 1]->number > rule->number; at--)
    ruling->skipped[at] = ruling->skipped[at - 1];
  ruling->skipped[at] = rule;
}

static void search_list(struct search *search, struct routing_list list) {
  const uint32_t *number = search->table->order + list.first, *const end = number + list.count;
  for (; number != end && *number < search->best; number++) {
    struct routing_rule *rule = &search->table->rules[*number];
    if (failing(rule, search->input, search->moment, &search->pieces)) continue;
    if (rule->lead_is_grid && search->ruling->department_duty) {
      note_skipped(search->ruling, rule);
      continue;
    }
    search->best = *number;
    return;
  }
}

static void search_group(struct search *search, const struct routing_node *node, const char *area, size_t size) {
  const uint64_t hash = routing_group_hash(node, area, size);
  const uint32_t number = (uint32_t)(node - search->table->nodes);
  const struct routing_group *group = routing_group_slot(search->table, hash, number, area, size);
  if (group->area) search_list(search, group->list);
}

static void search_node(struct search *search, const struct routing_node *node) {
  search_list(search, node->anywhere);
  if (!node->areas) return;
  for (size_t digits = 9; digits <= 15 && digits <= search->area_size; digits += 3) {
    if (node->areas & 1u << digits / 3) search_group(search, node, search->input->area, digits);
  }
  if (!(node->areas & 1u << 7)) return;
  for (size_t i = 0; i < search->input->place_count; i++)
    search_group(search, node, search->input->places[i], strlen(search->input->places[i]));
}

// search_category finds what is known of the category's levels; rules are looked at when it is known whose duty it is.
static void search_category(struct search *search) {
  const struct routing_node *found[ROUTING_LEVELS_MOST + 1];
  const char *category = search->input->category;
  size_t count = 0;
  int8_t duty = ROUTING_DUTY_UNSAID;
  uint64_t hash = ROUTING_FNV_BASIS;
  for (size_t at = 0, done = 0;; at++) {
    if (at && category[at] != '/' && category[at] != '\0') continue;
    hash = routing_hash_on(hash, category + done, at - done);
    done = at;
    const struct routing_node *node = routing_node_slot(search->table, hash, category, at);
    if (node->path) found[count++] = node;
    if (node->path && node->duty != ROUTING_DUTY_UNSAID) duty = node->duty;
    if (category[at] == '\0' || count > ROUTING_LEVELS_MOST) break;
  }
  search->ruling->department_duty = duty == ROUTING_DUTY_YES;
  for (size_t i = 0; i < count; i++)
    search_node(search, found[i]);
}

static bool grid_known(const struct routing_rule *rule, const struct routing_rule_input *input) {
  return wg_all_digits(input->area, 15) && strncmp(input->area, rule->district, 6) == 0;
}

static void take_lead(struct routing_ruling *ruling, const struct routing_rule_input *input) {
  const struct routing_rule *rule = ruling->rule;
  const bool own_grid = strcmp(rule->lead, "grid") == 0;
  ruling->why = ROUTING_WHY_DECIDED;
  if (!rule->lead_known) ruling->why = ROUTING_WHY_NO_LEAD;
  else if (own_grid && !grid_known(rule, input)) ruling->why = ROUTING_WHY_NO_GRID;
  if (ruling->why == ROUTING_WHY_DECIDED) ruling->lead = own_grid ? input->area : rule->lead;
}

size_t routing_ruling_assists(const struct routing_ruling *ruling, const struct routing_rule_input *input,
                              const char *assists[ROUTING_RULE_ASSISTS]) {
  const struct routing_rule *rule = ruling->rule;
  size_t count = 0;
  for (size_t i = 0; ruling->why == ROUTING_WHY_DECIDED && i < rule->assist_count && count < ROUTING_RULE_ASSISTS;
       i++) {
    const bool own_grid = strcmp(rule->assists[i], "grid") == 0;
    const char *unit = own_grid ? input->area : rule->assists[i];
    if (!rule->assist_known[i] || (own_grid && !grid_known(rule, input)) || strcmp(unit, ruling->lead) == 0) continue;
    bool twice = false; // a grid by its digits and as the order's own
    for (size_t k = 0; k < count; k++)
      twice |= strcmp(assists[k], unit) == 0;
    if (!twice) assists[count++] = unit;
  }
  return count;
}

void routing_rules_match(const struct routing_rules *rules, const struct routing_rule_input *input,
                         struct routing_ruling *ruling) {
  const struct routing_table *table = routing_table_of(rules, input->order->district);
  *ruling = (struct routing_ruling){.why = ROUTING_WHY_NO_CATALOGUE, .lead = "", .version = ""};
  if (!table) return;
  struct search search = {.table = table, .input = input, .ruling = ruling, .best = (uint32_t)table->count};
  search.area_size = strlen(input->area);
  routing_rule_moment(input->order, &search.moment.day, &search.moment.minute);
  search_category(&search);
  ruling->rules = table->count;
  if (!table->count) return;
  ruling->version = table->version;
  ruling->why = ROUTING_WHY_NO_RULE;
  // Lists are searched one after the other: what was skipped behind the rule that decides was never reached.
  while (ruling->skipped_count && ruling->skipped[ruling->skipped_count - 1]->number > search.best)
    ruling->skipped_count--;
  if (search.best == table->count) return;
  ruling->rule = &table->rules[search.best];
  take_lead(ruling, input);
}

// --- what is there ---
size_t routing_rules_count(const struct routing_rules *rules) {
  return rules->count;
}

struct routing_rule *routing_rules_at(const struct routing_rules *rules, size_t index) {
  for (size_t i = 0; i < rules->table_count; i++) {
    if (index < rules->tables[i].count) return &rules->tables[i].rules[index];
    index -= rules->tables[i].count;
  }
  return NULL;
}

const char *routing_rules_version(const struct routing_rules *rules, const char *district) {
  if (!*district) return rules->version;
  const struct routing_table *table = routing_table_of(rules, district);
  return table && table->count ? table->version : "";
}

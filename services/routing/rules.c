// Matching an order against the rules. See rules.h.
//
// Compiled: rules are listed under their category prefix in a hash table. An order is looked up by each prefix of its
// category ("", "城乡建设", "城乡建设/供热" …); the lists found are walked together by rule number, so the first rule
// that is met is the first of the file. What an order costs depends on the rules of its own categories only.
#include "services/routing/rules.h"

#include "common/base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

struct bucket {
  const char *prefix; // NULL: free
  size_t prefix_size;
  uint64_t hash;
  uint32_t first, count; // in routing_index.rules
};

struct routing_index {
  struct bucket *buckets;
  size_t mask;
  uint32_t *rules; // numbers, ascending within a bucket
};

static uint64_t hash_on(uint64_t hash, const char *text, size_t size) {
  for (size_t i = 0; i < size; i++)
    hash = (hash ^ (uint8_t)text[i]) * FNV_PRIME;
  return hash;
}

static struct bucket *bucket_of(const struct routing_index *index, uint64_t hash, const char *prefix, size_t size) {
  size_t at = (size_t)(hash ^ hash >> 32) & index->mask;
  for (;; at = (at + 1) & index->mask) {
    struct bucket *bucket = &index->buckets[at];
    if (!bucket->prefix) return bucket;
    if (bucket->hash == hash && bucket->prefix_size == size && memcmp(bucket->prefix, prefix, size) == 0) return bucket;
  }
}

void routing_rules_compile(struct routing_rules *rules) {
  struct routing_index *index = wg_arena_zalloc(rules->arena, sizeof *index);
  size_t size = 16;
  while (size < rules->count * 2)
    size *= 2;
  index->buckets = wg_arena_zalloc(rules->arena, size * sizeof *index->buckets);
  index->mask = size - 1;
  index->rules = wg_arena_alloc(rules->arena, (rules->count + 1) * sizeof *index->rules);
  struct bucket **bucket_by_rule = wg_arena_alloc(rules->arena, (rules->count + 1) * sizeof(void *));
  for (size_t i = 0; i < rules->count; i++) {
    const struct routing_rule *rule = &rules->rules[i];
    const uint64_t hash = hash_on(FNV_BASIS, rule->category, rule->category_size);
    struct bucket *bucket = bucket_of(index, hash, rule->category, rule->category_size);
    if (!bucket->prefix) *bucket = (struct bucket){rule->category, rule->category_size, hash, 0, 0};
    bucket->count++;
    bucket_by_rule[i] = bucket;
  }
  uint32_t next = 0;
  for (size_t i = 0; i < size; i++) {
    index->buckets[i].first = next;
    next += index->buckets[i].count;
    index->buckets[i].count = 0;
  }
  for (size_t i = 0; i < rules->count; i++)
    index->rules[bucket_by_rule[i]->first + bucket_by_rule[i]->count++] = (uint32_t)i;
  rules->index = index;
}

static bool meets(const struct routing_rule *rule, const Wangge__V1__Order *order, int32_t day) {
  if (*rule->district && strcmp(rule->district, order->district) != 0) return false;
  if (*rule->source && strcmp(rule->source, order->source) != 0) return false;
  if (rule->channel && rule->channel != (int)order->channel) return false;
  if (rule->kind && rule->kind != (int)order->kind) return false;
  if (rule->urgency && rule->urgency != (int)order->urgency) return false;
  if (day < rule->from_day || day > rule->to_day) return false;
  if (!rule->area_size) return true;
  if (rule->area_is_grid) return strncmp(order->grid_code, rule->area, rule->area_size) == 0;
  return strstr(order->address, rule->area) != NULL;
}

static int32_t day_received(const Wangge__V1__Order *order) {
  int64_t local = order->received_at + WG_SHANGHAI_OFFSET_US;
  if (local < 0) local -= WG_DAY_US - 1;
  const int64_t day = local / WG_DAY_US;
  return day > INT32_MAX ? INT32_MAX : day < INT32_MIN ? INT32_MIN : (int32_t)day;
}

// A list of rule numbers that is walked.
struct cursor {
  const uint32_t *at, *end;
};
enum { CURSORS = 16 }; // levels of a category and the root; deeper prefixes are broken rules

static size_t find_lists(const struct routing_index *index, const char *category, struct cursor cursors[CURSORS]) {
  size_t count = 0, done = 0;
  uint64_t hash = FNV_BASIS;
  for (size_t at = 0;; at++) {
    if (at && category[at] != '/' && category[at] != '\0') continue;
    hash = hash_on(hash, category + done, at - done);
    done = at;
    const struct bucket *bucket = bucket_of(index, hash, category, at);
    if (bucket->prefix) {
      const uint32_t *list = index->rules + bucket->first;
      cursors[count++] = (struct cursor){list, list + bucket->count};
    }
    if (category[at] == '\0' || count == CURSORS) return count;
  }
}

struct routing_rule *routing_rules_match(const struct routing_rules *rules, const Wangge__V1__Order *order) {
  struct cursor cursors[CURSORS];
  const size_t count = find_lists(rules->index, order->category, cursors);
  const int32_t day = day_received(order);
  for (;;) {
    struct cursor *least = NULL;
    for (size_t i = 0; i < count; i++) {
      if (cursors[i].at != cursors[i].end && (!least || *cursors[i].at < *least->at)) least = &cursors[i];
    }
    if (!least) return NULL;
    struct routing_rule *rule = &rules->rules[*least->at++];
    if (meets(rule, order, day)) return rule;
  }
}

bool routing_rule_covers(const struct routing_rule *first, const struct routing_rule *second) {
  if (first->category_size) {
    if (second->category_size < first->category_size) return false;
    if (memcmp(first->category, second->category, first->category_size) != 0) return false;
    const char next = second->category[first->category_size];
    if (next != '\0' && next != '/') return false;
  }
  if (*first->district) {
    // A grid code begins with its district, so an area inside the district is as good as the district.
    const char *district = *second->district ? second->district : second->area_is_grid ? second->area : "";
    if (strncmp(first->district, district, 6) != 0) return false;
  }
  if (first->area_size) {
    if (!second->area_size || first->area_is_grid != second->area_is_grid) return false;
    const char *found = strstr(second->area, first->area);
    if (!found || (first->area_is_grid && found != second->area)) return false;
  }
  if (*first->source && strcmp(first->source, second->source) != 0) return false;
  if (first->channel && first->channel != second->channel) return false;
  if (first->kind && first->kind != second->kind) return false;
  if (first->urgency && first->urgency != second->urgency) return false;
  return first->from_day <= second->from_day && first->to_day >= second->to_day;
}

// A text that grows up to its end and then stays.
struct words {
  char text[1024];
  size_t used;
};

__attribute__((format(printf, 2, 3))) static void say(struct words *words, const char *format, ...) {
  const size_t room = sizeof words->text - words->used;
  va_list list;
  va_start(list, format);
  int size = vsnprintf(words->text + words->used, room, format, list);
  va_end(list);
  if (size > 0) words->used += (size_t)size < room ? (size_t)size : room - 1;
}

char *routing_rule_evidence(const struct routing_rule *rule, const Wangge__V1__Order *order, struct wg_arena *arena) {
  struct words words = {0};
  if (rule->category_size) say(&words, "category %s begins with %s; ", order->category, rule->category);
  if (*rule->district) say(&words, "district is %s; ", rule->district);
  if (rule->area_is_grid) say(&words, "grid %s begins with %s; ", order->grid_code, rule->area);
  else if (rule->area_size) say(&words, "address contains %s; ", rule->area);
  if (*rule->source) say(&words, "source is %s; ", rule->source);
  if (rule->channel) say(&words, "channel is %d; ", rule->channel);
  if (rule->kind) say(&words, "kind is %d; ", rule->kind);
  if (rule->urgency) say(&words, "urgency is %d; ", rule->urgency);
  if (*rule->valid_from || *rule->valid_to)
    say(&words, "received between %s and %s; ", *rule->valid_from ? rule->valid_from : "any day",
        *rule->valid_to ? rule->valid_to : "any day");
  if (!words.used) return wg_arena_strdup(arena, "the rule has no condition");
  words.text[words.used > 2 ? words.used - 2 : 0] = '\0';
  return wg_arena_strdup(arena, words.text);
}

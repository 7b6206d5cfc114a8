// Checks of what records name: references, the areas that codes lie in, circles of parents, and what may not be
// deleted.
#include "services/registry/check.h"

#include "common/base/map.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { NAMES_SHOWN = 5, CHAIN_MOST = 64 };

#define ERROR WANGGE__V1__SEVERITY__SEVERITY_ERROR
#define BODY(name) WANGGE__V1__RECORD__BODY_##name

// --- links ---
struct kind_links {
  struct registry_link *link;
  size_t count;
};
static struct kind_links *all_links; // by index in wg_kinds
static pthread_once_t links_once = PTHREAD_ONCE_INIT;

static struct registry_link make_link(const struct wg_column *column) {
  struct registry_link link = {.column = column};
  size_t count = 0;
  for (const char *const *name = column->references; *name; name++) {
    const struct wg_kind *kind = wg_kind_find(*name);
    assert(kind && count + 1 < sizeof link.kinds / sizeof *link.kinds);
    link.kinds[count++] = (int)kind->body_case;
  }
  return link;
}

static void make_links(void) {
  size_t kinds = 0;
  const struct wg_kind *kind = wg_kinds(&kinds);
  all_links = wg_zalloc(kinds * sizeof *all_links);
  for (size_t i = 0; i < kinds; i++) {
    all_links[i].link = wg_zalloc(kind[i].column_count * sizeof(struct registry_link));
    for (size_t k = 0; k < kind[i].column_count; k++) {
      if (kind[i].columns[k].references) all_links[i].link[all_links[i].count++] = make_link(&kind[i].columns[k]);
    }
  }
}

const struct registry_link *registry_links(const struct wg_kind *kind, size_t *count) {
  pthread_once(&links_once, make_links);
  size_t kinds = 0;
  const struct kind_links *links = &all_links[kind - wg_kinds(&kinds)];
  *count = links->count;
  return links->link;
}

bool registry_link_free(const struct wg_kind *kind, const struct wg_column *column, const char *value) {
  // A rule led by "grid" goes to the grid that is found for the order.
  return kind->body_case == BODY(DISPATCH_RULE) && strcmp(column->field, "lead") == 0 && strcmp(value, "grid") == 0;
}

static const struct wg_kind *kind_of_case(int body_case) {
  size_t count = 0;
  const struct wg_kind *kind = wg_kinds(&count);
  for (size_t i = 0; i < count; i++) {
    if ((int)kind[i].body_case == body_case) return &kind[i];
  }
  return NULL;
}

// labels joins the Chinese names of a link's kinds: "网格、社区".
static char *labels(const struct registry_link *link, struct wg_arena *arena) {
  char *text = wg_arena_strdup(arena, kind_of_case(link->kinds[0])->label);
  for (const int *kind = link->kinds + 1; *kind; kind++)
    text = wg_arena_printf(arena, "%s、%s", text, kind_of_case(*kind)->label);
  return text;
}

// --- references ---
static bool exists(const struct wg_book *book, const char *district, const int *kinds, const char *code) {
  for (; *kinds; kinds++) {
    if (wg_book_get(book, district, *kinds, code)) return true;
  }
  return false;
}

static void check_link(const struct registry_changes *changes, const struct registry_change *change,
                       const struct registry_link *link, struct wg_findings *findings) {
  char *const *values = NULL;
  const size_t count = wg_record_texts(change->record, link->column, &values);
  for (size_t i = 0; i < count; i++) {
    if (exists(changes->after, change->record->district, link->kinds, values[i])) continue;
    if (registry_link_free(change->kind, link->column, values[i])) continue;
    char code[96];
    snprintf(code, sizeof code, "%s_reference", link->column->field);
    wg_finding_add(findings, ERROR, change->record, code, link->column->field,
                   "%s“%s”没有登记为%s；先登记它，或改正编码", link->column->label, values[i],
                   labels(link, findings->arena));
  }
}

void registry_check_references(const struct registry_changes *changes, struct wg_findings *findings) {
  for (size_t i = 0; i < changes->count; i++) {
    const struct registry_change *change = &changes->change[i];
    if (change->record->deleted) continue;
    size_t count = 0;
    const struct registry_link *link = registry_links(change->kind, &count);
    findings->row = change->row;
    for (size_t k = 0; k < count; k++)
      check_link(changes, change, &link[k], findings);
  }
}

// --- areas that codes lie in ---
static const struct level {
  int kind, above;
  int digits; // of the code of the area above
} LEVELS[] = {
    {BODY(STREET), BODY(NET_DISTRICT), 6}, {BODY(COMMUNITY), BODY(STREET), 9}, {BODY(GRID), BODY(COMMUNITY), 12}};
enum { LEVEL_COUNT = sizeof LEVELS / sizeof *LEVELS };

void registry_check_parents(const struct registry_changes *changes, struct wg_findings *findings) {
  for (size_t i = 0; i < changes->count; i++) {
    const struct registry_change *change = &changes->change[i];
    const struct level *level = LEVELS;
    while (level < LEVELS + LEVEL_COUNT && level->kind != (int)change->kind->body_case)
      level++;
    if (level == LEVELS + LEVEL_COUNT || change->record->deleted) continue;
    char above[16];
    snprintf(above, sizeof above, "%.*s", level->digits, change->record->code);
    if (wg_book_get(changes->after, change->record->district, level->above, above)) continue;
    findings->row = change->row;
    wg_finding_add(findings, ERROR, change->record, "code_parent", "code",
                   "编码“%s”的前%d位“%s”没有登记为%s；先登记上级，或改正编码", change->record->code, level->digits,
                   above, kind_of_case(level->above)->label);
  }
}

// --- circles ---
static const char *parent_of(const Wangge__V1__Record *record) {
  if (record->body_case == BODY(PARTY_ORG)) return record->party_org->parent;
  if (record->body_case == BODY(DEPARTMENT)) return record->department->parent;
  return "";
}

void registry_check_circles(const struct registry_changes *changes, struct wg_findings *findings) {
  for (size_t i = 0; i < changes->count; i++) {
    const struct registry_change *change = &changes->change[i];
    if (change->record->deleted || !*parent_of(change->record)) continue;
    const Wangge__V1__Record *at = change->record;
    int steps = 0;
    while (at && *parent_of(at) && steps < CHAIN_MOST) {
      at = wg_book_get(changes->after, at->district, (int)at->body_case, parent_of(at));
      steps++;
      if (at && strcmp(at->code, change->record->code) == 0) break;
    }
    if (!at || !*parent_of(at)) continue;
    findings->row = change->row;
    wg_finding_add(findings, ERROR, change->record, "parent_circle", "parent",
                   steps < CHAIN_MOST ? "上级“%s”又归它管，绕成了圈；改正其中一个上级"
                                      : "从上级“%s”往上走不到头（超过64层）；检查是否绕成了圈",
                   parent_of(change->record));
  }
}

// --- what may not be deleted ---
// A deleted record and those in force that name it.
struct victim {
  const struct registry_change *change;
  char *names; // of the first of them
  size_t count;
};

struct victims {
  struct wg_map *by_key; // kind number and code
  struct victim *list;
  size_t count;
  bool *kinds; // by number: something of this kind is deleted
  struct wg_arena *arena;
};
enum { KIND_NUMBERS = 64 };

static void make_key(char key[160], int kind, const char *code) {
  snprintf(key, 160, "%d %s", kind, code);
}

static void named_by(struct victims *victims, int kind, const char *code, const struct wg_kind *by,
                     const Wangge__V1__Record *record) {
  char key[160];
  make_key(key, kind, code);
  struct victim *victim = wg_map_get(victims->by_key, key);
  if (!victim) return;
  if (victim->count++ < NAMES_SHOWN)
    victim->names = wg_arena_printf(victims->arena, "%s%s%s“%s”", victim->names, *victim->names ? "、" : "", by->label,
                                    record->code);
}

static void look_at_links(struct victims *victims, const struct wg_book *book, const struct wg_kind *kind,
                          const struct registry_link *link, const Wangge__V1__Record *record) {
  char *const *values = NULL;
  const size_t count = wg_record_texts(record, link->column, &values);
  for (size_t i = 0; i < count; i++) {
    for (const int *to = link->kinds; *to; to++) {
      // Another record may bear the code too: the district 370211 and a department 370211.
      if (victims->kinds[*to] && !exists(book, record->district, link->kinds, values[i]))
        named_by(victims, *to, values[i], kind, record);
    }
  }
}

// look_at_kind finds who of a kind names what is deleted, by a column or by the beginning of its code.
static void look_at_kind(struct victims *victims, const struct wg_book *book, const char *district,
                         const struct wg_kind *kind) {
  size_t count = 0;
  const struct registry_link *link = registry_links(kind, &count);
  const struct level *level = NULL;
  for (int i = 0; i < LEVEL_COUNT; i++) {
    if (LEVELS[i].kind == (int)kind->body_case && victims->kinds[LEVELS[i].above]) level = &LEVELS[i];
  }
  bool wanted = level != NULL;
  for (size_t i = 0; i < count; i++) {
    for (const int *to = link[i].kinds; *to; to++)
      wanted |= victims->kinds[*to];
  }
  if (!wanted) return;
  struct wg_book_walk walk = wg_book_walk(book, district, (int)kind->body_case, "");
  for (const Wangge__V1__Record *record; (record = wg_book_next(&walk));) {
    for (size_t i = 0; i < count; i++)
      look_at_links(victims, book, kind, &link[i], record);
    if (!level) continue;
    char above[16];
    snprintf(above, sizeof above, "%.*s", level->digits, record->code);
    named_by(victims, level->above, above, kind, record);
  }
}

// gather takes the deleted records of one district, which stand together, beginning with `first`.
static size_t gather(const struct registry_changes *changes, size_t first, struct victims *victims) {
  const char *district = changes->change[first].record->district;
  size_t i = first;
  for (; i < changes->count && strcmp(changes->change[i].record->district, district) == 0; i++) {
    const struct registry_change *change = &changes->change[i];
    if (!change->record->deleted) continue;
    struct victim *victim = &victims->list[victims->count++];
    *victim = (struct victim){.change = change, .names = wg_arena_strdup(victims->arena, "")};
    char key[160];
    make_key(key, (int)change->kind->body_case, change->record->code);
    wg_map_put(victims->by_key, key, victim);
    victims->kinds[change->kind->body_case] = true;
  }
  return i;
}

static void tell(const struct victim *victim, struct wg_findings *findings) {
  if (!victim->count) return;
  findings->row = victim->change->row;
  wg_finding_add(findings, ERROR, victim->change->record, "code_referred", "code",
                 "%s“%s”还被%zu条记录引用：%s%s；先改正或一并删除它们", victim->change->kind->label,
                 victim->change->record->code, victim->count, victim->names, victim->count > NAMES_SHOWN ? "等" : "");
}

void registry_check_referred(const struct registry_changes *changes, struct wg_findings *findings) {
  size_t kinds = 0;
  const struct wg_kind *kind = wg_kinds(&kinds);
  for (size_t first = 0; first < changes->count;) {
    struct victims victims = {
        .by_key = wg_map_create(),
        .list = wg_arena_alloc(changes->arena, changes->count * sizeof(struct victim)),
        .kinds = wg_arena_zalloc(changes->arena, KIND_NUMBERS * sizeof(bool)),
        .arena = changes->arena,
    };
    const char *district = changes->change[first].record->district;
    first = gather(changes, first, &victims);
    for (size_t i = 0; victims.count && i < kinds; i++)
      look_at_kind(&victims, changes->after, district, &kind[i]);
    for (size_t i = 0; i < victims.count; i++)
      tell(&victims.list[i], findings);
    wg_map_destroy(victims.by_key);
  }
}

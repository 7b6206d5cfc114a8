// See figures.h.
#include "services/tracking/figures.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/wire/wire.h"

#include <stdio.h>
#include <string.h>

#define STATE(name) WANGGE__V1__CASE_STATE__CASE_STATE_##name
#define BY(name) WANGGE__V1__FIGURE_DIMENSION__FIGURE_DIMENSION_##name

const double FIGURES_DAY_EDGES[FIGURES_DAY_BUCKETS - 1] = {0.25, 0.5, 1,  2,  3,  4,  5,  7,   10,  12, 15,
                                                           20,   25,  30, 40, 50, 60, 90, 120, 180, 365};

// In the order of the fields of wangge.v1.Figures; test_figures compares the names.
enum counter {
  OPENED,
  WITHDRAWN,
  VOIDED,
  BEYOND_DUTY,
  DISPATCHED,
  SIGNED_IN_TIME,
  SIGNED_LATE,
  GIVEN_BACK,
  HOPS,
  CONTACTED_IN_TIME,
  CONTACTED_LATE,
  HELD,
  IN_TIME,
  LATE,
  EXTENDED,
  SOLVED,
  PARTLY_SOLVED,
  UNSOLVED,
  EXPLAINED,
  VERY_SATISFIED,
  SATISFIED,
  BASICALLY_SATISFIED,
  DISSATISFIED,
  VERY_DISSATISFIED,
  NOT_RATED,
  CLOSED,
  REOPENED,
  REWORKED,
  INEFFECTIVE,
  IN_PROBLEMS,
  PROBLEMS,
  PROACTIVE_PROBLEMS,
  YELLOW_CARDS,
  RED_CARDS,
  URGED,
  CRITICISED,
  SUPERVISED
};
_Static_assert(SUPERVISED + 1 == FIGURES_NAMED, "one counter for each field of Figures");

// --- the table ---
struct figures_table *figures_table_create(struct wg_arena *arena) {
  struct figures_table *table = wg_arena_zalloc(arena, sizeof *table);
  table->arena = arena;
  table->capacity = 64;
  table->mask = 2 * table->capacity - 1;
  table->rows = wg_arena_alloc(arena, sizeof *table->rows * table->capacity);
  table->slots = wg_arena_zalloc(arena, sizeof *table->slots * (table->mask + 1));
  return table;
}

static uint32_t hash_text(uint32_t hash, const char *text, size_t size) { // FNV-1a
  for (size_t i = 0; i < size; i++)
    hash = (hash ^ (uint8_t)text[i]) * 16777619u;
  return (hash ^ 0xffu) * 16777619u;
}

// A key as it is looked for; its text needs no end.
struct wanted {
  const char *district, *key;
  size_t key_size;
  int32_t month;
  Wangge__V1__FigureDimension by;
  uint32_t hash;
};

static bool is_wanted(const struct figures_row *row, const struct wanted *wanted) {
  return row->hash == wanted->hash && row->month == wanted->month && row->by == wanted->by &&
         strncmp(row->key, wanted->key, wanted->key_size) == 0 && row->key[wanted->key_size] == '\0' &&
         strcmp(row->district, wanted->district) == 0;
}

static struct figures_row **slot_of(const struct figures_table *table, const struct wanted *wanted) {
  size_t at = wanted->hash & table->mask;
  while (table->slots[at] && !is_wanted(table->slots[at], wanted))
    at = (at + 1) & table->mask;
  return &table->slots[at];
}

static void grow(struct figures_table *table) {
  table->capacity *= 2;
  table->mask = 2 * table->capacity - 1;
  struct figures_row **rows = wg_arena_alloc(table->arena, sizeof *rows * table->capacity);
  memcpy(rows, table->rows, sizeof *rows * table->count);
  table->rows = rows;
  table->slots = wg_arena_zalloc(table->arena, sizeof *table->slots * (table->mask + 1));
  for (size_t i = 0; i < table->count; i++) {
    size_t at = rows[i]->hash & table->mask;
    while (table->slots[at])
      at = (at + 1) & table->mask;
    table->slots[at] = rows[i];
  }
}

static struct figures_row *row_of(struct figures_table *table, struct wanted wanted) {
  uint32_t hash = 2166136261u ^ (uint32_t)wanted.month * 2654435761u ^ (uint32_t)wanted.by * 40503u;
  hash = hash_text(hash, wanted.district, strlen(wanted.district));
  wanted.hash = hash_text(hash, wanted.key, wanted.key_size);
  struct figures_row **slot = slot_of(table, &wanted);
  if (*slot) return *slot;
  if (table->count == table->capacity) {
    grow(table);
    slot = slot_of(table, &wanted);
  }
  struct figures_row *row = wg_arena_zalloc(table->arena, sizeof *row);
  row->district = wg_arena_strdup(table->arena, wanted.district);
  row->key = wg_arena_text(table->arena, (struct wg_bytes){(const uint8_t *)wanted.key, wanted.key_size});
  row->month = wanted.month;
  row->by = wanted.by;
  row->hash = wanted.hash;
  *slot = row;
  table->rows[table->count++] = row;
  return row;
}

struct figures_row *figures_row(struct figures_table *table, const char *district, int32_t month,
                                Wangge__V1__FigureDimension by, const char *key) {
  return row_of(table,
                (struct wanted){.district = district, .key = key, .key_size = strlen(key), .month = month, .by = by});
}

// --- what a case counts for ---
static int day_bucket(int64_t from, int64_t to) {
  const double days = to > from ? (double)(to - from) / (double)WG_DAY_US : 0;
  int bucket = 0;
  while (bucket < FIGURES_DAY_BUCKETS - 1 && days > FIGURES_DAY_EDGES[bucket])
    bucket++;
  return bucket;
}

static bool is_proactive(Wangge__V1__Channel channel) {
  return channel == WANGGE__V1__CHANNEL__CHANNEL_PATROL_VISIT ||
         channel == WANGGE__V1__CHANNEL__CHANNEL_STATION_WALK_IN || channel == WANGGE__V1__CHANNEL__CHANNEL_THEME_DAY ||
         channel == WANGGE__V1__CHANNEL__CHANNEL_QUESTIONNAIRE;
}

static void count_answers(const Wangge__V1__Case *c, bool closed, int64_t *counts) {
  const Wangge__V1__FollowUp *answer = c->follow_up;
  if (!answer || !answer->reached) {
    counts[NOT_RATED] += closed;
    return;
  }
  if (answer->solved >= WANGGE__V1__RESOLUTION__RESOLUTION_SOLVED &&
      answer->solved <= WANGGE__V1__RESOLUTION__RESOLUTION_EXPLAINED)
    counts[SOLVED + (int)answer->solved - (int)WANGGE__V1__RESOLUTION__RESOLUTION_SOLVED]++;
  if (answer->satisfaction >= WANGGE__V1__SATISFACTION__SATISFACTION_VERY_SATISFIED &&
      answer->satisfaction <= WANGGE__V1__SATISFACTION__SATISFACTION_NOT_RATED)
    counts[VERY_SATISFIED + (int)answer->satisfaction - (int)WANGGE__V1__SATISFACTION__SATISFACTION_VERY_SATISFIED]++;
}

static void count_dispatch(const Wangge__V1__Case *c, int64_t *counts) {
  if (!c->first_dispatched_at) return;
  const int hops = 1 + (c->redispatches > 0 ? c->redispatches : 0);
  counts[DISPATCHED]++;
  counts[GIVEN_BACK] += c->returns > 0;
  counts[HOPS] += hops;
  counts[FIGURES_HOPS_AT + (hops < FIGURES_HOP_BUCKETS ? hops : FIGURES_HOP_BUCKETS) - 1]++;
  counts[SIGNED_LATE] += c->signed_late;
  counts[SIGNED_IN_TIME] += c->signed_at && !c->signed_late;
}

static void count_handling(const Wangge__V1__Case *c, int64_t *counts) {
  const bool closed = c->state == STATE(CLOSED) || c->state == STATE(ARCHIVED);
  const bool held = c->state == STATE(HELD);
  counts[CONTACTED_LATE] += c->contacted_late;
  counts[CONTACTED_IN_TIME] += c->contact && c->contact->contacted_at && !c->contacted_late;
  counts[HELD] += held;
  counts[LATE] += c->late && !held;
  counts[IN_TIME] += !c->late && !held && c->first_resolved_at;
  counts[EXTENDED] += c->extensions > 0;
  counts[CLOSED] += closed;
  counts[REOPENED] += c->reopened > 0;
  counts[REWORKED] += c->round > 1;
  counts[INEFFECTIVE] += c->ineffective_at != 0;
  if (c->first_resolved_at) counts[FIGURES_DAYS_AT + day_bucket(c->first_dispatched_at, c->first_resolved_at)]++;
  count_answers(c, closed, counts);
}

static void count_overlays(const Wangge__V1__Case *c, int64_t *counts) {
  const bool first = c->problem_id == c->order_id;
  counts[IN_PROBLEMS] += c->problem_id != 0;
  counts[PROBLEMS] += first;
  counts[PROACTIVE_PROBLEMS] += first && is_proactive(c->channel);
  counts[YELLOW_CARDS] += c->yellow_cards;
  counts[RED_CARDS] += c->red_cards;
  counts[URGED] += c->urged > 0;
  counts[CRITICISED] += c->criticised;
  counts[SUPERVISED] += c->supervision && c->supervision->level > 0;
}

static void contribution(const Wangge__V1__Case *c, int64_t counts[FIGURES]) {
  memset(counts, 0, sizeof(int64_t) * FIGURES);
  counts[OPENED] = 1;
  if (c->state == STATE(WITHDRAWN)) counts[WITHDRAWN] = 1;
  else if (c->state == STATE(VOID)) counts[VOIDED] = 1;
  else {
    const bool beyond = c->feedback && c->feedback->beyond_duty_decision == WANGGE__V1__DECISION__DECISION_APPROVED;
    count_dispatch(c, counts);
    count_overlays(c, counts);
    if (beyond) counts[BEYOND_DUTY] = 1;
    else count_handling(c, counts);
  }
}

static int32_t month_of(int64_t at) {
  const struct wg_civil civil = wg_civil_from_us(at);
  return civil.year * 12 + civil.month - 1;
}

// What changes in a row: a case counts for a dozen counters of the many.
struct changes {
  const char *district;
  int32_t month;
  int counters[FIGURES], count;
  int64_t by[FIGURES];
};

static void add_to(struct figures_table *table, const struct changes *changes, Wangge__V1__FigureDimension by,
                   const char *key, size_t key_size) {
  struct figures_row *row = row_of(
      table, (struct wanted){
                 .district = changes->district, .key = key, .key_size = key_size, .month = changes->month, .by = by});
  for (int i = 0; i < changes->count; i++)
    row->counts[changes->counters[i]] += changes->by[i];
}

static struct changes changes_of(const Wangge__V1__Case *subject, int times) {
  struct changes changes = {.district = subject->district, .month = month_of(subject->opened_at)};
  int64_t counts[FIGURES];
  contribution(subject, counts);
  for (int i = 0; i < FIGURES; i++) {
    if (!counts[i]) continue;
    changes.counters[changes.count] = i;
    changes.by[changes.count++] = counts[i] * times;
  }
  return changes;
}

void figures_count(struct figures_table *table, const Wangge__V1__Case *subject, int times) {
  const struct changes changes = changes_of(subject, times);
  add_to(table, &changes, BY(ALL), "", 0);
  const char *department = *subject->department ? subject->department : subject->first_department;
  if (*department) add_to(table, &changes, BY(DEPARTMENT), department, strlen(department));
  if (strlen(subject->grid_code) == 15) {
    add_to(table, &changes, BY(STREET), subject->grid_code, 9);
    add_to(table, &changes, BY(COMMUNITY), subject->grid_code, 12);
    add_to(table, &changes, BY(GRID), subject->grid_code, 15);
  }
  char channel[16];
  const int size = snprintf(channel, sizeof channel, "%d", (int)subject->channel);
  add_to(table, &changes, BY(CHANNEL), channel, (size_t)size);
  for (const char *slash = subject->category; *subject->category && slash;) {
    slash = strchr(slash, '/');
    const size_t level = slash ? (size_t)(slash - subject->category) : strlen(subject->category);
    add_to(table, &changes, BY(CATEGORY), subject->category, level);
    if (slash) slash++;
  }
}

// --- packed ---
static Wangge__V1__FigureDelta *delta_of(const struct figures_row *row, struct wg_arena *arena) {
  size_t changed = 0;
  for (int i = 0; i < FIGURES; i++)
    changed += row->counts[i] != 0;
  if (!changed) return NULL;
  Wangge__V1__FigureDelta *delta = wg_arena_alloc(arena, sizeof *delta);
  wangge__v1__figure_delta__init(delta);
  delta->month = row->month;
  delta->by = row->by;
  delta->key = (char *)(uintptr_t)row->key;
  delta->changes = wg_arena_alloc(arena, sizeof *delta->changes * changed * 2);
  for (int i = 0; i < FIGURES; i++) {
    if (!row->counts[i]) continue;
    delta->changes[delta->n_changes++] = i;
    delta->changes[delta->n_changes++] = (int32_t)row->counts[i]; // a batch has some thousand cases
  }
  return delta;
}

struct wg_bytes figures_pack(const struct figures_table *table, const char *district, struct wg_arena *arena) {
  Wangge__V1__FigureDeltas deltas = WANGGE__V1__FIGURE_DELTAS__INIT;
  deltas.rows = wg_arena_alloc(arena, sizeof *deltas.rows * (table->count + 1));
  for (size_t i = 0; i < table->count; i++) {
    if (strcmp(table->rows[i]->district, district) != 0) continue;
    Wangge__V1__FigureDelta *delta = delta_of(table->rows[i], arena);
    if (delta) deltas.rows[deltas.n_rows++] = delta;
  }
  return deltas.n_rows ? wg_pack(&deltas.base, arena) : (struct wg_bytes){0};
}

wg_status figures_add(struct figures_table *table, const char *district, struct wg_bytes packed,
                      struct wg_error *error) {
  ProtobufCMessage *message = NULL;
  const wg_status status = wg_unpack(&wangge__v1__figure_deltas__descriptor, packed, table->arena, &message, error);
  if (status != WG_OK) return status;
  const Wangge__V1__FigureDeltas *deltas = (const Wangge__V1__FigureDeltas *)message;
  for (size_t i = 0; i < deltas->n_rows; i++) {
    const Wangge__V1__FigureDelta *delta = deltas->rows[i];
    struct figures_row *row = figures_row(table, district, delta->month, delta->by, delta->key);
    for (size_t k = 0; k + 1 < delta->n_changes; k += 2) {
      if (delta->changes[k] < 0 || delta->changes[k] >= FIGURES)
        return wg_fail(error, WG_INVALID_ARGUMENT, "changes", "there is no counter %d", (int)delta->changes[k]);
      row->counts[delta->changes[k]] += delta->changes[k + 1];
    }
  }
  return WG_OK;
}

// --- names ---
bool figures_month_parse(const char *text, int32_t *month) {
  char day[16];
  int32_t number;
  int year, of_year, first;
  if (strlen(text) != 7) return false;
  snprintf(day, sizeof day, "%s-01", text);
  if (!wg_day_parse(day, &number)) return false;
  wg_day_civil(number, &year, &of_year, &first);
  if (year < 2000 || year > 2199) return false;
  *month = year * 12 + of_year - 1;
  return true;
}

void figures_month_format(int32_t month, char text[16]) {
  snprintf(text, 16, "%04d-%02d", (int)(month / 12), (int)(month % 12) + 1);
}

void figures_name(int counter, char name[32]) {
  if (counter < FIGURES_NAMED) snprintf(name, 32, "%s", wangge__v1__figures__descriptor.fields[counter].name);
  else if (counter < FIGURES_DAYS_AT) snprintf(name, 32, "hops %d", counter - FIGURES_HOPS_AT + 1);
  else if (counter - FIGURES_DAYS_AT < FIGURES_DAY_BUCKETS - 1)
    snprintf(name, 32, "days to %g", FIGURES_DAY_EDGES[counter - FIGURES_DAYS_AT]);
  else snprintf(name, 32, "days over %g", FIGURES_DAY_EDGES[FIGURES_DAY_BUCKETS - 2]);
}

// See book.h. A table per district and kind: an array sorted by code.
#include "services/registry/book.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
  CODE_DISTRICT_BYTES = 6,
  MERGE_FROM = 8, // a draft's table is merged into one at most this many times its size; else record by record
};

struct table {
  char district[CODE_DISTRICT_BYTES + 1];
  int kind;
  struct registry_entry *entries;
  size_t count, capacity;
  size_t tombstones;
};

struct registry_book {
  const struct registry_book *under; // NULL: base
  struct wg_arena *arena;            // NULL: base, memory is malloc's
  struct table *tables;              // ascending by district and kind
  size_t count, capacity;
};

// --- memory ---
static void *grow(struct registry_book *book, void *old, size_t old_size, size_t new_size) {
  if (!book->arena) return wg_realloc(old, new_size);
  void *made = wg_arena_alloc(book->arena, new_size);
  if (old_size) memcpy(made, old, old_size);
  return made;
}

// A record of the base is one block: unpacked by an allocator that hands out pieces of it and never frees one.
struct block {
  uint8_t *next, *end;
};

static void *block_alloc(void *context, size_t size) {
  struct block *block = context;
  const size_t rounded = (size + 7) & ~(size_t)7;
  if ((size_t)(block->end - block->next) < rounded) return NULL;
  void *piece = block->next;
  block->next += rounded;
  return piece;
}

static void block_free(void *context, void *memory) {
  (void)context, (void)memory;
}

static void *count_alloc(void *context, size_t size) {
  size_t *sum = context;
  void *piece = wg_alloc(size ? size : 1);
  *sum += (size + 7) & ~(size_t)7;
  return piece;
}

static void count_free(void *context, void *memory) {
  (void)context;
  free(memory);
}

static Wangge__V1__Record *copy_record(const Wangge__V1__Record *record) {
  Wangge__V1__Record lean = *record; // who, why and when are not kept
  lean.changed_by = lean.reason = (char *)protobuf_c_empty_string;
  lean.changed_at = 0;
  const size_t size = wangge__v1__record__get_packed_size(&lean);
  uint8_t *packed = wg_alloc(size + 1);
  wangge__v1__record__pack(&lean, packed);
  size_t need = 0;
  ProtobufCAllocator counting = {count_alloc, count_free, &need};
  Wangge__V1__Record *once = wangge__v1__record__unpack(&counting, size, packed);
  assert(once && "a record that was packed a moment ago");
  wangge__v1__record__free_unpacked(once, &counting);
  uint8_t *memory = wg_alloc(need);
  struct block block = {memory, memory + need};
  ProtobufCAllocator pieces = {block_alloc, block_free, &block};
  Wangge__V1__Record *copy = wangge__v1__record__unpack(&pieces, size, packed);
  assert((uint8_t *)copy == memory && "the message itself is the first piece");
  free(packed);
  return copy;
}

static void free_record(const Wangge__V1__Record *record) {
  free((void *)(uintptr_t)record);
}

// --- tables ---
static int compare_table(const struct table *table, const char *district, int kind) {
  const int order = strcmp(table->district, district);
  return order ? order : (table->kind > kind) - (table->kind < kind);
}

// find_table gives the index of a table, or where it would stand.
static size_t find_table(const struct registry_book *book, const char *district, int kind, bool *found) {
  size_t low = 0, high = book->count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    const int order = compare_table(&book->tables[middle], district, kind);
    if (order == 0) {
      *found = true;
      return middle;
    }
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  *found = false;
  return low;
}

static const struct table *table_of(const struct registry_book *book, const char *district, int kind) {
  bool found = false;
  const size_t at = find_table(book, district, kind, &found);
  return found ? &book->tables[at] : NULL;
}

static struct table *make_table(struct registry_book *book, const char *district, int kind) {
  bool found = false;
  const size_t at = find_table(book, district, kind, &found);
  if (found) return &book->tables[at];
  assert(strlen(district) == CODE_DISTRICT_BYTES && "a district is 6 digits");
  if (book->count == book->capacity) {
    const size_t capacity = book->capacity ? book->capacity * 2 : 32;
    book->tables = grow(book, book->tables, book->count * sizeof *book->tables, capacity * sizeof *book->tables);
    book->capacity = capacity;
  }
  memmove(&book->tables[at + 1], &book->tables[at], (book->count - at) * sizeof *book->tables);
  book->count++;
  book->tables[at] = (struct table){.kind = kind};
  memcpy(book->tables[at].district, district, CODE_DISTRICT_BYTES);
  return &book->tables[at];
}

// lower_bound gives the first entry whose code is not below `code`.
static size_t lower_bound(const struct table *table, const char *code) {
  size_t low = 0, high = table->count;
  if (high && strcmp(table->entries[high - 1].record->code, code) < 0) return high; // they come in order
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (strcmp(table->entries[middle].record->code, code) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

static void reserve(struct registry_book *book, struct table *table, size_t count) {
  if (count <= table->capacity) return;
  size_t capacity = table->capacity ? table->capacity * 2 : 16;
  if (capacity < count) capacity = count;
  table->entries = grow(book, table->entries, table->count * sizeof *table->entries, capacity * sizeof *table->entries);
  table->capacity = capacity;
}

static void set_entry(struct registry_book *book, struct table *table, struct registry_entry entry) {
  const size_t at = lower_bound(table, entry.record->code);
  if (at < table->count && strcmp(table->entries[at].record->code, entry.record->code) == 0) {
    struct registry_entry *old = &table->entries[at];
    table->tombstones += (size_t)(entry.record->deleted != 0);
    table->tombstones -= (size_t)(old->record->deleted != 0);
    if (!book->arena) free_record(old->record);
    *old = entry;
    return;
  }
  reserve(book, table, table->count + 1);
  memmove(&table->entries[at + 1], &table->entries[at], (table->count - at) * sizeof *table->entries);
  table->count++;
  table->tombstones += (size_t)(entry.record->deleted != 0);
  table->entries[at] = entry;
}

// merge_tables makes one array of two; what `from` says of a code holds.
static void merge_tables(struct registry_book *book, struct table *table, const struct table *from) {
  struct table old = *table;
  table->entries = NULL;
  table->count = table->capacity = table->tombstones = 0;
  reserve(book, table, old.count + from->count);
  size_t left = 0, right = 0;
  while (left < old.count || right < from->count) {
    int order = left == old.count ? 1 : -1;
    if (left < old.count && right < from->count)
      order = strcmp(old.entries[left].record->code, from->entries[right].record->code);
    struct registry_entry entry = order < 0 ? old.entries[left] : from->entries[right];
    // Copied before the old one goes: the last body of a record that is deleted is the old one's.
    if (order >= 0 && !book->arena) entry.record = copy_record(entry.record);
    if (order == 0 && !book->arena) free_record(old.entries[left].record);
    left += order <= 0;
    right += order >= 0;
    table->tombstones += (size_t)(entry.record->deleted != 0);
    table->entries[table->count++] = entry; // NOLINT(clang-analyzer-core.NullDereference): reserve has made room
  }
  if (!book->arena) free(old.entries);
}

static void take(struct registry_book *book, const struct registry_book *draft) {
  assert(draft->under == book && "a draft goes into the book it was drawn over");
  for (size_t i = 0; i < draft->count; i++) {
    const struct table *from = &draft->tables[i];
    struct table *table = make_table(book, from->district, from->kind);
    if (from->count * MERGE_FROM >= table->count) {
      merge_tables(book, table, from);
      continue;
    }
    for (size_t k = 0; k < from->count; k++) {
      struct registry_entry entry = from->entries[k];
      if (!book->arena) entry.record = copy_record(entry.record);
      set_entry(book, table, entry);
    }
  }
}

// --- life ---
struct registry_book *registry_book_create(void) {
  return wg_zalloc(sizeof(struct registry_book));
}

void registry_book_clear(struct registry_book *book) {
  assert(!book->arena);
  for (size_t i = 0; i < book->count; i++) {
    for (size_t k = 0; k < book->tables[i].count; k++)
      free_record(book->tables[i].entries[k].record);
    free(book->tables[i].entries);
  }
  free(book->tables);
  *book = (struct registry_book){0};
}

void registry_book_destroy(struct registry_book *book) {
  if (!book) return;
  registry_book_clear(book);
  free(book);
}

struct registry_book *registry_book_draft(const struct registry_book *under, struct wg_arena *arena) {
  struct registry_book *draft = wg_arena_zalloc(arena, sizeof *draft);
  draft->under = under;
  draft->arena = arena;
  return draft;
}

// --- reading ---
const struct registry_entry *registry_book_entry(const struct registry_book *book, const char *district, int kind,
                                                 const char *code) {
  for (; book; book = book->under) {
    const struct table *table = table_of(book, district, kind);
    if (!table) continue;
    const size_t at = lower_bound(table, code);
    if (at < table->count && strcmp(table->entries[at].record->code, code) == 0) return &table->entries[at];
  }
  return NULL;
}

const Wangge__V1__Record *registry_book_get(const struct registry_book *book, const char *district, int kind,
                                            const char *code) {
  const struct registry_entry *entry = registry_book_entry(book, district, kind, code);
  return entry && !entry->record->deleted ? entry->record : NULL;
}

size_t registry_book_count(const struct registry_book *book, const char *district, int kind) {
  if (!book->under) {
    const struct table *table = table_of(book, district, kind);
    return table ? table->count - table->tombstones : 0;
  }
  // What a draft says of a record counts instead of what is under it.
  size_t count = registry_book_count(book->under, district, kind);
  const struct table *table = table_of(book, district, kind);
  for (size_t i = 0; table && i < table->count; i++) {
    const bool was = registry_book_get(book->under, district, kind, table->entries[i].record->code) != NULL;
    count += (size_t)!table->entries[i].record->deleted;
    count -= (size_t)was;
  }
  return count;
}

static int compare_texts(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **registry_book_districts(const struct registry_book *book, struct wg_arena *arena, size_t *count) {
  size_t most = 0, unique = 0;
  for (const struct registry_book *at = book; at; at = at->under)
    most += at->count;
  const char **districts = wg_arena_alloc(arena, (most + 1) * sizeof *districts);
  size_t all = 0;
  for (const struct registry_book *at = book; at; at = at->under) {
    for (size_t i = 0; i < at->count; i++) {
      if (i == 0 || strcmp(at->tables[i].district, at->tables[i - 1].district) != 0)
        districts[all++] = wg_arena_strdup(arena, at->tables[i].district);
    }
  }
  qsort(districts, all, sizeof *districts, compare_texts);
  for (size_t i = 0; i < all; i++) {
    if (unique == 0 || strcmp(districts[unique - 1], districts[i]) != 0) districts[unique++] = districts[i];
  }
  *count = unique;
  return districts;
}

struct registry_walk registry_book_walk(const struct registry_book *book, const char *district, int kind,
                                        const char *prefix) {
  struct registry_walk walk = {.prefix = prefix};
  for (; book; book = book->under) {
    const struct table *table = table_of(book, district, kind);
    if (!table) continue;
    assert(walk.depth < REGISTRY_BOOK_DEPTH);
    walk.at[walk.depth] = table->entries + lower_bound(table, prefix);
    walk.end[walk.depth++] = table->entries + table->count;
  }
  return walk;
}

// next_entry gives the entry with the lowest code, of the topmost book that has it, and steps over it in all of them.
static const struct registry_entry *next_entry(struct registry_walk *walk) {
  const struct registry_entry *lowest = NULL;
  for (int i = 0; i < walk->depth; i++) {
    if (walk->at[i] == walk->end[i]) continue;
    if (!lowest || strcmp(walk->at[i]->record->code, lowest->record->code) < 0) lowest = walk->at[i];
  }
  if (!lowest) return NULL;
  for (int i = 0; i < walk->depth; i++) {
    if (walk->at[i] == walk->end[i]) continue;
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): before its end it stands on an entry
    if (strcmp(walk->at[i]->record->code, lowest->record->code) == 0) walk->at[i]++;
  }
  return lowest;
}

const Wangge__V1__Record *registry_walk_next(struct registry_walk *walk) {
  const size_t size = strlen(walk->prefix);
  for (const struct registry_entry *entry; (entry = next_entry(walk));) {
    if (strncmp(entry->record->code, walk->prefix, size) != 0) return NULL;
    if (!entry->record->deleted) return entry->record;
  }
  return NULL;
}

// --- changing ---
void registry_book_set(struct registry_book *draft, const Wangge__V1__Record *record, uint64_t seq) {
  assert(draft->arena && record->body_case);
  set_entry(draft, make_table(draft, record->district, (int)record->body_case), (struct registry_entry){record, seq});
}

void registry_book_take(struct registry_book *under, const struct registry_book *draft) {
  assert(under->arena);
  take(under, draft);
}

void registry_book_apply(struct registry_book *base, const struct registry_book *draft) {
  assert(!base->arena);
  take(base, draft);
}

void registry_book_add(struct registry_book *base, const Wangge__V1__Record *record, uint64_t seq) {
  assert(!base->arena && record->body_case);
  set_entry(base, make_table(base, record->district, (int)record->body_case),
            (struct registry_entry){copy_record(record), seq});
}

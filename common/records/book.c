// See book.h. A table per scope and kind: an array sorted by code.
#include "common/records/book.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
  MERGE_FROM = 8, // a draft's table is merged into one at most this many times its size; else record by record
};

struct table {
  char scope[WG_BOOK_SCOPE_BYTES + 1];
  int kind;
  struct wg_book_entry *entries;
  size_t count, capacity;
  size_t tombstones;
};

struct wg_book {
  const struct wg_book_type *type;
  const struct wg_book *under; // NULL: base
  struct wg_arena *arena;      // NULL: base, memory is malloc's
  struct table *tables;        // ascending by scope and kind
  size_t count, capacity;
};

// --- members of records ---
static const char *text_at(const void *record, size_t offset) {
  return *(char *const *)(const void *)((const char *)record + offset);
}

static const char *code_of(const struct wg_book *book, struct wg_book_entry entry) {
  return text_at(entry.record, book->type->code);
}

static bool is_deleted(const struct wg_book *book, struct wg_book_entry entry) {
  return *(const protobuf_c_boolean *)(const void *)((const char *)entry.record + book->type->deleted) != 0;
}

static int kind_of(const struct wg_book *book, const void *record) {
  return *(const int *)(const void *)((const char *)record + book->type->kind);
}

// --- memory ---
static void *grow(struct wg_book *book, void *old, size_t old_size, size_t new_size) {
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

// A record as a base keeps it.
static void *copy_record(const struct wg_book_type *type, const void *record) {
  char *lean = wg_alloc(type->message->sizeof_message);
  memcpy(lean, record, type->message->sizeof_message);
  for (size_t i = 0; i < sizeof type->drop_text / sizeof *type->drop_text && type->drop_text[i]; i++)
    *(const char **)(void *)(lean + type->drop_text[i]) = protobuf_c_empty_string;
  for (size_t i = 0; i < sizeof type->drop_number / sizeof *type->drop_number && type->drop_number[i]; i++)
    *(int64_t *)(void *)(lean + type->drop_number[i]) = 0;
  const size_t size = protobuf_c_message_get_packed_size((const ProtobufCMessage *)(const void *)lean);
  uint8_t *packed = wg_alloc(size + 1);
  protobuf_c_message_pack((const ProtobufCMessage *)(const void *)lean, packed);
  free(lean);
  size_t need = 0;
  ProtobufCAllocator counting = {count_alloc, count_free, &need};
  ProtobufCMessage *once = protobuf_c_message_unpack(type->message, &counting, size, packed);
  assert(once && "a record that was packed a moment ago");
  protobuf_c_message_free_unpacked(once, &counting);
  uint8_t *memory = wg_alloc(need);
  struct block block = {memory, memory + need};
  ProtobufCAllocator pieces = {block_alloc, block_free, &block};
  ProtobufCMessage *copy = protobuf_c_message_unpack(type->message, &pieces, size, packed);
  assert((uint8_t *)copy == memory && "the message itself is the first piece");
  free(packed);
  return copy;
}

static void free_record(const void *record) {
  free((void *)(uintptr_t)record);
}

// --- tables ---
static int compare_table(const struct table *table, const char *scope, int kind) {
  const int order = strcmp(table->scope, scope);
  return order ? order : (table->kind > kind) - (table->kind < kind);
}

// find_table gives the index of a table, or where it would stand.
static size_t find_table(const struct wg_book *book, const char *scope, int kind, bool *found) {
  size_t low = 0, high = book->count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    const int order = compare_table(&book->tables[middle], scope, kind);
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

static const struct table *table_of(const struct wg_book *book, const char *scope, int kind) {
  bool found = false;
  const size_t at = find_table(book, scope, kind, &found);
  return found ? &book->tables[at] : NULL;
}

static struct table *make_table(struct wg_book *book, const char *scope, int kind) {
  bool found = false;
  const size_t at = find_table(book, scope, kind, &found);
  if (found) return &book->tables[at];
  assert(strlen(scope) <= WG_BOOK_SCOPE_BYTES);
  if (book->count == book->capacity) {
    const size_t capacity = book->capacity ? book->capacity * 2 : 32;
    book->tables = grow(book, book->tables, book->count * sizeof *book->tables, capacity * sizeof *book->tables);
    book->capacity = capacity;
  }
  memmove(&book->tables[at + 1], &book->tables[at], (book->count - at) * sizeof *book->tables);
  book->count++;
  book->tables[at] = (struct table){.kind = kind};
  strcpy(book->tables[at].scope, scope);
  return &book->tables[at];
}

// lower_bound gives the first entry whose code is not below `code`.
static size_t lower_bound(const struct wg_book *book, const struct table *table, const char *code) {
  size_t low = 0, high = table->count;
  if (high && strcmp(code_of(book, table->entries[high - 1]), code) < 0) return high; // they come in order
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (strcmp(code_of(book, table->entries[middle]), code) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

static void reserve(struct wg_book *book, struct table *table, size_t count) {
  if (count <= table->capacity) return;
  size_t capacity = table->capacity ? table->capacity * 2 : 16;
  if (capacity < count) capacity = count;
  table->entries = grow(book, table->entries, table->count * sizeof *table->entries, capacity * sizeof *table->entries);
  table->capacity = capacity;
}

static void set_entry(struct wg_book *book, struct table *table, struct wg_book_entry entry) {
  const char *code = code_of(book, entry);
  const size_t at = lower_bound(book, table, code);
  if (at < table->count && strcmp(code_of(book, table->entries[at]), code) == 0) {
    struct wg_book_entry *old = &table->entries[at];
    table->tombstones += (size_t)is_deleted(book, entry);
    table->tombstones -= (size_t)is_deleted(book, *old);
    if (!book->arena) free_record(old->record);
    *old = entry;
    return;
  }
  reserve(book, table, table->count + 1);
  memmove(&table->entries[at + 1], &table->entries[at], (table->count - at) * sizeof *table->entries);
  table->count++;
  table->tombstones += (size_t)is_deleted(book, entry);
  table->entries[at] = entry;
}

// merge_tables makes one array of two; what `from` says of a code holds.
static void merge_tables(struct wg_book *book, struct table *table, const struct table *from) {
  struct table old = *table;
  table->entries = NULL;
  table->count = table->capacity = table->tombstones = 0;
  reserve(book, table, old.count + from->count);
  size_t left = 0, right = 0;
  while (left < old.count || right < from->count) {
    int order = left == old.count ? 1 : -1;
    if (left < old.count && right < from->count)
      order = strcmp(code_of(book, old.entries[left]), code_of(book, from->entries[right]));
    struct wg_book_entry entry = order < 0 ? old.entries[left] : from->entries[right];
    if (order == 0 && !book->arena) free_record(old.entries[left].record);
    left += order <= 0;
    right += order >= 0;
    table->tombstones += (size_t)is_deleted(book, entry);
    table->entries[table->count++] = entry; // NOLINT(clang-analyzer-core.NullDereference): reserve has made room
  }
  if (!book->arena) free(old.entries);
}

// What goes into a base is copied before any old record goes: a record of the draft may point into old ones, its own or
// others (the last body of one that is deleted is the old one's).
static void copy_all(const struct wg_book *base, const struct wg_book *draft) {
  for (size_t i = 0; i < draft->count; i++) {
    for (size_t k = 0; k < draft->tables[i].count; k++)
      draft->tables[i].entries[k].record = copy_record(base->type, draft->tables[i].entries[k].record);
  }
}

static void take(struct wg_book *book, const struct wg_book *draft) {
  assert(draft->under == book && "a draft goes into the book it was drawn over");
  if (!book->arena) copy_all(book, draft);
  for (size_t i = 0; i < draft->count; i++) {
    const struct table *from = &draft->tables[i];
    struct table *table = make_table(book, from->scope, from->kind);
    if (from->count * MERGE_FROM >= table->count) {
      merge_tables(book, table, from);
      continue;
    }
    for (size_t k = 0; k < from->count; k++)
      set_entry(book, table, from->entries[k]);
  }
}

// --- life ---
struct wg_book *wg_book_create(const struct wg_book_type *type) {
  struct wg_book *book = wg_zalloc(sizeof *book);
  book->type = type;
  return book;
}

static void free_table(struct table *table) {
  for (size_t i = 0; i < table->count; i++)
    free_record(table->entries[i].record);
  free(table->entries);
}

void wg_book_clear(struct wg_book *book) {
  assert(!book->arena);
  for (size_t i = 0; i < book->count; i++)
    free_table(&book->tables[i]);
  free(book->tables);
  *book = (struct wg_book){.type = book->type};
}

void wg_book_drop(struct wg_book *book, const char *scope) {
  assert(!book->arena);
  bool found = false;
  const size_t first = find_table(book, scope, 0, &found);
  size_t last = first;
  for (; last < book->count && strcmp(book->tables[last].scope, scope) == 0; last++)
    free_table(&book->tables[last]);
  if (last == first) return;
  memmove(&book->tables[first], &book->tables[last], (book->count - last) * sizeof *book->tables);
  book->count -= last - first;
}

void wg_book_destroy(struct wg_book *book) {
  if (!book) return;
  wg_book_clear(book);
  free(book);
}

struct wg_book *wg_book_draft(const struct wg_book *under, struct wg_arena *arena) {
  struct wg_book *draft = wg_arena_zalloc(arena, sizeof *draft);
  draft->type = under->type;
  draft->under = under;
  draft->arena = arena;
  return draft;
}

// --- reading ---
const struct wg_book_entry *wg_book_entry(const struct wg_book *book, const char *scope, int kind, const char *code) {
  for (; book; book = book->under) {
    const struct table *table = table_of(book, scope, kind);
    if (!table) continue;
    const size_t at = lower_bound(book, table, code);
    if (at < table->count && strcmp(code_of(book, table->entries[at]), code) == 0) return &table->entries[at];
  }
  return NULL;
}

const void *wg_book_get(const struct wg_book *book, const char *scope, int kind, const char *code) {
  const struct wg_book_entry *entry = wg_book_entry(book, scope, kind, code);
  return entry && !is_deleted(book, *entry) ? entry->record : NULL;
}

size_t wg_book_count(const struct wg_book *book, const char *scope, int kind) {
  if (!book->under) {
    const struct table *table = table_of(book, scope, kind);
    return table ? table->count - table->tombstones : 0;
  }
  // What a draft says of a record counts instead of what is under it.
  size_t count = wg_book_count(book->under, scope, kind);
  const struct table *table = table_of(book, scope, kind);
  for (size_t i = 0; table && i < table->count; i++) {
    const bool was = wg_book_get(book->under, scope, kind, code_of(book, table->entries[i])) != NULL;
    count += (size_t)!is_deleted(book, table->entries[i]);
    count -= (size_t)was;
  }
  return count;
}

static int compare_texts(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **wg_book_scopes(const struct wg_book *book, struct wg_arena *arena, size_t *count) {
  size_t most = 0, unique = 0;
  for (const struct wg_book *at = book; at; at = at->under)
    most += at->count;
  const char **scopes = wg_arena_alloc(arena, (most + 1) * sizeof *scopes);
  size_t all = 0;
  for (const struct wg_book *at = book; at; at = at->under) {
    for (size_t i = 0; i < at->count; i++) {
      if (i == 0 || strcmp(at->tables[i].scope, at->tables[i - 1].scope) != 0)
        scopes[all++] = wg_arena_strdup(arena, at->tables[i].scope);
    }
  }
  qsort(scopes, all, sizeof *scopes, compare_texts);
  for (size_t i = 0; i < all; i++) {
    if (unique == 0 || strcmp(scopes[unique - 1], scopes[i]) != 0) scopes[unique++] = scopes[i];
  }
  *count = unique;
  return scopes;
}

struct wg_book_walk wg_book_walk(const struct wg_book *book, const char *scope, int kind, const char *prefix) {
  struct wg_book_walk walk = {.prefix = prefix, .type = book->type};
  for (; book; book = book->under) {
    const struct table *table = table_of(book, scope, kind);
    if (!table) continue;
    assert(walk.depth < WG_BOOK_DEPTH);
    walk.at[walk.depth] = table->entries + lower_bound(book, table, prefix);
    walk.end[walk.depth++] = table->entries + table->count;
  }
  return walk;
}

static const char *walk_code(const struct wg_book_walk *walk, const struct wg_book_entry *entry) {
  return text_at(entry->record, walk->type->code); // NOLINT(clang-analyzer-core.NullDereference): callers have an entry
}

// next_entry gives the entry with the lowest code, of the topmost book that has it, and steps over it in all of them.
static const struct wg_book_entry *next_entry(struct wg_book_walk *walk) {
  const struct wg_book_entry *lowest = NULL;
  for (int i = 0; i < walk->depth; i++) {
    if (walk->at[i] == walk->end[i]) continue;
    if (!lowest || strcmp(walk_code(walk, walk->at[i]), walk_code(walk, lowest)) < 0) lowest = walk->at[i];
  }
  if (!lowest) return NULL;
  for (int i = 0; i < walk->depth; i++) {
    if (walk->at[i] == walk->end[i]) continue;
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): before its end it stands on an entry
    if (strcmp(walk_code(walk, walk->at[i]), walk_code(walk, lowest)) == 0) walk->at[i]++;
  }
  return lowest;
}

const void *wg_book_next(struct wg_book_walk *walk) {
  const size_t size = strlen(walk->prefix);
  for (const struct wg_book_entry *entry; (entry = next_entry(walk));) {
    if (strncmp(walk_code(walk, entry), walk->prefix, size) != 0) return NULL;
    if (!*(const protobuf_c_boolean *)(const void *)((const char *)entry->record + walk->type->deleted))
      return entry->record;
  }
  return NULL;
}

// --- changing ---
void wg_book_set(struct wg_book *draft, const void *record, uint64_t seq) {
  assert(draft->arena && kind_of(draft, record));
  set_entry(draft, make_table(draft, text_at(record, draft->type->scope), kind_of(draft, record)),
            (struct wg_book_entry){record, seq});
}

void wg_book_take(struct wg_book *under, const struct wg_book *draft) {
  assert(under->arena);
  take(under, draft);
}

void wg_book_apply(struct wg_book *base, const struct wg_book *draft) {
  assert(!base->arena);
  take(base, draft);
}

void wg_book_add(struct wg_book *base, const void *record, uint64_t seq) {
  assert(!base->arena && kind_of(base, record));
  set_entry(base, make_table(base, text_at(record, base->type->scope), kind_of(base, record)),
            (struct wg_book_entry){copy_record(base->type, record), seq});
}

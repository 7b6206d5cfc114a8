// The book (底册): every current record of the cell in memory, by district and kind, in order of codes.
//
//   base          owns its records; changed only after a commit (registry_book_apply)
//   draft         a view of the book under it with changes of its own, all of it in an arena: a batch has one over the
//                 base, a Put has one over the batch's. Thrown away it leaves nothing (the arena is reset); taken up
//                 (registry_book_take) its changes stand in the book under it.
//
// Checks and decisions read a book and do not know which of the two it is. Kinds are the field numbers of Record.body
// (WANGGE__V1__RECORD__BODY_GRID). Codes are in the order of their bytes, as the database has them too. A deleted
// record stays as a tombstone, because its versions go on if it comes back; readers do not see it unless they ask.
//
// Thread rule: the service's book is the loop thread's; any other book is its maker's.
#pragma once

#include "common/base/arena.h"

#include "wangge/v1/registry.pb-c.h"

#include <stdbool.h>

struct registry_book;

// What the book keeps of a record. `record` has district, code, version, deleted and body; who changed it, when and why
// is the database's to know.
struct registry_entry {
  const Wangge__V1__Record *record;
  uint64_t seq; // of its newest change in registry.changes
};

struct registry_book *registry_book_create(void);
void registry_book_destroy(struct registry_book *book); // of registry_book_create; NULL is allowed
void registry_book_clear(struct registry_book *book);   // the same
struct registry_book *registry_book_draft(const struct registry_book *under, struct wg_arena *arena);

// --- reading ---
// registry_book_get gives the record in force, or NULL; registry_book_entry the tombstone too.
const Wangge__V1__Record *registry_book_get(const struct registry_book *book, const char *district, int kind,
                                            const char *code);
const struct registry_entry *registry_book_entry(const struct registry_book *book, const char *district, int kind,
                                                 const char *code);
// How many records are in force.
size_t registry_book_count(const struct registry_book *book, const char *district, int kind);
// Districts that have or had records, ascending.
const char **registry_book_districts(const struct registry_book *book, struct wg_arena *arena, size_t *count);

// A walk over the records in force of one kind whose codes begin with `prefix` ("": all), in order:
//   struct registry_walk walk = registry_book_walk(book, "370211", WANGGE__V1__RECORD__BODY_GRID, "370211001");
//   for (const Wangge__V1__Record *record; (record = registry_walk_next(&walk));) …
// Do not change the book while walking. `prefix` must live as long as the walk.
enum { REGISTRY_BOOK_DEPTH = 4 }; // a base and three drafts
struct registry_walk {
  const struct registry_entry *at[REGISTRY_BOOK_DEPTH], *end[REGISTRY_BOOK_DEPTH]; // [0] is the topmost
  int depth;
  const char *prefix;
};
struct registry_walk registry_book_walk(const struct registry_book *book, const char *district, int kind,
                                        const char *prefix);
const Wangge__V1__Record *registry_walk_next(struct registry_walk *walk);

// --- changing ---
// registry_book_set puts a record, or its tombstone, into a draft; the record must live as long as the draft. Quick
// when records come in order of their codes.
void registry_book_set(struct registry_book *draft, const Wangge__V1__Record *record, uint64_t seq);
// registry_book_take moves what a draft says into the draft under it.
void registry_book_take(struct registry_book *under, const struct registry_book *draft);
// registry_book_apply copies what a draft says into the base under it.
void registry_book_apply(struct registry_book *base, const struct registry_book *draft);
// registry_book_add copies one record into a base: at start, in any order (quick in order of codes).
void registry_book_add(struct registry_book *base, const Wangge__V1__Record *record, uint64_t seq);

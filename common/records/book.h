// A book (底册): the newest versions of records in memory, by scope and kind, in order of codes. The registry keeps one
// of all districts, the land ledger one of the villages it works on.
//
//   base          owns its records; changed only after a commit (wg_book_apply)
//   draft         a view of the book under it with changes of its own, all of it in an arena: a batch has one over the
//                 base, a write has one over the batch's. Thrown away it leaves nothing (the arena is reset); taken up
//                 (wg_book_take) its changes stand in the book under it.
//
// Checks and decisions read a book and do not know which of the two it is. Codes are in the order of their bytes, as
// the database has them too. A deleted record stays as a tombstone, because its versions go on if it comes back;
// readers do not see it unless they ask.
//
// Thread rule: a book is its maker's.
#pragma once

#include "common/base/arena.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

// What a book keeps: messages that have these members, at these offsets in their struct.
struct wg_book_type {
  const ProtobufCMessageDescriptor *message;
  size_t scope;   // char *: tenant of the record, e.g. a district; at most WG_BOOK_SCOPE_BYTES
  size_t kind;    // body_case of its oneof
  size_t code;    // char *: unique in scope and kind
  size_t deleted; // protobuf_c_boolean
  // members that a base does not keep: char * (set to "") and int64_t (set to 0); ended by 0
  size_t drop_text[4], drop_number[4];
};
enum { WG_BOOK_SCOPE_BYTES = 12, WG_BOOK_DEPTH = 4 }; // a base and three drafts

struct wg_book;
struct wg_book_entry {
  const void *record; // of the book's type
  uint64_t seq;       // the caller's: of its newest change
};

struct wg_book *wg_book_create(const struct wg_book_type *type); // `type` must live as long as the book
void wg_book_destroy(struct wg_book *book);                      // of wg_book_create; NULL is allowed
void wg_book_clear(struct wg_book *book);                        // the same
void wg_book_drop(struct wg_book *book, const char *scope);      // the same: forgets all records of a scope
struct wg_book *wg_book_draft(const struct wg_book *under, struct wg_arena *arena);

// --- reading ---
// wg_book_get gives the record in force, or NULL; wg_book_entry the tombstone too.
const void *wg_book_get(const struct wg_book *book, const char *scope, int kind, const char *code);
const struct wg_book_entry *wg_book_entry(const struct wg_book *book, const char *scope, int kind, const char *code);
// How many records are in force.
size_t wg_book_count(const struct wg_book *book, const char *scope, int kind);
// Scopes that have or had records, ascending.
const char **wg_book_scopes(const struct wg_book *book, struct wg_arena *arena, size_t *count);

// A walk over the records in force of one kind whose codes begin with `prefix` ("": all), in order:
//   struct wg_book_walk walk = wg_book_walk(book, "370211", WANGGE__V1__RECORD__BODY_GRID, "370211001");
//   for (const void *record; (record = wg_book_next(&walk));) …
// Do not change the book while walking. `prefix` must live as long as the walk.
struct wg_book_walk {
  const struct wg_book_entry *at[WG_BOOK_DEPTH], *end[WG_BOOK_DEPTH]; // [0] is the topmost
  int depth;
  const char *prefix;
  const struct wg_book_type *type;
};
struct wg_book_walk wg_book_walk(const struct wg_book *book, const char *scope, int kind, const char *prefix);
const void *wg_book_next(struct wg_book_walk *walk);

// --- changing ---
// wg_book_set puts a record, or its tombstone, into a draft; the record must live as long as the draft. Quick when
// records come in order of their codes.
void wg_book_set(struct wg_book *draft, const void *record, uint64_t seq);
// wg_book_take moves what a draft says into the draft under it.
void wg_book_take(struct wg_book *under, const struct wg_book *draft);
// wg_book_apply copies what a draft says into the base under it. The draft is spent: it must not be read any more.
void wg_book_apply(struct wg_book *base, const struct wg_book *draft);
// wg_book_add copies one record into a base: at start, in any order (quick in order of codes).
void wg_book_add(struct wg_book *base, const void *record, uint64_t seq);

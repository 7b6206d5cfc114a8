// The land ledger's book: every current record of the villages it works on (common/records/book.h), scope = village,
// kinds = the field numbers of LandRecord.body, codes = ids. Ended records are its tombstones: land_ended still shows
// them.
//
// A village is loaded whole when a write first touches it and is forgotten when others need the room. There is one
// writer, so what is in memory is what the database has.
#pragma once

#include "common/records/book.h"

#include "wangge/v1/land.pb-c.h"

extern const struct wg_book_type LAND_BOOK;

// Kind number of a member of LandRecord.body: LAND_KIND(PARTY).
#define LAND_KIND(NAME) ((int)WANGGE__V1__LAND_RECORD__BODY_##NAME)

// Name of a kind, "party"; NULL: no such kind. And back; 0: none.
const char *land_kind_name(int kind);
int land_kind_find(const char *name);
// What people call a kind, "地块"; its name where there is no term for it.
const char *land_kind_term(int kind);
// How many bodies there are; they are numbered for tables and metrics: land_kind_at(0) … .
size_t land_kind_count(void);
int land_kind_at(size_t index);
// land_body gives the body of a record: a message of its kind's type. NULL when it has none.
const ProtobufCMessage *land_body(const Wangge__V1__LandRecord *record);
void land_set_body(Wangge__V1__LandRecord *record, int kind, ProtobufCMessage *body);
const ProtobufCMessageDescriptor *land_body_type(int kind);
// land_state gives the lower-case name of the body's `state` without the enum's prefix ("confirmed"), in the arena; ""
// when the kind has no states. land_name gives what people call it: its `name`, or "".
const char *land_state(const Wangge__V1__LandRecord *record, struct wg_arena *arena);
const char *land_name(const Wangge__V1__LandRecord *record);

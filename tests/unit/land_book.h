// A village's book in memory for tests of the land ledger's decide functions: what the service does around them without
// database, stage and ledger. Requests are messages; each write that is not refused is taken up, as a commit would.
#pragma once

#include "common/calendar/calendar.h"
#include "services/land/topic.h"

#define BOOK_VILLAGE "131102101201"

struct land_book {
  struct wg_arena *arena; // of the test
  struct wg_book *book;
  const struct wg_calendar *calendar; // set by the test; NULL: Monday to Friday
  struct wg_principal caller;         // roles may be changed by the test; at first VILLAGE
  int64_t seq;                        // number of the next entry
  int32_t today;
  const char *person, *reason; // of the next writes; "王测试" and ""
  struct wg_error error;       // of the last write
};

struct land_book *land_book_open(int32_t today); // with a village's record in it
void land_book_close(struct land_book *book);
// land_book_write decides a request whose `write` is filled here. `error` of the book tells what was wrong with the
// call.
struct land_write *land_book_write(struct land_book *book, ProtobufCMessage *request);
// land_book_must: the write must have happened; gives it. land_book_refused: it must have been refused with a finding
// of this code, and have changed nothing; gives the finding. land_book_invalid: the call must be wrong at this field.
struct land_write *land_book_must(struct land_book *book, ProtobufCMessage *request);
const Wangge__V1__LandFinding *land_book_refused(struct land_book *book, ProtobufCMessage *request, const char *code);
void land_book_invalid(struct land_book *book, ProtobufCMessage *request, const char *field);
const Wangge__V1__LandFinding *land_book_finding(const struct land_write *write, const char *code); // NULL: none
// land_book_put puts a record into the book as it is, whatever the rules say: its version is one more than it was, its
// village is this one. land_book_drop ends it. Neither asks anybody.
void land_book_put(struct land_book *book, Wangge__V1__LandRecord *record);
// land_book_change writes a record as a write of the ledger would, so that what follows from it happens (notices are
// voided).
struct land_write *land_book_change(struct land_book *book, Wangge__V1__LandRecord *record);
// land_book_go goes to a day and lets time act on every record that is due by then, in order of days.
void land_book_go(struct land_book *book, int32_t day);
// land_book_look gives an empty write, for functions that read the book.
struct land_write *land_book_look(struct land_book *book);
const Wangge__V1__LandRecord *land_book_get(struct land_book *book, int kind, const char *id);
int32_t land_book_day(const char *text); // "2026-11-28"

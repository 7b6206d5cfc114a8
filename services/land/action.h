// A write of the ledger: what every topic's functions get and how they answer. Pure: no I/O, no clock but `now`.
//
//   request -> [action.c: village, idempotency, seen versions, rights] -> decide function of the topic -> new versions
//           -> one entry (batch.c, ledger/) ; with an ERROR among the findings nothing
//
// A topic is a table of actions and its pure files. Its decide functions read the book, refuse with findings or make
// new versions of records:
//
//   static wg_status publish(struct land_write *write, struct wg_error *error) {
//     const Wangge__V1__PublishRequest *request = (const void *)write->request;
//     const Wangge__V1__LandNotice *notice = LAND_GET(write, NOTICE, notice, request->notice_id);
//     if (!notice) return land_unknown(write, "/notice_id", LAND_KIND(NOTICE), request->notice_id);
//     …
//     Wangge__V1__LandNotice *next = land_change(write, LAND_KIND(NOTICE), request->notice_id);
//     next->state = …;
//     return WG_OK;
//   }
//
// A status other than WG_OK is for what is wrong with the call whatever the state (a malformed field). What the domain
// refuses is a finding: stable code, Chinese and English, where, and what would help.
#pragma once

#include "common/base/clock.h"
#include "common/stage/stage.h"
#include "services/land/book.h"
#include "services/land/value.h"

#include "wangge/v1/intake.pb-c.h"

struct wg_calendar;
struct land_write;

struct land_action {
  const char *name;                          // method in lower_snake, kind of the entry: "put_party"
  const ProtobufCMessageDescriptor *request; // first field: LandWrite write
  wg_status (*decide)(struct land_write *write, struct wg_error *error);
};

// What a topic does when time passes: called for each record of its kinds whose due_on has come, in a write of its own
// (person "system", entry kind "tick"). It must move due_on on, or end it.
struct land_timer {
  int kind;
  wg_status (*due)(struct land_write *write, const Wangge__V1__LandRecord *record, struct wg_error *error);
};

struct land_seal {  // a value to be sealed with this write
  const char *kind; // "id_number", "phone"
  uint8_t salt[32], commit[32];
  const char *value;
  struct land_seal *next;
};

struct land_staged; // parts.h

struct land_order { // an order for intake
  Wangge__V1__NewOrder *order;
  struct land_order *next;
};

struct land_write {
  // given
  const struct land_action *action;
  const struct wg_principal *caller;
  const ProtobufCMessage *request;
  const Wangge__V1__LandWrite *write; // who, why, which village
  const struct wg_book *book;         // draft: what this write has changed already, over what stands
  const struct wg_calendar *calendar; // working days of the district; may be NULL where none are known
  struct wg_arena *arena;
  int64_t now;      // UTC µs
  int32_t today;    // civil day, days since 1970-01-01
  int64_t next_seq; // number of the entry this write will make
  uint8_t root[32]; // of the village's tree before it
  // found
  Wangge__V1__LandRecord **changed; // newest version of each record that is changed
  size_t changed_count, changed_capacity;
  Wangge__V1__LandFinding **findings;
  size_t finding_count, finding_capacity;
  bool refused; // a finding is an ERROR
  struct land_seal *seals;
  struct land_order *orders;
  int ids;           // given out by land_new_id
  bool sealed_known; // of an erasure: the value is there
  // of an import in parts: those before the last, and that this request is to be kept as one
  const struct land_staged *staged;
  bool keep_part;
};

// --- reading the village ---
// land_get: the record in force, or NULL. land_last: the ended one too.
const Wangge__V1__LandRecord *land_get(const struct land_write *write, int kind, const char *id);
const Wangge__V1__LandRecord *land_last(const struct land_write *write, int kind, const char *id);
// LAND_GET gives the body: LAND_GET(write, PARTY, party, "h-1") is a const Wangge__V1__LandParty * or NULL.
#define LAND_GET(WRITE, KIND, MEMBER, ID) land_member_##MEMBER(land_get((WRITE), LAND_KIND(KIND), (ID)))
// Each topic's header defines its members once: LAND_MEMBER(LandParty, party)
#define LAND_MEMBER(TYPE, MEMBER)                                                                                      \
  static inline const Wangge__V1__##TYPE *land_member_##MEMBER(const Wangge__V1__LandRecord *record) {                 \
    return record ? record->MEMBER : NULL;                                                                             \
  }
// All records of a kind, in order of ids: wg_book_next gives const Wangge__V1__LandRecord *.
struct wg_book_walk land_each(const struct land_write *write, int kind);
// A value of policy (policy.h): the village's own, else the default.
int64_t land_policy(const struct land_write *write, const char *name);

// --- changing it ---
// land_make gives a new body to be filled; the id must not be in force (asserted: look first). land_change gives a copy
// of the one in force. Both are written when the function returns without a refusal, and land_get sees them already.
void *land_make(struct land_write *write, int kind, const char *id);
void *land_change(struct land_write *write, int kind, const char *id);
void land_end(struct land_write *write, int kind, const char *id); // no longer in force
// land_due sets the day on which time itself acts (of a record made or changed by this write); NO_DAY: never.
void land_due(struct land_write *write, int kind, const char *id, int32_t day);
// land_new_id gives the next id of a kind: "<prefix>-<entry number>" or, when one write makes several,
// "<prefix>-<entry number>-<n>". In the arena.
const char *land_new_id(struct land_write *write, const char *prefix);
// land_seal_value seals a personal value; the record keeps the commitment, SHA-256(salt ‖ value).
ProtobufCBinaryData land_seal_value(struct land_write *write, const char *kind, const char *value);

// land_commit is what is kept of a sealed value: SHA-256(salt ‖ value).
void land_commit(const uint8_t salt[32], const char *value, uint8_t commit[32]);

// land_order_push makes an order for intake, of channel LAND, in the same transaction. The caller fills what is
// particular; district, channel and time are set. external_id names it for good: at most one with this one is ever
// taken.
Wangge__V1__NewOrder *land_order_push(struct land_write *write, const char *external_id);

// --- findings ---
// land_find adds one; texts are copied (printf). Give `pointer` into the request. ERROR refuses the write.
struct land_what {
  const char *code;                        // "contract.notice_missing"
  int severity;                            // WANGGE__V1__LAND_SEVERITY__…; 0: ERROR
  int status;                              // WG_…; 0: FAILED_PRECONDITION
  const char *pointer;                     // "" or NULL: none
  const char *zh, *en;                     // whole sentences
  const char *geojson, *suggestion, *rule; // NULL: none
  int kind;                                // 0: none
  const char *id;
  int32_t earliest; // civil day; 0: not a matter of time
};
Wangge__V1__LandFinding *land_find(struct land_write *write, struct land_what what);
// Texts of findings: formatted in the write's arena.
char *land_text(const struct land_write *write, const char *format, ...) __attribute__((format(printf, 2, 3)));
// land_refuse is land_find with an ERROR; returns WG_OK so that a decide function can end with it.
wg_status land_refuse(struct land_write *write, struct land_what what);
// land_unknown refuses with "<kind>.unknown", NOT_FOUND.
wg_status land_unknown(struct land_write *write, const char *pointer, int kind, const char *id);

// --- states ---
// One row of a topic's table: an event takes a record of a kind from a state to another.
struct land_move {
  const char *event; // "publish"
  int from, to;      // values of the kind's state enum
};
struct land_states { // what may happen to records of a kind: by calls, and by what follows of time or of others
  int kind;
  const struct land_move *calls;
  size_t call_count;
  const struct land_move *follows; // the event says of what
  size_t follow_count;
};
// land_move_to gives the state the event leads to, or refuses with "<kind>.state" and what would be possible now; -1.
int land_move_to(struct land_write *write, int kind, const char *id, int state, const struct land_move *moves,
                 size_t count, const char *event, const char *pointer);

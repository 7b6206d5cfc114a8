// The stage loop: what every service runs (design §3.2).
//
//   one loop thread: ROUTER, upstream followers, the writing connection's socket, timers, completions of readers
//     collect what arrived while the last commit was under way
//     -> load     the service queues queries whose answers its decisions need          (SQL, same transaction)
//     -> decide   pure code: looks at items and loaded rows, sets replies, appends events   (no I/O)
//     -> store    the service queues its writes; the stage adds the log, upstream positions, parked events, consumer
//                 positions; COMMIT; one Sync
//     -> answer callers, acknowledge upstream, publish downstream from memory
//   reader threads: calls that only read, each with its own connection and statement timeout
//
// A batch takes whole calls and single upstream events until it has WG_BATCH_ITEMS items or WG_BATCH_BYTES bytes.
// Lost connection: the outcome is unknown, so the stage reconnects, reloads state (`service->load_state`, heads,
// positions) and runs the same calls again; upstream deliveries are asked for again from the stored position. A batch
// that fails for another reason is run again item by item; an item that fails alone answers its caller INTERNAL, or is
// parked if it is an event. One writer: the writing connection takes the advisory lock of the service's schema; without
// it the instance stands by and answers calls UNAVAILABLE until the lock is free.
//
// Reference data: a service that names `record_kinds` is built on records of the registry. They come from the registry,
// whose stream the stage follows into a replica in the service's schema (setting `registry`), or from a folder of
// <kind>.csv (setting `reference`, read again on SIGHUP). Either way the service is given all of them, at first and
// whenever some changed, and builds its own immutable objects anew, or refuses and goes on with the old ones. Until it
// has built its first it is not ready: writing calls are answered UNAVAILABLE and upstream events wait.
#pragma once

#include "common/bus/bus.h"
#include "common/config/config.h"
#include "common/db/db.h"
#include "common/obs/http.h"
#include "common/obs/metrics.h"
#include "common/stream/log.h"

#include "wangge/v1/ops.pb-c.h"
#include "wangge/v1/registry.pb-c.h"

struct wg_stage;
struct wg_batch;

enum wg_item_kind { WG_ITEM_CALL, WG_ITEM_EVENT, WG_ITEM_TICK };

// One thing to be decided. Lives in the batch's arena.
struct wg_item {
  enum wg_item_kind kind;
  // CALL
  const struct wg_method *method;
  const struct wg_principal *caller; // a copy as of arrival
  // EVENT
  const struct wg_follow *follow; // which upstream
  const Wangge__V1__Event *event; // seq, topic, at, type; payload unpacked into `message`
  // CALL and EVENT; a TICK (periodic work of the service itself, see tick_seconds) has none
  const ProtobufCMessage *message; // request, or the event's payload
  const char *traceparent;         // "" when none
  void *state;                     // the service's own, between load, decide and store
  // results, set by decide
  ProtobufCMessage *reply; // CALL: in the batch's arena; NULL with an error
  struct wg_error error;   // CALL: code != 0 is the answer. EVENT: code != 0 parks it with the message. TICK: unused
};

struct wg_batch {
  struct wg_arena *arena;
  struct wg_db *db;   // in pipeline mode; for load and store
  struct wg_log *log; // for wg_log_append in decide
  int64_t now;        // the batch's clock, UTC µs
  struct wg_item *items;
  size_t count;
  bool tick_again; // set by the service: there is more periodic work, the next tick comes behind this batch
  void *state;     // the service's own, in the arena
};

enum wg_method_kind { WG_METHOD_WRITE, WG_METHOD_READ };
struct wg_read_call { // a reading call, in a reader thread
  const struct wg_principal *caller;
  const ProtobufCMessage *request;
  struct wg_arena *arena; // the reply must live here
  struct wg_db *db;       // read-only connection unless the method says `writes_audit`
  void *service;
  int64_t now;
};
struct wg_method {
  const char *name; // "wangge.v1.Intake/Push"
  const ProtobufCMessageDescriptor *request, *response;
  enum wg_method_kind kind;
  unsigned roles; // who may call it at all (bits of wg_role); checked once, by the stage
  // WRITE: optional check without I/O before the call may enter a batch (limits, required fields).
  wg_status (*check)(const struct wg_principal *caller, const ProtobufCMessage *request, struct wg_error *error);
  // WRITE: what another service has to be asked before the call may enter a batch. `asks` says, in the loop thread,
  // whether there is something; then `ask` asks in a reader thread, and an error is the answer. Both or neither; calls
  // that come behind it may overtake it.
  bool (*asks)(const void *service, const ProtobufCMessage *request);
  wg_status (*ask)(const struct wg_read_call *call, struct wg_error *error); // without db
  // READ
  wg_status (*read)(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
  bool needs_records; // READ that looks at reference data: UNAVAILABLE while there are none, as every WRITE is
  bool writes_audit;  // READ that records the view: its connection may write
  size_t (*weight)(const ProtobufCMessage *request); // items it counts for in a batch; NULL: 1
};

// An upstream stream this service consumes with its name as consumer.
struct wg_follow {
  const char *stream;  // "intake.orders"
  const char *service; // principal that publishes it: its endpoint is setting `<service>`, its key is in principals
  bool optional;       // the setting may be empty: then it is not followed
};

// Records of the registry, as a service gets them. They belong to the stage and live for the call only.
struct wg_reference_set {
  const Wangge__V1__Record *const *records; // of all record_kinds, none deleted; in order of kind, district and code
  size_t count;
  const char *const *kinds; // record_kinds
  uint64_t changed;         // bit i: kinds[i] is not as in the set the service took last; at first all are
};
bool wg_reference_changed(const struct wg_reference_set *set, const char *kind);

// What a service needs to call another one with its own key.
struct wg_identity {
  const char *key_file;
  struct wg_principals *principals; // lookups are safe from any thread
};

// What a service is. All functions run in the loop thread except `read` of a method and `refresh`.
struct wg_service {
  const char *name;                // "intake": its schema is intake, its database role wangge_intake
  const struct wg_method *methods; // ends with name == NULL
  const struct wg_stream_spec *streams;
  size_t stream_count;
  const struct wg_follow *follows;
  size_t follow_count;
  // A batch of nothing but events begins at the earliest so long after the one before began, microseconds; 0: at once.
  // For services that nobody waits for with every event: a commit costs the same for one event as for twenty, and what
  // it takes others lack. Calls do not wait for it, and whatever waits goes along with them.
  int64_t pace_us;
  const struct wg_setting *settings; // the service's own settings; may be NULL
  size_t settings_size;
  const char *const *schema_folders; // the service's own, e.g. "services/intake/schema"
  // Kinds of records the service is built on, e.g. "department"; ends with NULL, at most 64. NULL: none.
  const char *const *record_kinds;
  // records is given them, between batches. An error (INVALID_ARGUMENT names the record and the fix) leaves the old
  // ones in force; it is logged and counted, and the next change tries again. With a folder it ends the
  // start.
  wg_status (*records)(void *service, const struct wg_reference_set *set, struct wg_error *error);
  // start makes the service's state from its settings; stop frees it.
  wg_status (*start)(const void *settings, struct wg_metrics *metrics, void **service, struct wg_error *error);
  void (*stop)(void *service);
  // connect: after start and before the loop, not with --check: for threads of the service that call others. What it
  // is given lives until stop has returned. May be NULL.
  wg_status (*connect)(void *service, const struct wg_identity *identity, struct wg_error *error);
  // secret is given 32 bytes that come of this service's key file and of nothing else, right behind start; for keyed
  // hashes. The memory is wiped afterwards. May be NULL.
  void (*secret)(void *service, const uint8_t secret[32]);
  wg_status (*reload)(void *service, struct wg_error *error); // on SIGHUP; may be NULL
  // check: --check after start; fails for what start lets pass but a person has to mend. May be NULL.
  wg_status (*check)(const void *service, struct wg_error *error);
  // notice gives a line on what is switched off because something is not set, for /readyz and Ops.Queues; NULL: nothing
  // is. Asked after start and after reload. May be NULL.
  const char *(*notice)(const void *service);
  // load_state: blocking, after every connect as the writer; may be NULL.
  wg_status (*load_state)(void *service, struct wg_db *db, struct wg_error *error);
  wg_status (*load)(void *service, struct wg_batch *batch, struct wg_error *error); // may queue nothing
  wg_status (*decide)(void *service, struct wg_batch *batch, struct wg_error *error);
  wg_status (*store)(void *service, struct wg_batch *batch, struct wg_error *error);
  void (*committed)(void *service, struct wg_batch *batch);   // counters, caches; may be NULL
  void (*rolled_back)(void *service, struct wg_batch *batch); // forget what decide kept in memory; may be NULL
  // Periodic work: about every so many seconds, and soon after it has become the writer, a batch has one item of kind
  // WG_ITEM_TICK, which goes through load, decide and store like any other. One that fails alone is logged and the next
  // comes in its time; one whose batch failed by a neighbour, or was lost with the database, runs again at once. 0:
  // never.
  int tick_seconds;
  // refresh runs in a reader thread, on a connection that only reads, soon after the start and about refresh_seconds
  // after it last ended; never twice at once. For figures that take too long for the loop. An error is logged.
  wg_status (*refresh)(void *service, struct wg_db *db, int64_t now, struct wg_error *error);
  int refresh_seconds; // 0: never
};

// Everything that a batch is (messages, rows, the segment, what libpq sends) is in memory at once, several times over.
// With 2,048 items and 3 MiB routing came to 72 MiB resident and an order cost no less than with these.
#define WG_BATCH_ITEMS 512u
#define WG_BATCH_BYTES (1u << 20)

// wg_stage_main is main() of every service: options (--config FILE, --migrate, --check, --help, --version), settings,
// log, bus, HTTP, loop, signals (TERM, INT: finish the batch and stop; HUP: reload). Returns the exit code.
int wg_stage_main(const struct wg_service *service, int argc, char **argv);

// The replica: what a service keeps of the registry's records, in its own schema and in memory.
//
//   registry.changes --take--> changes of the batch --store--> table replica --committed--> memory --set--> service
//
// Of each record the newest version wins, whatever order versions come in and however often; a deleted one stays as a
// bare version. Kinds the service is not built on are skipped: they belong to others, and may be personal. Memory
// changes after the commit only, so that it never tells what the table does not hold.
//
// Not thread-safe: the loop thread.
#pragma once

#include "common/db/db.h"
#include "common/stage/stage.h"

#include "wangge/v1/registry.pb-c.h"

#define WG_REPLICA_STREAM "registry.changes"
enum { WG_REPLICA_KINDS = 64 };

struct wg_replica;
// wg_replica_create: `kinds` ends with NULL, is not copied, and has at most WG_REPLICA_KINDS.
struct wg_replica *wg_replica_create(const char *const *kinds);
void wg_replica_destroy(struct wg_replica *replica); // NULL is allowed

// wg_replica_load reads the table anew, blocking, before positions are loaded. When the program is built on kinds that
// the table was not filled with, the position in the stream goes back to 0 and the replica is not complete until the
// stream has been read again. DATA_LOSS: a row cannot be read.
wg_status wg_replica_load(struct wg_replica *replica, struct wg_db *db, struct wg_error *error);

// --- one batch ---
// wg_replica_take notes a change; its memory must live until the batch has ended. INVALID_ARGUMENT: no change of a
// record, or a broken one; it is to be parked.
wg_status wg_replica_take(struct wg_replica *replica, const ProtobufCMessage *payload, struct wg_error *error);
// wg_replica_store queues the writing of what was taken; `complete`: the service has been built on what is in memory,
// so from now on it may begin with the table.
wg_status wg_replica_store(struct wg_replica *replica, struct wg_db *db, struct wg_arena *arena, bool complete,
                           struct wg_error *error);
void wg_replica_committed(struct wg_replica *replica);
void wg_replica_rolled_back(struct wg_replica *replica);

// --- what is there ---
bool wg_replica_complete(const struct wg_replica *replica);
size_t wg_replica_count(const struct wg_replica *replica, size_t kind); // records of kinds[kind]
int64_t wg_replica_changed_at(const struct wg_replica *replica);        // newest changed_at of all; 0: none
// wg_replica_generation grows with every change of memory.
uint64_t wg_replica_generation(const struct wg_replica *replica);
// wg_replica_seen: from now on the set's `changed` tells what changes behind this moment.
void wg_replica_seen(struct wg_replica *replica);
// wg_replica_set gives all records; valid until the next committed, load or destroy.
struct wg_reference_set wg_replica_set(struct wg_replica *replica);

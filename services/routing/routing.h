// The state of the routing service, and the functions that its main.c wires into the stage. The loop thread changes it;
// readers only look at the rules, under the lock.
#pragma once

#include "common/stage/stage.h"
#include "services/routing/problem_store.h"
#include "services/routing/store.h"
#include "services/routing/sweep.h"

#include <pthread.h>

struct routing_settings {
  int64_t window_days, window_hours; // of a return
  char *model;                       // path; "" or NULL: none
  char *category_confidence;         // 0 to 1; NULL: 1
  int64_t similar_mb;                // memory for the candidates of merging
  char *sweep_at;                    // "02:30": when themes are looked for; NULL: midnight
  int64_t theme_grids;               // that a theme is in at least
};

enum { ROUTING_STEP_KINDS = 18 };
extern const char *const ROUTING_STEP_NAMES[ROUTING_STEP_KINDS]; // "dispatch", "desk", …

struct routing {
  struct routing_settings settings; // copies
  pthread_rwlock_t lock;            // over what follows: replaced by the loop thread when records have changed
  struct routing_rules *rules;      // NULL, as the next three, before the first records
  struct routing_departments *departments;
  struct routing_duties *duties;
  struct wg_calendars *calendars;
  struct routing_places *places; // the net is asked by the loop thread only, the gazetteer by readers, too
  struct routing_window window;
  struct routing_precedents *precedents; // replaced after every connect, added to after a commit
  uint64_t generation;                   // of the rules: hits of a batch count only for the table that decided it
  struct routing_model *model;           // NULL: none; read without the lock by the loop thread only
  struct routing_text_work *text_work;
  double category_confidence;
  struct routing_merging merging; // the loop thread's
  struct routing_sweep sweep;
  int sweep_minute; // of the day
  struct routing_heads heads;
  struct wg_metric *steps[ROUTING_STEP_KINDS], *findings[ROUTING_FINDING_KINDS], *rule_count, *desk;
  struct wg_metric *merging_on, *merges_automatic, *merges_all, *unmerges, *merge_suggestions, *similar_bytes,
      *similar_buckets;
  struct wg_metric *place_findings[3], *places_known, *grids_known, *reference_refused, *reload_failures;
};

// state.c
wg_status routing_start(const void *settings, struct wg_metrics *metrics, void **service, struct wg_error *error);
void routing_stop(void *service);
// routing_reload reads the model of texts again; a file that cannot be read leaves the one in force.
wg_status routing_reload(void *service, struct wg_error *error);
extern const char *const ROUTING_RECORD_KINDS[]; // ends with NULL
wg_status routing_records(void *service, const struct wg_reference_set *set, struct wg_error *error);
const char *routing_notice(const void *service); // see stage.h
// routing_check fails when rules are broken or name an unknown department: orders go another way than the file says.
// Shadowed and expired rules change no decision and pass.
wg_status routing_check(const void *service, struct wg_error *error);

// api.c: the methods.
extern const struct wg_method ROUTING_METHODS[];

// batch.c: one batch of the loop.
wg_status routing_load_state(void *service, struct wg_db *db, struct wg_error *error);
wg_status routing_load(void *service, struct wg_batch *batch, struct wg_error *error);
wg_status routing_decide(void *service, struct wg_batch *batch, struct wg_error *error);
wg_status routing_store(void *service, struct wg_batch *batch, struct wg_error *error);
void routing_committed(void *service, struct wg_batch *batch);
void routing_rolled_back(void *service, struct wg_batch *batch);

// read.c, desk.c: in reader threads.
wg_status routing_get(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status routing_list(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status routing_show_precedents(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status routing_desk(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
// problem_read.c
wg_status routing_show_problems(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status routing_show_problem(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status routing_show_suggestions(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
// rules_read.c
wg_status routing_show_rules(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status routing_explain(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status routing_replay_rules(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);

// --- what read.c and desk.c share ---
// Columns of a joined `assignment a`, in the order that routing_read_row wants.
#define ROUTING_COLUMNS                                                                                                \
  "a.order_id, a.district, a.source, a.category, a.state, a.department, a.decided_by, a.decided_at, a.reason, "        \
  "a.hops, a.steps, a.routed_to, a.routed_at, a.rule_id, a.rule_version, a.evidence, "                                 \
  "coalesce(nullif(a.first_receiver, ''), a.routed_to), "                                                              \
  "coalesce(nullif(a.contact, ''), nullif(a.first_receiver, ''), a.routed_to), a.lead_leg, a.signed_at, "              \
  "a.adjudications, a.locked, " ROUTING_FOUND_COLUMNS
enum { ROUTING_COLUMN_FOUND = 22, ROUTING_COLUMN_COUNT = ROUTING_COLUMN_FOUND + ROUTING_FOUND_COUNT };
struct routing_assignment *routing_read_row(const PGresult *result, int row, struct wg_arena *arena);
// routing_read_parts gives subjects (ascending by order id, of one district or several) their returns and legs.
wg_status routing_read_parts(struct wg_db *db, struct routing_assignment *const *subjects, size_t count,
                             struct wg_arena *arena, struct wg_error *error);
// routing_window_copy is for a thread of its own, under the lock.
struct routing_window routing_window_copy(const struct routing *routing);

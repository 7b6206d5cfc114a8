// The state of the routing service, and the functions that its main.c wires into the stage. The loop thread changes it;
// readers only look at the rules, under the lock.
#pragma once

#include "common/stage/stage.h"
#include "services/routing/store.h"

#include <pthread.h>

struct routing_settings {
  char *rules, *departments; // paths
};

enum { ROUTING_STEP_KINDS = 8 };
extern const char *const ROUTING_STEP_NAMES[ROUTING_STEP_KINDS]; // "dispatch", "desk", …

struct routing {
  struct routing_settings settings; // copies
  pthread_rwlock_t lock;            // over the two: replaced on SIGHUP by the loop thread
  struct routing_rules *rules;
  struct routing_departments *departments;
  uint64_t generation; // of the two: hits of a batch count only for the table that decided it
  struct routing_heads heads;
  struct wg_metric *steps[ROUTING_STEP_KINDS], *findings[ROUTING_FINDING_KINDS], *rule_count, *desk, *reload_failures;
};

// state.c
wg_status routing_start(const void *settings, struct wg_metrics *metrics, void **service, struct wg_error *error);
void routing_stop(void *service);
wg_status routing_reload(void *service, struct wg_error *error);

// api.c: the methods.
extern const struct wg_method ROUTING_METHODS[];

// batch.c: one batch of the loop.
wg_status routing_load_state(void *service, struct wg_db *db, struct wg_error *error);
wg_status routing_load(void *service, struct wg_batch *batch, struct wg_error *error);
wg_status routing_decide(void *service, struct wg_batch *batch, struct wg_error *error);
wg_status routing_store(void *service, struct wg_batch *batch, struct wg_error *error);
void routing_committed(void *service, struct wg_batch *batch);

// read.c: in reader threads.
wg_status routing_get(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status routing_list(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status routing_show_rules(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);

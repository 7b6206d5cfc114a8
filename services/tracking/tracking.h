// The state of the tracking service, and the functions that its main.c wires into the stage. Only the loop thread
// changes it; readers look at weights and units alone.
#pragma once

#include "common/stage/stage.h"
#include "services/tracking/case.h"
#include "services/tracking/clocks_store.h"
#include "services/tracking/keys.h"
#include "services/tracking/lists/batch.h"
#include "services/tracking/rates.h"
#include "services/tracking/responses.h"
#include "services/tracking/store.h"
#include "services/tracking/units.h"

struct tracking_settings {
  char *clocks; // path
  char *intake;
  int64_t weight_response, weight_resolution, weight_satisfaction;
};

struct tracking {
  char *clocks_path;
  char *intake;           // endpoint to push orders of meetings to; "": none
  struct wg_intake *asks; // asks intake for files before a record names them; NULL: nobody is asked
  struct lists_state lists;
  struct wg_calendars *calendars;
  struct tracking_clocks clocks;
  struct tracking_recount recount; // begun anew whenever calendars change
  struct tracking_reclock reclock; // begun when other clocks are in force
  struct case_keys *keys;
  int64_t highest_order_id; // that has a case
  int64_t words_through;    // last chunk of orders whose grams are written; -1: none
  struct rates_weights weights;
  struct tracking_units *units;
  struct tracking_responses *responses;
  int64_t folded_us;     // monotonic: when figures were folded last
  size_t unfolded_bytes; // of changes of figures that were committed since
  struct wg_metric *opened, *changed, *provisional, *recounted, *fired, *solved, *solving;
};

// state.c
wg_status tracking_start(const void *settings, struct wg_metrics *metrics, void **service, struct wg_error *error);
void tracking_stop(void *service);
wg_status tracking_connect(void *service, const struct wg_identity *identity, struct wg_error *error);
void tracking_secret(void *service, const uint8_t secret[32]);
wg_status tracking_reload(void *service, struct wg_error *error);
wg_status tracking_records(void *service, const struct wg_reference_set *set, struct wg_error *error);

// api.c: the methods.
extern const struct wg_method TRACKING_METHODS[];

// batch.c: one batch of the loop.
wg_status tracking_load_state(void *service, struct wg_db *db, struct wg_error *error);
wg_status tracking_load(void *service, struct wg_batch *batch, struct wg_error *error);
wg_status tracking_decide(void *service, struct wg_batch *batch, struct wg_error *error);
wg_status tracking_store(void *service, struct wg_batch *batch, struct wg_error *error);
void tracking_committed(void *service, struct wg_batch *batch);
void tracking_rolled_back(void *service, struct wg_batch *batch);

// tracking_may_district: the principal is for this district.
bool tracking_may_district(const struct wg_principal *caller, const char *district);

// read.c: Get, in reader threads.
wg_status tracking_get(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
// tracking_read_cases gives the cases of a district behind an order, by order id; all in the arena.
wg_status tracking_read_cases(struct wg_db *db, struct wg_arena *arena, const char *district, int64_t after, int limit,
                              const Wangge__V1__Case ***cases, size_t *count, struct wg_error *error);

// list.c, search.c: List, in reader threads.
wg_status tracking_list(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);

// figures_begin.c: cases from before there were figures are counted once, before the writer takes anything; blocking.
wg_status tracking_figures_begin(struct wg_db *db, struct wg_error *error);

// evaluate.c: figures, in reader threads.
wg_status tracking_evaluate(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status tracking_verify_figures(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);

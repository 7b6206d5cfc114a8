// The state of the registry service, and the functions that its main.c wires into the stage. The loop thread owns the
// book; readers read the database.
#pragma once

#include "common/stage/stage.h"
#include "services/registry/book.h"
#include "services/registry/check_report.h"
#include "services/registry/duty_batch.h"
#include "services/registry/geometry.h"
#include "services/registry/store.h"

enum { REGISTRY_KINDS_MOST = 64 };
enum registry_put_result {
  REGISTRY_PUT_WRITTEN,
  REGISTRY_PUT_UNCHANGED,
  REGISTRY_PUT_DRY_RUN,
  REGISTRY_PUT_PART,    // of an import, not the last
  REGISTRY_PUT_REFUSED, // findings of severity ERROR
  REGISTRY_PUT_FAILED,  // an error of the call
  REGISTRY_PUT_RESULTS
};

struct registry_settings {
  char *intake;
};
extern const struct wg_setting REGISTRY_SETTINGS[];

struct registry {
  struct wg_book *book;
  struct registry_geometry *geometry;
  bool large; // the batch before was large: what it took is given back to the system
  struct wg_metric *records[REGISTRY_KINDS_MOST], *changes[REGISTRY_KINDS_MOST]; // by index in wg_kinds
  struct registry_duty_state duties;
  char *intake; // endpoint to push duties to; "": none
  struct wg_metrics *metrics;
  struct wg_metric *puts[REGISTRY_PUT_RESULTS], *errors, *warnings, *carried;
  // What surveys found, by report: errors, warnings. Set in a reader thread, one at a time, as the two below are.
  struct wg_metric *findings[REGISTRY_REPORT_COUNT][2], *provisional, *survey_seconds, *surveyed_at;
  int32_t surveyed_day; // the day and the newest change of the last survey
  int64_t surveyed_seq;
};

// state.c
wg_status registry_start(const void *settings, struct wg_metrics *metrics, void **service, struct wg_error *error);
void registry_stop(void *service);
wg_status registry_connect(void *service, const struct wg_identity *identity, struct wg_error *error);
void registry_show_counts(struct registry *registry); // records by kind, as a metric

// api.c: the methods, and whose district it is.
extern const struct wg_method REGISTRY_METHODS[];
bool registry_may_district(const struct wg_principal *caller, const char *district);

// batch.c: one batch of the loop.
wg_status registry_load_state(void *service, struct wg_db *db, struct wg_error *error);
wg_status registry_load(void *service, struct wg_batch *batch, struct wg_error *error);
wg_status registry_decide(void *service, struct wg_batch *batch, struct wg_error *error);
wg_status registry_store(void *service, struct wg_batch *batch, struct wg_error *error);
void registry_committed(void *service, struct wg_batch *batch);

// read.c: in reader threads.
wg_status registry_kinds(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status registry_get(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status registry_list(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status registry_history(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);

// survey.c: reports (check_report.h) in reader threads.
wg_status registry_survey_check(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
void registry_survey_metrics(struct registry *registry, struct wg_metrics *metrics);
// registry_survey_refresh sets the metrics if a record or the day has changed since it last did.
wg_status registry_survey_refresh(void *service, struct wg_db *db, int64_t now, struct wg_error *error);
// duty_read.c
wg_status registry_duties(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);

// What pages are made of, for the other reading files.
wg_status registry_read_record(struct wg_bytes body, struct wg_arena *arena, Wangge__V1__Record **record,
                               struct wg_error *error);
// A page token is where the page ended, `after`, and a check that it is of the list that `parts` (ended by NULL) tell.
// registry_read_token gives "" for the first page; INVALID_ARGUMENT: of another list.
char *registry_make_token(const char *const *parts, const char *after, struct wg_arena *arena);
wg_status registry_read_token(const char *const *parts, const char *token, const char **after, struct wg_error *error);

// lists.c: the reference lists as the public sees them.
wg_status registry_public_lists(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status registry_flow_chart(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status registry_check_public_lists(const struct wg_principal *caller, const ProtobufCMessage *message,
                                      struct wg_error *error);
wg_status registry_check_flow_chart(const struct wg_principal *caller, const ProtobufCMessage *message,
                                    struct wg_error *error);

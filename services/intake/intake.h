// The state of the intake service, and the functions that its main.c wires into the stage. `start` fills it; the loop
// thread changes it; readers only look at the reference data, under the lock.
#pragma once

#include "common/stage/stage.h"
#include "services/intake/query.h"
#include "services/intake/reference.h"

#include "wangge/v1/intake.pb-c.h"

#include <pthread.h>

struct intake_settings {
  int64_t attachment_max_bytes, attachment_grace_hours;
};

struct intake {
  struct intake_settings settings;
  pthread_rwlock_t lock;              // over `reference`: replaced by the loop thread when records have changed
  struct intake_reference *reference; // NULL until the first records have come
  uint8_t seed[16];                   // of the table of keys in a batch
  uint8_t person_key[32];             // of intake_person and intake_ticket
  int64_t last_order_id;              // as committed, and as the batch under way will leave it
  int64_t last_received_at;
  struct wg_metric *accepted, *duplicate, *rejected, *supplements, *withdrawals, *erasures;
};

// main.c
wg_status intake_start(const void *settings, struct wg_metrics *metrics, void **service, struct wg_error *error);
void intake_stop(void *service);
void intake_secret(void *service, const uint8_t secret[32]);
wg_status intake_records(void *service, const struct wg_reference_set *set, struct wg_error *error);

// api.c: the methods.
extern const struct wg_method INTAKE_METHODS[];

// batch.c: one batch of the loop.
wg_status intake_load_state(void *service, struct wg_db *db, struct wg_error *error);
wg_status intake_load(void *service, struct wg_batch *batch, struct wg_error *error);
wg_status intake_decide(void *service, struct wg_batch *batch, struct wg_error *error);
wg_status intake_store(void *service, struct wg_batch *batch, struct wg_error *error);
void intake_committed(void *service, struct wg_batch *batch);
void intake_rolled_back(void *service, struct wg_batch *batch);

// read.c: Get and List, in reader threads.
wg_status intake_get(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status intake_list(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status intake_put_attachment(struct wg_read_call *call, ProtobufCMessage **reply,
                                struct wg_error *error); // attach.c
wg_status intake_get_attachment(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status intake_lacking_attachments(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status intake_keep_attachments(struct wg_read_call *call, ProtobufCMessage **reply,
                                  struct wg_error *error); // keep.c
wg_status intake_pii_accesses(struct wg_read_call *call, ProtobufCMessage **reply,
                              struct wg_error *error); // read_pii.c
// Districts that are served here and that the caller may know of; `only`: "" or the one that was asked for.
struct intake_scope intake_visible_districts(struct intake *service, const struct wg_principal *caller,
                                             const char *only, struct wg_arena *arena);
// Page tokens bind the place in a list to the caller and the filters, so that one list's token is refused by another.
// They are no secret: rights are checked for every page.
char *intake_page_token(struct wg_arena *arena, const char *caller, const Wangge__V1__ListOrdersRequest *request,
                        int64_t below_id);
wg_status intake_page_read(const char *caller, const Wangge__V1__ListOrdersRequest *request, int64_t *below_id,
                           struct wg_error *error);

#include "tests/unit/stage_probe.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/text.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct probe_settings {
  char *greeting; // path of a file with a number; a reload of anything else is refused
};
struct probe {
  char *path;
  atomic_int greeting; // also read by reader threads
};
typedef Wangge__V1__ProgressRequest put_request;

static wg_status read_greeting(struct probe *probe, struct wg_error *error) {
  FILE *file = fopen(probe->path, "re");
  char line[32] = "";
  int64_t number = 0;
  bool read = file && fgets(line, sizeof line, file);
  line[strcspn(line, "\n")] = '\0';
  read = read && wg_parse_i64(line, &number) && number >= INT32_MIN && number <= INT32_MAX;
  if (file) fclose(file);
  if (!read) return wg_fail(error, WG_INVALID_ARGUMENT, "greeting", "no number in %s", probe->path);
  atomic_store(&probe->greeting, (int)number);
  return WG_OK;
}

static wg_status start(const void *settings, struct wg_metrics *metrics, void **service, struct wg_error *error) {
  (void)metrics;
  struct probe *probe = wg_zalloc(sizeof *probe);
  probe->path = wg_strdup(((const struct probe_settings *)settings)->greeting);
  *service = probe;
  return read_greeting(probe, error);
}

static void stop(void *service) {
  struct probe *probe = service;
  free(probe->path);
  free(probe);
}

static wg_status reload(void *service, struct wg_error *error) {
  return read_greeting(service, error);
}

// --- batches ---
static const struct wg_statement LOAD = {"probe_load", "SELECT request_id FROM kept WHERE request_id = ANY ($1)", 1};
static const struct wg_statement KEEP = {
    "probe_keep", "INSERT INTO kept (request_id, note) SELECT * FROM unnest($1::text[], $2::text[])", 2};
static const struct wg_statement SLOW = {"probe_slow", "SELECT 1 FROM pg_sleep(0.5)", 0};

// A tick is kept like a note: this one.
static char tick_id[48], tick_note[16];
static put_request tick;

static void make_tick(const struct probe *probe) {
  static int number;
  snprintf(tick_id, sizeof tick_id, "tick-%d-%d", (int)getpid(), ++number);
  snprintf(tick_note, sizeof tick_note, "%s", atomic_load(&probe->greeting) == PROBE_UNLUCKY ? "poison" : "tick");
  wangge__v1__progress_request__init(&tick);
  tick.request_id = tick_id;
  tick.note = tick_note;
}

static const put_request *request_of(const struct wg_batch *batch, size_t at) {
  const struct wg_item *item = &batch->items[at];
  return item->kind == WG_ITEM_TICK ? &tick : (const put_request *)item->message;
}

static wg_status fail_if_told(const struct wg_batch *batch, const char *note, struct wg_error *error) {
  for (size_t i = 0; i < batch->count; i++) {
    if (strcmp(request_of(batch, i)->note, note) == 0) return wg_fail(error, WG_INTERNAL, NULL, "told to: %s", note);
  }
  return WG_OK;
}

static wg_status on_loaded(void *context, const PGresult *result, struct wg_error *error) {
  (void)error;
  struct wg_batch *batch = context;
  for (int row = 0; row < PQntuples(result); row++) {
    for (size_t i = 0; i < batch->count; i++) {
      if (strcmp(request_of(batch, i)->request_id, wg_get_text(result, row, 0)) == 0) batch->items[i].state = batch;
    }
  }
  return WG_OK;
}

// Tests hold locks for as long as a slow machine takes for what they do meanwhile.
static const struct wg_statement PATIENCE = {"probe_patience", "SELECT set_config('lock_timeout', '60s', true)", 0};

static wg_status load(void *service, struct wg_batch *batch, struct wg_error *error) {
  make_tick(service);
  struct wg_column *ids = wg_column_text(batch->arena, batch->count);
  for (size_t i = 0; i < batch->count; i++)
    wg_push_text(ids, request_of(batch, i)->request_id);
  struct wg_params *params = wg_params(batch->arena, 1);
  wg_param_column(params, ids);
  wg_status status = wg_db_send(batch->db, &PATIENCE, NULL, NULL, NULL, error);
  if (status == WG_OK) status = wg_db_send(batch->db, &LOAD, params, on_loaded, batch, error);
  return status == WG_OK ? fail_if_told(batch, "fail-load", error) : status;
}

static void decide_item(struct wg_batch *batch, struct wg_item *item, const put_request *request) {
  if (strcmp(request->note, "tick-again") == 0) batch->tick_again = true;
  if (strcmp(request->note, "refuse") == 0) {
    wg_fail(&item->error, WG_ABORTED, "note", "refused as told");
    return;
  }
  Wangge__V1__Case *row = wg_arena_alloc(batch->arena, sizeof *row);
  wangge__v1__case__init(row);
  row->order_id = request->order_id;
  Wangge__V1__CaseResponse *response = wg_arena_alloc(batch->arena, sizeof *response);
  wangge__v1__case_response__init(response);
  response->case_ = row;
  item->reply = &response->base;
  if (item->state) return; // kept already
  Wangge__V1__CaseChanged event = WANGGE__V1__CASE_CHANGED__INIT;
  event.case_ = row;
  wg_log_append(batch->log, "probe.kept", "water", &event.base, item->traceparent);
}

static wg_status decide(void *service, struct wg_batch *batch, struct wg_error *error) {
  (void)service;
  for (size_t i = 0; i < batch->count; i++)
    decide_item(batch, &batch->items[i], request_of(batch, i));
  return fail_if_told(batch, "fail-decide", error);
}

static wg_status store(void *service, struct wg_batch *batch, struct wg_error *error) {
  (void)service;
  struct wg_column *ids = wg_column_text(batch->arena, batch->count),
                   *notes = wg_column_text(batch->arena, batch->count);
  bool slow = false;
  for (size_t i = 0; i < batch->count; i++) {
    const put_request *request = request_of(batch, i);
    slow = slow || strcmp(request->note, "slow") == 0 || strcmp(request->note, "tick-again") == 0;
    if (batch->items[i].state || batch->items[i].error.code) continue;
    wg_push_text(ids, request->request_id);
    wg_push_text(notes, request->note);
  }
  struct wg_params *params = wg_params(batch->arena, 2);
  wg_param_column(params, ids);
  wg_param_column(params, notes);
  wg_status status = wg_db_send(batch->db, &KEEP, params, NULL, NULL, error);
  if (status == WG_OK && slow) status = wg_db_send(batch->db, &SLOW, NULL, NULL, NULL, error);
  return status == WG_OK ? fail_if_told(batch, "fail-store", error) : status;
}

// --- reads ---
// take waits for a lock that a test holds, by asking again and again: a statement that waits is ended by its time
// limit.
static wg_status take(struct wg_read_call *call, int64_t lock, struct wg_error *error) {
  static const struct wg_statement try_lock = {"probe_try_lock", "SELECT pg_try_advisory_xact_lock($1)", 1};
  for (;;) {
    struct wg_params *params = wg_params(call->arena, 1);
    wg_param_i64(params, lock);
    PGresult *result = NULL;
    const wg_status status = wg_db_run(call->db, &try_lock, params, &result, error);
    if (status != WG_OK) return status;
    const bool taken = wg_get_bool(result, 0, 0);
    PQclear(result);
    if (taken) return WG_OK;
    usleep(10000);
  }
}

static wg_status get(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const int64_t lock = ((const Wangge__V1__GetCaseRequest *)call->request)->order_id;
  const wg_status status = lock ? take(call, lock, error) : WG_OK;
  if (status != WG_OK) return status;
  struct probe *probe = call->service;
  Wangge__V1__CaseResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__case_response__init(response);
  response->case_ = wg_arena_alloc(call->arena, sizeof *response->case_);
  wangge__v1__case__init(response->case_);
  response->case_->order_id = atomic_load(&probe->greeting);
  *reply = &response->base;
  return WG_OK;
}

static bool can_write(struct wg_db *db) {
  static const struct wg_statement write = {"probe_write", "INSERT INTO kept VALUES ('by refresh', 'x')", 0};
  struct wg_error refused;
  return wg_db_run(db, &write, NULL, NULL, &refused) == WG_OK;
}

static wg_status refresh(void *service, struct wg_db *db, int64_t now, struct wg_error *error) {
  (void)now;
  static atomic_flag inside = ATOMIC_FLAG_INIT;
  static int64_t ended_us;
  static int number;
  char text[32];
  if (atomic_flag_test_and_set(&inside)) wg_log0(WG_LOG_ERROR, "refresh: twice at once");
  if (number && wg_monotonic_us() - ended_us < WG_SECOND_US) wg_log0(WG_LOG_ERROR, "refresh: too early");
  if (can_write(db)) wg_log0(WG_LOG_ERROR, "refresh: able to write");
  snprintf(text, sizeof text, "refresh %d", ++number);
  wg_log0(WG_LOG_INFO, text);
  ended_us = wg_monotonic_us();
  atomic_flag_clear(&inside);
  if (atomic_load(&((struct probe *)service)->greeting) != PROBE_UNLUCKY) return WG_OK;
  return wg_fail(error, WG_INTERNAL, NULL, "told to by the greeting");
}

static wg_status check(const struct wg_principal *caller, const ProtobufCMessage *request, struct wg_error *error) {
  (void)caller;
  if (*((const put_request *)request)->request_id) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "request_id", "must not be empty");
}

static const struct wg_method METHODS[] = {
    {.name = "wangge.v1.Probe/Put",
     .request = &wangge__v1__progress_request__descriptor,
     .response = &wangge__v1__case_response__descriptor,
     .kind = WG_METHOD_WRITE,
     .roles = WG_ROLE_SOURCE,
     .check = check},
    {.name = "wangge.v1.Probe/Get",
     .request = &wangge__v1__get_case_request__descriptor,
     .response = &wangge__v1__case_response__descriptor,
     .kind = WG_METHOD_READ,
     .roles = WG_ROLE_SOURCE | WG_ROLE_OPERATOR,
     .read = get},
    {.name = NULL},
};
static const struct wg_stream_spec STREAMS[] = {{.name = "probe.kept", .topics = true, .retention_days = 7}};
static const struct wg_setting SETTINGS[] = {
    {.key = "greeting", .kind = WG_SETTING_PATH, .offset = offsetof(struct probe_settings, greeting), .help = "a file"},
    {.key = NULL},
};

const struct wg_service PROBE = {
    .name = "probe",
    .methods = METHODS,
    .streams = STREAMS,
    .stream_count = 1,
    .settings = SETTINGS,
    .settings_size = sizeof(struct probe_settings),
    .start = start,
    .stop = stop,
    .reload = reload,
    .load = load,
    .decide = decide,
    .store = store,
    .refresh = refresh,
};

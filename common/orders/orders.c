// See orders.h.
//
// Intake that does not answer is tried again by libwangge with backoff, for ever. A refusal of the whole push (no
// right, unknown key) leaves the orders with their owner: they are given anew after a pause, and a person is told by
// the log and the metric.
#include "common/orders/orders.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/client/wangge.h"
#include "common/wire/wire.h"

#include "wangge/v1/intake.pb-c.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  ORDERS_A_PUSH = 100,
  WAIT_MS = 200, // between looks at whether it shall stop
  CALL_MS = 10000,
};
#define PAUSE_US (10 * WG_SECOND_US)
#define PAUSE_MOST_US (300 * WG_SECOND_US)

struct wg_orders {
  char *endpoint, *key_file, *source;
  struct wg_principals *principals;
  struct wg_metric *failures;
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t condition;
  // under the mutex
  bool stop, busy;
  int64_t resume_us, pause_us; // after a failure
  struct wg_bytes *orders;     // given, not begun
  size_t order_count;
  struct wg_order_answer *answers;
  size_t answer_count, answer_capacity;
  // the thread's
  wangge_client *client;
  Wangge__V1__NewOrder **pushed; // of the request under way
  size_t pushed_count;
  int code; // how it was answered
};

static bool stopping(struct wg_orders *push) {
  pthread_mutex_lock(&push->mutex);
  const bool stop = push->stop;
  pthread_mutex_unlock(&push->mutex);
  return stop;
}

static void add_answer(struct wg_orders *push, const Wangge__V1__NewOrder *order,
                       const Wangge__V1__PushResult *result) {
  struct wg_order_answer answer = {.order_id = result->order_id};
  snprintf(answer.district, sizeof answer.district, "%s", order->district);
  snprintf(answer.external_id, sizeof answer.external_id, "%s", order->external_id);
  if (result->outcome == WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_REJECTED) {
    char message[600];
    snprintf(message, sizeof message, "%s: %s", result->error ? result->error->field : "",
             result->error ? result->error->message : "refused without a reason");
    answer.refused = true;
    answer.order_id = 0;
    answer.message = wg_strdup(message);
  }
  pthread_mutex_lock(&push->mutex);
  if (push->answer_count == push->answer_capacity) {
    push->answer_capacity = push->answer_capacity ? push->answer_capacity * 2 : 128;
    push->answers = wg_realloc(push->answers, push->answer_capacity * sizeof *push->answers);
  }
  push->answers[push->answer_count++] = answer;
  pthread_mutex_unlock(&push->mutex);
}

static void on_answer(void *context, uint64_t tag, int code, const void *response, size_t size) {
  (void)tag;
  struct wg_orders *push = context;
  push->code = code;
  if (code != WG_OK) return;
  Wangge__V1__PushResponse *answer = wangge__v1__push_response__unpack(NULL, size, response);
  if (!answer || answer->n_results != push->pushed_count) {
    push->code = WG_INTERNAL;
  } else {
    for (size_t i = 0; i < push->pushed_count; i++)
      add_answer(push, push->pushed[i], answer->results[i]);
  }
  if (answer) wangge__v1__push_response__free_unpacked(answer, NULL);
}

// failed tells why and makes a pause, longer each time.
static void failed(struct wg_orders *push, const char *why) {
  wg_log(WG_LOG_WARN, "orders cannot be pushed to intake; they stay pending", wg_field_text("endpoint", push->endpoint),
         wg_field_text("error", why));
  wg_count(push->failures, 1);
  wangge_close(push->client); // with the keys as they are by then it is opened anew
  push->client = NULL;
  pthread_mutex_lock(&push->mutex);
  push->pause_us = push->pause_us ? push->pause_us * 2 : PAUSE_US;
  if (push->pause_us > PAUSE_MOST_US) push->pause_us = PAUSE_MOST_US;
  push->resume_us = wg_monotonic_us() + push->pause_us;
  pthread_mutex_unlock(&push->mutex);
}

static bool open_client(struct wg_orders *push) {
  if (push->client) return true;
  struct wg_principal intake;
  if (!wg_principals_by_name(push->principals, "intake", &intake)) {
    failed(push, "the principals file has no intake");
    return false;
  }
  const struct wangge_options options = {
      .key_file = push->key_file, .endpoint = push->endpoint, .server_key = intake.key, .timeout_ms = CALL_MS};
  push->client = wangge_open(&options);
  if (!push->client) {
    failed(push, wangge_open_error());
    return false;
  }
  const struct wangge_push_options pushing = {.window = 1, .on_answer = on_answer, .context = push};
  wangge_push_start(push->client, &pushing);
  return true;
}

// push_some pushes one request and waits for its answer, however long intake is away; false: failed, or to stop.
static bool push_some(struct wg_orders *push, const struct wg_bytes *orders, size_t count) {
  struct wg_arena *arena = wg_arena_create(1 << 16);
  Wangge__V1__PushRequest request = WANGGE__V1__PUSH_REQUEST__INIT;
  request.source = push->source;
  request.orders = wg_arena_alloc(arena, count * sizeof *request.orders);
  struct wg_error error = {0};
  bool good = true;
  for (size_t i = 0; i < count && good; i++) {
    ProtobufCMessage *order = NULL;
    good = wg_unpack(&wangge__v1__new_order__descriptor, orders[i], arena, &order, &error) == WG_OK;
    request.orders[request.n_orders++] = (Wangge__V1__NewOrder *)order;
  }
  if (!good) failed(push, error.message);
  if (good) good = open_client(push);
  if (good) {
    push->pushed = request.orders;
    push->pushed_count = request.n_orders;
    const struct wg_bytes packed = wg_pack(&request.base, arena);
    wangge_push(push->client, 0, packed.data, packed.size);
    while (wangge_push_wait(push->client, 0, WAIT_MS) != WG_OK && good)
      good = !stopping(push);
    if (good && push->code != WG_OK) {
      failed(push, wangge_error(push->client));
      good = false;
    }
  }
  wg_arena_destroy(arena);
  return good;
}

static void *push_thread(void *context) {
  struct wg_orders *push = context;
  pthread_mutex_lock(&push->mutex);
  while (!push->stop) {
    if (!push->order_count) {
      push->busy = false;
      pthread_cond_wait(&push->condition, &push->mutex);
      continue;
    }
    struct wg_bytes *orders = push->orders;
    const size_t count = push->order_count;
    push->orders = NULL;
    push->order_count = 0;
    pthread_mutex_unlock(&push->mutex);
    bool good = true;
    for (size_t i = 0; i < count && good; i += ORDERS_A_PUSH)
      good = push_some(push, orders + i, count - i < ORDERS_A_PUSH ? count - i : ORDERS_A_PUSH);
    for (size_t i = 0; i < count; i++)
      free((void *)(uintptr_t)orders[i].data);
    free(orders);
    pthread_mutex_lock(&push->mutex);
    if (good) push->pause_us = 0;
  }
  pthread_mutex_unlock(&push->mutex);
  return NULL;
}

wg_status wg_orders_start(const char *endpoint, const char *source, const struct wg_identity *identity,
                          struct wg_metric *failures, struct wg_orders **made, struct wg_error *error) {
  struct wg_orders *push = wg_zalloc(sizeof *push);
  push->endpoint = wg_strdup(endpoint);
  push->key_file = wg_strdup(identity->key_file);
  push->principals = identity->principals;
  push->source = wg_strdup(source);
  push->failures = failures;
  pthread_mutex_init(&push->mutex, NULL);
  pthread_cond_init(&push->condition, NULL);
  if (pthread_create(&push->thread, NULL, push_thread, push) == 0) {
    *made = push;
    return WG_OK;
  }
  free(push->endpoint);
  free(push->key_file);
  free(push->source);
  free(push);
  return wg_fail(error, WG_RESOURCE_EXHAUSTED, NULL, "cannot start the thread that pushes orders");
}

void wg_orders_stop(struct wg_orders *push) {
  if (!push) return;
  pthread_mutex_lock(&push->mutex);
  push->stop = true;
  pthread_cond_signal(&push->condition);
  pthread_mutex_unlock(&push->mutex);
  pthread_join(push->thread, NULL);
  wangge_close(push->client);
  for (size_t i = 0; i < push->order_count; i++)
    free((void *)(uintptr_t)push->orders[i].data);
  for (size_t i = 0; i < push->answer_count; i++)
    free(push->answers[i].message);
  free(push->orders);
  free(push->answers);
  pthread_cond_destroy(&push->condition);
  pthread_mutex_destroy(&push->mutex);
  free(push->endpoint);
  free(push->key_file);
  free(push->source);
  free(push);
}

bool wg_orders_idle(struct wg_orders *push) {
  pthread_mutex_lock(&push->mutex);
  // Answers not taken yet are of orders that the database still has as pending.
  const bool idle = !push->busy && !push->answer_count && wg_monotonic_us() >= push->resume_us;
  pthread_mutex_unlock(&push->mutex);
  return idle;
}

void wg_orders_give(struct wg_orders *push, const struct wg_bytes *orders, size_t count) {
  if (!count) return;
  struct wg_bytes *copies = wg_zalloc(count * sizeof *copies);
  for (size_t i = 0; i < count; i++) {
    uint8_t *copy = wg_zalloc(orders[i].size + 1);
    memcpy(copy, orders[i].data, orders[i].size);
    copies[i] = (struct wg_bytes){copy, orders[i].size};
  }
  pthread_mutex_lock(&push->mutex);
  push->busy = true;
  push->orders = copies;
  push->order_count = count;
  pthread_cond_signal(&push->condition);
  pthread_mutex_unlock(&push->mutex);
}

size_t wg_orders_take(struct wg_orders *push, struct wg_arena *arena, struct wg_order_answer **answers) {
  pthread_mutex_lock(&push->mutex);
  const size_t count = push->answer_count;
  *answers = wg_arena_alloc(arena, (count + 1) * sizeof **answers);
  for (size_t i = 0; i < count; i++) {
    (*answers)[i] = push->answers[i];
    (*answers)[i].message = wg_arena_strdup(arena, push->answers[i].message ? push->answers[i].message : "");
    free(push->answers[i].message);
  }
  push->answer_count = 0;
  pthread_mutex_unlock(&push->mutex);
  return count;
}

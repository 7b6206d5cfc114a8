// bench-load: one half of the way at a time, which `wangge bench` does not do.
//
//   bench-load push   --config client.ini --spread FILE --orders N --run R [--batch 250 --window 16]
//     pushes, nobody follows: {"orders", "seconds"} until every order is acknowledged
//   bench-load follow --config client.ini --departments a,b,c --orders N
//     these departments come back under a name they never had, take N orders and acknowledge them: {"orders",
//     "seconds", "first_ms"}, the time of the first from the start
#include "tests/bench/rig.h"

#include "common/client/wangge.h"
#include "common/config/config.h"
#include "common/wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PUSH_BATCH = 1000, FOLLOW_MOST = 256, PATIENCE_MS = 120000 };

// --- connecting ---
struct places {
  const char *service;
  char endpoint[256], key[64], key_dir[1024];
};

static wg_status place_row(void *context, int line, const char *section, const char *key, const char *value,
                           struct wg_error *error) {
  (void)line, (void)error;
  struct places *places = context;
  if (strcmp(section, "services") == 0 && strcmp(key, places->service) == 0)
    snprintf(places->endpoint, sizeof places->endpoint, "%s", value);
  if (strcmp(section, "keys") == 0 && strcmp(key, places->service) == 0)
    snprintf(places->key, sizeof places->key, "%s", value);
  if (strcmp(section, "client") == 0 && strcmp(key, "key_dir") == 0)
    snprintf(places->key_dir, sizeof places->key_dir, "%s", value);
  return WG_OK;
}

static wangge_client *open_as(const char *config, const char *principal, const char *service) {
  struct places places = {.service = service};
  struct wg_error error = {0};
  rig_must(wg_ini_read(config, place_row, &places, &error), config, &error);
  char key_file[2048];
  snprintf(key_file, sizeof key_file, "%s/%s.key", places.key_dir, principal);
  wangge_client *client = wangge_open(
      &(struct wangge_options){.key_file = key_file, .endpoint = places.endpoint, .server_key = places.key});
  if (!client) rig_die("%s: %s", principal, wangge_open_error());
  return client;
}

// --- push ---
struct pushing {
  int64_t accepted;
  struct wg_arena *answer;
};

static void on_answer(void *context, uint64_t tag, int code, const void *body, size_t size) {
  (void)tag;
  struct pushing *pushing = context;
  if (code) rig_die("push: %s", wg_status_name((wg_status)code));
  wg_arena_reset(pushing->answer);
  ProtobufCMessage *message = NULL;
  struct wg_error error = {0};
  rig_must(wg_unpack(&wangge__v1__push_response__descriptor, (struct wg_bytes){body, size}, pushing->answer, &message,
                     &error),
           "answer", &error);
  const Wangge__V1__PushResponse *response = (const Wangge__V1__PushResponse *)message;
  for (size_t i = 0; i < response->n_results; i++) {
    if (response->results[i]->outcome == WANGGE__V1__PUSH_OUTCOME__PUSH_OUTCOME_REJECTED)
      rig_die("rejected: %s %s", response->results[i]->error->field, response->results[i]->error->message);
    pushing->accepted++;
  }
}

static void push_all(int argc, char **argv) {
  const struct rig_samples *samples = rig_samples(rig_text(argc, argv, "--spread", NULL));
  const int64_t orders = rig_number(argc, argv, "--orders", 100000), run = rig_number(argc, argv, "--run", 1),
                batch = rig_number(argc, argv, "--batch", 250);
  if (batch < 1 || batch > PUSH_BATCH) rig_die("--batch must be 1 to %d", PUSH_BATCH);
  wangge_client *client = open_as(rig_text(argc, argv, "--config", NULL), "hotline-12345", "intake");
  struct pushing pushing = {.answer = wg_arena_create(1 << 18)};
  const struct wangge_push_options options = {
      .window = (int)rig_number(argc, argv, "--window", 16), .on_answer = on_answer, .context = &pushing};
  wangge_push_start(client, &options);
  struct wg_arena *arena = wg_arena_create(1 << 20);
  static Wangge__V1__NewOrder filled[PUSH_BATCH], *pointers[PUSH_BATCH];
  static char ids[PUSH_BATCH][32];
  const int64_t start = wg_monotonic_us();
  for (int64_t n = 0; n < orders;) {
    Wangge__V1__PushRequest request = WANGGE__V1__PUSH_REQUEST__INIT;
    request.source = (char *)(uintptr_t) "hotline-12345";
    request.orders = pointers;
    for (; (int64_t)request.n_orders < batch && n < orders; n++, request.n_orders++) {
      const size_t i = request.n_orders;
      filled[i] = rig_sample(samples, n)->order;
      rig_external_id(ids[i], run, n);
      filled[i].external_id = ids[i];
      pointers[i] = &filled[i];
    }
    wg_arena_reset(arena);
    const struct wg_bytes packed = wg_pack(&request.base, arena);
    wangge_push(client, 0, packed.data, packed.size);
  }
  if (wangge_push_wait(client, 0, PATIENCE_MS)) rig_die("not every order was answered");
  if (pushing.accepted != orders) rig_die("%lld answers", (long long)pushing.accepted);
  printf("{\"orders\": %lld, \"seconds\": %.6f}\n", (long long)orders, (double)(wg_monotonic_us() - start) / 1e6);
  wangge_close(client);
}

// --- follow ---
static int64_t take_ready(wangge_client *client) {
  struct wangge_event event;
  int64_t orders = 0;
  int code;
  while ((code = wangge_next(client, &event, 0)) == WG_OK) {
    orders += strcmp(event.type, "wangge.v1.OrderDispatched") == 0;
    wangge_ack(client, &event);
  }
  if (code != WG_DEADLINE_EXCEEDED) rig_die("follow: %s", wangge_error(client));
  return orders;
}

static void follow_all(int argc, char **argv) {
  const char *config = rig_text(argc, argv, "--config", NULL);
  const int64_t orders = rig_number(argc, argv, "--orders", 0);
  char *list = wg_strdup(rig_text(argc, argv, "--departments", NULL)), *rest = NULL;
  wangge_client *clients[FOLLOW_MOST];
  int count = 0;
  for (char *name = strtok_r(list, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
    if (count == FOLLOW_MOST) rig_die("at most %d departments", FOLLOW_MOST);
    clients[count] = open_as(config, name, "routing");
    const struct wangge_follow_options options = {
        .stream = "routing.dispatch", .consumer = "returning", .topic = wg_strdup(name)};
    if (wangge_follow(clients[count], &options)) rig_die("%s: %s", name, wangge_error(clients[count]));
    count++;
  }
  const int64_t start = wg_monotonic_us();
  int64_t got = 0, first = 0;
  while (got < orders) {
    if (wangge_poll(clients, count, PATIENCE_MS) && got == 0) rig_die("nothing came");
    for (int i = 0; i < count; i++)
      got += take_ready(clients[i]);
    if (got && !first) first = wg_monotonic_us();
  }
  const double seconds = (double)(wg_monotonic_us() - start) / 1e6;
  for (int i = 0; i < count; i++) {
    wangge_flush(clients[i]);
    wangge_close(clients[i]);
  }
  printf("{\"orders\": %lld, \"seconds\": %.6f, \"first_ms\": %.3f}\n", (long long)got, seconds,
         (double)(first - start) / 1e3);
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "push") == 0) push_all(argc, argv);
  else if (argc > 1 && strcmp(argv[1], "follow") == 0) follow_all(argc, argv);
  else rig_die("usage: bench-load push|follow …");
  return 0;
}

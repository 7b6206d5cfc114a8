// libwangge: opening, connection state, dispatch of what arrives, and plain calls.

#include "common/client/client.h"

#include "common/base/clock.h"
#include "common/wire/wire.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t context_lock = PTHREAD_MUTEX_INITIALIZER;
static void *context;
static unsigned context_users;
static _Thread_local struct wg_error open_error;

static void *context_hold(void) {
  pthread_mutex_lock(&context_lock);
  if (context_users == 0) context = zmq_ctx_new();
  if (context != NULL) context_users++;
  void *held = context;
  pthread_mutex_unlock(&context_lock);
  return held;
}

static void context_drop(void) {
  pthread_mutex_lock(&context_lock);
  if (--context_users == 0) {
    zmq_ctx_term(context);
    context = NULL;
  }
  pthread_mutex_unlock(&context_lock);
}

// client_watch attaches the monitor. The connection may be up already: a send that works proves it as well.
static wg_status client_watch(wangge_client *client, void *zmq, struct wg_error *error) {
  char name[64];
  snprintf(name, sizeof name, "inproc://wangge-monitor-%p", (void *)client);
  int events = ZMQ_EVENT_CLOSED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
               ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_DISCONNECTED;
  client->monitor = zmq_socket(zmq, ZMQ_PAIR);
  if (client->monitor == NULL || zmq_socket_monitor(client->socket, name, events) != 0 ||
      zmq_connect(client->monitor, name) != 0)
    return wg_fail(error, WG_RESOURCE_EXHAUSTED, NULL, "cannot watch the connection: %s", zmq_strerror(errno));
  return WG_OK;
}

wangge_client *wangge_open(const struct wangge_options *options) {
  open_error = (struct wg_error){0};
  if (options == NULL || options->key_file == NULL || options->endpoint == NULL || options->server_key == NULL) {
    wg_fail(&open_error, WG_INVALID_ARGUMENT, NULL, "key_file, endpoint and server_key are required");
    return NULL;
  }
  if (strlen(options->endpoint) >= sizeof((wangge_client *)NULL)->endpoint) {
    wg_fail(&open_error, WG_INVALID_ARGUMENT, "endpoint", "endpoint is longer than 255 bytes");
    return NULL;
  }
  struct wg_key key;
  if (wg_key_read(options->key_file, &key, &open_error) != WG_OK) return NULL;
  void *zmq = context_hold();
  if (zmq == NULL) {
    wg_fail(&open_error, WG_RESOURCE_EXHAUSTED, NULL, "no ZeroMQ context: %s", zmq_strerror(errno));
    return NULL;
  }
  wangge_client *client = wg_zalloc(sizeof *client);
  client->arena = wg_arena_create(64 * 1024);
  client->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : 30000;
  snprintf(client->endpoint, sizeof client->endpoint, "%s", options->endpoint);
  wg_status status = wg_bus_dealer(zmq, &key, options->endpoint, options->server_key, &client->socket, &open_error);
  explicit_bzero(&key, sizeof key);
  if (status == WG_OK) status = client_watch(client, zmq, &open_error);
  if (status == WG_OK) return client;
  wangge_close(client);
  return NULL;
}

const char *wangge_open_error(void) {
  return open_error.message;
}

void wangge_close(wangge_client *client) {
  if (client == NULL) return;
  follow_leave(client);
  push_free(client->push);
  follow_free(client->follow);
  if (client->call.has_body) zmq_msg_close(&client->call.body);
  if (client->socket != NULL) {
    zmq_socket_monitor(client->socket, NULL, 0);
    zmq_close(client->socket);
  }
  if (client->monitor != NULL) zmq_close(client->monitor);
  wg_arena_destroy(client->arena);
  free(client);
  context_drop();
}

const char *wangge_error(const wangge_client *client) {
  return client->error.message;
}

const char *wangge_error_field(const wangge_client *client) {
  return client->error.field;
}

int wangge_connected(const wangge_client *client) {
  return client->connected ? 1 : client->turned_away ? -1 : 0;
}

wg_status client_refused(const wangge_client *client, struct wg_error *error) {
  return wg_fail(error, WG_UNAUTHENTICATED, NULL,
                 "the service at %s does not let this key in (unknown, revoked, or its own key is another)",
                 client->endpoint);
}

int64_t client_backoff_us(unsigned attempt) {
  int64_t pause = attempt > 6 ? CLIENT_BACKOFF_MOST_US : (int64_t)CLIENT_BACKOFF_US << attempt;
  if (pause > CLIENT_BACKOFF_MOST_US) pause = CLIENT_BACKOFF_MOST_US;
  return pause / 2 + random() % (pause / 2);
}

// --- sending ---

enum wg_sent client_send(wangge_client *client, const Wangge__V1__Envelope *envelope, struct wg_bytes body) {
  wg_arena_reset(client->arena);
  enum wg_sent sent = wg_dealer_send(client->socket, wg_pack(&envelope->base, client->arena), body);
  if (sent == WG_SENT && !client->connected) {
    client->connected = true;
    client->connection++;
  }
  return sent;
}

enum wg_sent client_send_call(wangge_client *client, uint64_t id, const char *method, int timeout_ms,
                              struct wg_bytes body) {
  Wangge__V1__Call call = WANGGE__V1__CALL__INIT;
  call.id = id;
  call.method = (char *)(uintptr_t)method;
  call.timeout_ms = timeout_ms;
  Wangge__V1__Envelope envelope = WANGGE__V1__ENVELOPE__INIT;
  envelope.kind_case = WANGGE__V1__ENVELOPE__KIND_CALL;
  envelope.call = &call;
  // An empty request is still a frame: a call has two.
  if (body.data == NULL) body.data = (const uint8_t *)"";
  return client_send(client, &envelope, body);
}

// --- receiving ---

static void client_monitor(wangge_client *client) {
  for (;;) {
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    if (zmq_msg_recv(&frame, client->monitor, ZMQ_DONTWAIT) < 0) {
      zmq_msg_close(&frame);
      return;
    }
    uint16_t event = 0;
    if (zmq_msg_size(&frame) >= sizeof event) memcpy(&event, zmq_msg_data(&frame), sizeof event);
    zmq_msg_close(&frame);
    zmq_msg_init(&frame); // the address
    zmq_msg_recv(&frame, client->monitor, ZMQ_DONTWAIT);
    zmq_msg_close(&frame);
    switch (event) {
    case ZMQ_EVENT_CLOSED: // nobody listens
      client->turned_away = false;
      break;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      client->refused = client->turned_away = false;
      if (!client->connected) client->connection++;
      client->connected = true;
      break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      client->refused = true;
      client->connected = false;
      break;
    case ZMQ_EVENT_DISCONNECTED:
      if (!client->connected) client->turned_away = true;
      client->connected = false;
      break;
    default:
      break;
    }
  }
}

static void call_reply(struct client_call *call, const struct wg_error *status, zmq_msg_t *body) {
  call->done = true;
  call->error = *status;
  if (body == NULL) return;
  zmq_msg_init(&call->body);
  zmq_msg_move(&call->body, body);
  call->has_body = true;
}

static void client_reply(wangge_client *client, const Wangge__V1__Reply *reply, zmq_msg_t *body) {
  struct wg_error status = {0};
  wg_status_read(reply->status, &status);
  if (status.code == WG_OK && body == NULL) wg_fail(&status, WG_INTERNAL, NULL, "the answer has no body");
  if (reply->id == 0) { // a message of ours that the service could not read
    client->error = status;
    return;
  }
  if (client->call.id == reply->id && !client->call.done) {
    call_reply(&client->call, &status, body);
    return;
  }
  struct wg_bytes bytes = {0};
  if (body != NULL) bytes = (struct wg_bytes){zmq_msg_data(body), zmq_msg_size(body)};
  push_reply(client, reply->id, &status, bytes); // else: an answer nobody waits for any more
}

static void client_message(wangge_client *client, struct wg_incoming *incoming) {
  wg_arena_reset(client->arena);
  struct wg_bytes bytes = {zmq_msg_data(&incoming->envelope), zmq_msg_size(&incoming->envelope)};
  ProtobufCMessage *message = NULL;
  if (wg_unpack(&wangge__v1__envelope__descriptor, bytes, client->arena, &message, &client->error) != WG_OK) return;
  const Wangge__V1__Envelope *envelope = (const Wangge__V1__Envelope *)message;
  zmq_msg_t *body = incoming->frames == 2 ? &incoming->body : NULL;
  switch (envelope->kind_case) {
  case WANGGE__V1__ENVELOPE__KIND_REPLY:
    client_reply(client, envelope->reply, body);
    break;
  case WANGGE__V1__ENVELOPE__KIND_OPENED:
    follow_opened(client, envelope->opened);
    break;
  case WANGGE__V1__ENVELOPE__KIND_DATA:
    if (body != NULL) follow_data(client, envelope->data, body);
    break;
  case WANGGE__V1__ENVELOPE__KIND_CLOSED:
    follow_closed(client, envelope->closed);
    break;
  case WANGGE__V1__ENVELOPE__KIND_PONG:
    follow_pong(client, envelope->pong);
    break;
  default: // newer kinds are for newer clients
    break;
  }
}

static void client_drain(wangge_client *client) {
  client_monitor(client);
  struct wg_incoming incoming;
  while (wg_dealer_receive(client->socket, &incoming)) {
    if (!client->connected) {
      client->connected = true;
      client->connection++;
    }
    if (incoming.frames > 0) client_message(client, &incoming);
    wg_incoming_close(&incoming);
  }
}

static long client_wait_ms(int64_t wait_us) {
  if (wait_us <= 0) return 0;
  return (long)((wait_us + 999) / 1000);
}

bool client_pump(wangge_client *client, int64_t wait_us, bool want_send) {
  short events = (short)(ZMQ_POLLIN | (want_send ? ZMQ_POLLOUT : 0));
  zmq_pollitem_t items[] = {{client->socket, 0, events, 0}, {client->monitor, 0, ZMQ_POLLIN, 0}};
  int count = zmq_poll(items, 2, client_wait_ms(wait_us));
  if (count < 0 && errno == EINTR) return false;
  client_drain(client);
  return true;
}

// client_next_us runs what is due and says how long the client may sleep.
static int64_t client_next_us(wangge_client *client, bool *want_send) {
  int64_t now = wg_monotonic_us();
  int64_t push = push_tick(client, now, want_send);
  int64_t follow = follow_tick(client, now, want_send);
  return push < follow ? push : follow;
}

int wangge_poll(wangge_client *const *clients, int count, int timeout_ms) {
  int64_t wait = (int64_t)timeout_ms * 1000;
  zmq_pollitem_t *items = wg_zalloc(sizeof *items * (size_t)(count > 0 ? count : 1));
  for (int i = 0; i < count; i++) {
    bool want_send = false;
    int64_t next = client_next_us(clients[i], &want_send);
    if (follow_ready(clients[i])) next = 0;
    if (next < wait) wait = next;
    items[i] = (zmq_pollitem_t){clients[i]->socket, 0, (short)(ZMQ_POLLIN | (want_send ? ZMQ_POLLOUT : 0)), 0};
  }
  int found = zmq_poll(items, count, client_wait_ms(wait));
  free(items);
  if (found < 0 && errno == EINTR) return WG_DEADLINE_EXCEEDED;
  bool ready = found > 0;
  for (int i = 0; i < count; i++) {
    client_drain(clients[i]);
    ready = ready || follow_ready(clients[i]);
  }
  return ready ? WG_OK : WG_DEADLINE_EXCEEDED;
}

// --- calls ---

static wg_status call_timed_out(wangge_client *client, bool was_sent) {
  if (!was_sent && client->turned_away) return client_refused(client, &client->error);
  if (!was_sent) return wg_fail(&client->error, WG_UNAVAILABLE, NULL, "nobody answers at %s", client->endpoint);
  return wg_fail(&client->error, WG_DEADLINE_EXCEEDED, NULL, "no answer from %s within %d ms; repeating is safe",
                 client->endpoint, client->timeout_ms);
}

int wangge_call(wangge_client *client, const char *method, const void *request, size_t request_size,
                const void **response, size_t *response_size) {
  struct client_call *call = &client->call;
  if (call->has_body) zmq_msg_close(&call->body);
  *call = (struct client_call){.id = ++client->next_id};
  struct wg_bytes body = {request, request_size};
  int64_t start = wg_monotonic_us(), deadline = start + (int64_t)client->timeout_ms * 1000;
  bool sent = false, ever_sent = false;
  uint64_t connection = 0;
  client->refused = false; // the key may have been admitted meanwhile
  while (!call->done) {
    int64_t now = wg_monotonic_us();
    if (client->refused) {
      call->id = 0;
      return (int)client_refused(client, &client->error);
    }
    if (now >= deadline || (!ever_sent && now - start >= CLIENT_CONNECT_MS * INT64_C(1000))) {
      call->id = 0;
      return (int)call_timed_out(client, ever_sent);
    }
    if (sent && (!client->connected || client->connection != connection)) sent = false;
    if (!sent) {
      sent = client_send_call(client, call->id, method, client->timeout_ms, body) == WG_SENT;
      connection = client->connection;
      ever_sent = ever_sent || sent;
    }
    bool want_send = !sent;
    int64_t wait = client_next_us(client, &want_send);
    if (wait > deadline - now) wait = deadline - now;
    if (wait > 100000) wait = 100000;
    client_pump(client, wait, want_send);
  }
  call->id = 0;
  if (call->error.code != WG_OK) {
    client->error = call->error;
    return (int)call->error.code;
  }
  if (response != NULL) *response = zmq_msg_data(&call->body);
  if (response_size != NULL) *response_size = zmq_msg_size(&call->body);
  return WG_OK;
}

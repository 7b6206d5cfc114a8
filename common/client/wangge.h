/* libwangge: push orders to Wangge and follow what is routed to a department.
 *
 * Plain C, no other header needed; link with `pkg-config --cflags --libs wangge`. A wangge_client belongs to one
 * thread. All text is UTF-8. Functions return a code of the google.rpc vocabulary (0 = OK); wangge_error tells the last
 * one in words.
 */
#ifndef WANGGE_H
#define WANGGE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wangge_client wangge_client;

struct wangge_options {
  const char *key_file;   /* this caller's key ("public = …", "secret = …", mode 0600) */
  const char *endpoint;   /* e.g. "tcp://127.0.0.1:7101" */
  const char *server_key; /* the service's public key, Z85 */
  int timeout_ms;         /* of one call; 0: 30,000 */
};

wangge_client *wangge_open(const struct wangge_options *options); /* NULL: wangge_open_error() says why */
const char *wangge_open_error(void);
void wangge_close(wangge_client *client);
const char *wangge_error(const wangge_client *client); /* message of the last failure */
const char *wangge_error_field(const wangge_client *client);
/* wangge_poll waits until one of these clients (all of one thread) may have an answer or an event, at most timeout_ms;
 * then call wangge_next or wangge_push_wait with timeout 0 on each. 0, or 4 when time is up or a signal came. */
int wangge_poll(wangge_client *const *clients, int count, int timeout_ms);

/* --- calls: any method, packed protobuf in and out --- */
/* *response is owned by the client until its next call. 14 (UNAVAILABLE): nobody answers; 4 (DEADLINE_EXCEEDED):
 * repeating is safe; 16 (UNAUTHENTICATED): the service does not let this key in. A connection lost on the way makes it
 * ask again. */
int wangge_call(wangge_client *client, const char *method, const void *request, size_t request_size,
                const void **response, size_t *response_size);

/* --- windowed push --- */
/* wangge_push sends one packed PushRequest without waiting unless `window` requests are unanswered. Answers come to
 * `on_answer` in any order, from wangge_push and wangge_push_wait. A request whose answer does not come is sent again
 * with backoff (pushing the same orders again gives the first answers) until `give_up_ms` passes; then
 * `on_answer` gets the code and no response. Do not use the client inside `on_answer`.
 */
typedef void (*wangge_on_push)(void *context, uint64_t tag, int code, const void *response, size_t response_size);
struct wangge_push_options {
  int window;     /* requests in flight; 0: 4 */
  int give_up_ms; /* 0: never */
  wangge_on_push on_answer;
  void *context;
};
int wangge_push_start(wangge_client *client, const struct wangge_push_options *options);
int wangge_push(wangge_client *client, uint64_t tag, const void *request, size_t request_size);
/* 0, or 4 when time is up or a signal came; timeout_ms < 0: no limit. */
int wangge_push_wait(wangge_client *client, int unanswered_at_most, int timeout_ms);
int wangge_unanswered(const wangge_client *client);

/* --- follow --- */
struct wangge_follow_options {
  const char *stream;   /* "routing.dispatch" */
  const char *consumer; /* durable name; NULL or "": nothing is remembered */
  const char *topic;    /* NULL: the whole stream */
  int start;            /* 0 resume, 2 earliest, 3 after `after`, 4 at `time`, 5 latest (wangge.v1.Start) */
  uint64_t after;
  int64_t time;          /* UTC microseconds */
  uint32_t credit_bytes; /* 0: 1 MiB */
  int lease_ms;          /* 0: 30,000 */
};
struct wangge_event {
  uint64_t number; /* gapless: in the topic when one was asked for, else in the stream */
  uint64_t seq;    /* number in the stream */
  const char *topic;
  int64_t at;       /* commit time, UTC microseconds */
  const char *type; /* "wangge.v1.OrderDispatched" */
  const void *payload;
  size_t payload_size;
  const char *traceparent;
  int redriven; /* a dead letter given again */
};
int wangge_follow(wangge_client *client, const struct wangge_follow_options *options);
/* wangge_next gives the next event: 0, or 4 when timeout_ms passed or a signal came, or the reason the subscription
 * ended (10: opened elsewhere, 7 and 16: no right, 15: events were dropped by retention before they were read; call
 * wangge_follow again if you want to go on). Reconnects by itself and drops repeats; the event is valid until the next
 * call. Events not acknowledged come again to the next process that follows under this name. */
int wangge_next(wangge_client *client, struct wangge_event *event, int timeout_ms);
/* wangge_ack says everything up to this event is safe; sent at once when half the credit is used, else within 50 ms or
 * at the next wangge_next that would wait. wangge_flush sends it now. */
int wangge_ack(wangge_client *client, const struct wangge_event *event);
/* wangge_park sets the event aside as a dead letter with a reason (at most 1,024 bytes); do not acknowledge it too. */
int wangge_park(wangge_client *client, const struct wangge_event *event, const char *reason);
int wangge_flush(wangge_client *client);
int wangge_opened(const wangge_client *client);    /* 1: the subscription stands at this moment */
uint64_t wangge_head(const wangge_client *client); /* newest number known */
/* 1: connected. 0: not. -1: somebody listens and does not let this key in (unknown there, revoked), or hangs. */
int wangge_connected(const wangge_client *client);

#ifdef __cplusplus
}
#endif
#endif

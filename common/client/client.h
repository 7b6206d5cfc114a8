// Inside of libwangge: what its files share.
//
// One DEALER per client carries calls, pushes and one subscription. client_pump reads everything that arrived and hands
// it to the part it belongs to; push_tick and follow_tick send what is due. A socket monitor tells connections: what
// was sent over a lost one counts as unsent. All clients of a process share one ZeroMQ context.
#pragma once

#include "common/bus/bus.h"
#include "common/client/wangge.h"

#include "wangge/v1/stream.pb-c.h"

#define CLIENT_CONNECT_MS 5000   // a call that finds no connection for this long answers UNAVAILABLE
#define CLIENT_BACKOFF_US 100000 // first pause before a repeat; doubles up to
#define CLIENT_BACKOFF_MOST_US 5000000

struct client_push;
struct client_follow;

struct client_call {
  uint64_t id; // 0: no call under way
  bool done, has_body;
  zmq_msg_t body;
  struct wg_error error;
};

struct wangge_client {
  void *socket, *monitor;
  char endpoint[256];
  int timeout_ms;
  bool connected;
  uint64_t connection; // number of the present or last connection
  // A service that does not know a key lets the handshake run out (status 300 of ZAP, so that the client tries again):
  // from outside this looks like a service that hangs. So it ends no push and no subscription; it only names the
  // likely reason when time is up. A refusal in words (400) ends them.
  bool turned_away; // the last connection ended in the handshake
  bool refused;     // the service said no
  uint64_t next_id;
  struct wg_arena *arena; // for one message at a time
  struct wg_error error;
  struct client_call call;
  struct client_push *push;
  struct client_follow *follow;
};

wg_status client_refused(const wangge_client *client, struct wg_error *error); // UNAUTHENTICATED, in words
// client_send packs and sends; WG_SENT_FULL also while there is no connection.
enum wg_sent client_send(wangge_client *client, const Wangge__V1__Envelope *envelope, struct wg_bytes body);
enum wg_sent client_send_call(wangge_client *client, uint64_t id, const char *method, int timeout_ms,
                              struct wg_bytes body);
// client_pump waits at most `wait_us` for something (also for room to send when `want_send`), then takes all of it.
// false: a signal came.
bool client_pump(wangge_client *client, int64_t wait_us, bool want_send);
int64_t client_backoff_us(unsigned attempt); // with jitter

// push.c
bool push_reply(wangge_client *client, uint64_t id, const struct wg_error *status, struct wg_bytes body);
int64_t push_tick(wangge_client *client, int64_t now, bool *want_send); // µs until the next wanted call
void push_free(struct client_push *push);

// follow.c
void follow_opened(wangge_client *client, const Wangge__V1__Opened *opened);
void follow_data(wangge_client *client, const Wangge__V1__Data *data, zmq_msg_t *body); // takes the body
void follow_closed(wangge_client *client, const Wangge__V1__Closed *closed);
void follow_pong(wangge_client *client, const Wangge__V1__Pong *pong);
bool follow_ready(const wangge_client *client); // an event or an end waits for wangge_next
int64_t follow_tick(wangge_client *client, int64_t now, bool *want_send);
void follow_leave(wangge_client *client); // last acknowledgement and a Close, if there is a subscription
void follow_free(struct client_follow *follow);

// Whole messages in and out of a ROUTER or DEALER.
//
// libzmq hands a multi-part message over whole, but frame by frame: a reader that stops in the middle would take the
// rest for the next message, and a writer that gives up after the first frame would have its next message's first frame
// appended to the broken one. So reading always goes on to the last frame, and only the first frame that is sent may be
// refused; after it a ROUTER sends the rest whatever happens to the peer (libzmq drops it when the peer is gone).
#include "common/bus/zap.h"

#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool wg_peer_equal(const struct wg_peer *a, const struct wg_peer *b) {
  return a->size == b->size && !memcmp(a->id, b->id, a->size);
}

static int receive_frame(void *socket, zmq_msg_t *frame) {
  int rc;
  do
    rc = zmq_msg_recv(frame, socket, ZMQ_DONTWAIT);
  while (rc < 0 && errno == EINTR);
  return rc;
}

static int send_frame(void *socket, zmq_msg_t *frame, int flags) {
  int rc;
  do
    rc = zmq_msg_send(frame, socket, flags | ZMQ_DONTWAIT);
  while (rc < 0 && errno == EINTR);
  return rc;
}

static void copy_property(char *target, size_t size, zmq_msg_t *frame, const char *name) {
  const char *value = zmq_msg_gets(frame, name);
  int needed = snprintf(target, size, "%s", value ? value : "");
  if (needed < 0 || (size_t)needed >= size) target[0] = 0; // no principal's; never a shortened one
}

// receive_payload reads to the end of the message. `more`: whether frames follow those already read.
static void receive_payload(void *socket, struct wg_incoming *incoming, bool more) {
  zmq_msg_t surplus;
  int count = 0;
  while (more) {
    zmq_msg_t *frame = count == 0 ? &incoming->envelope : count == 1 ? &incoming->body : &surplus;
    zmq_msg_init(frame);
    if (receive_frame(socket, frame) < 0) break; // only when the context is being ended
    more = zmq_msg_more(frame);
    if (frame == &surplus) zmq_msg_close(frame);
    if (count < 3) count++;
  }
  incoming->frames = count <= 2 && !more ? count : 0;
  if (incoming->frames == 0) return;
  copy_property(incoming->user, sizeof incoming->user, &incoming->envelope, "User-Id");
  copy_property(incoming->key, sizeof incoming->key, &incoming->envelope, WG_ZAP_KEY_PROPERTY);
}

static void clear(struct wg_incoming *incoming) {
  incoming->peer.size = 0;
  incoming->user[0] = incoming->key[0] = 0;
  incoming->frames = 0;
  zmq_msg_init(&incoming->envelope);
  zmq_msg_init(&incoming->body);
}

bool wg_router_receive(void *router, struct wg_incoming *incoming) {
  zmq_msg_t id;
  zmq_msg_init(&id);
  if (receive_frame(router, &id) < 0) {
    zmq_msg_close(&id);
    return false;
  }
  clear(incoming);
  size_t size = zmq_msg_size(&id);
  bool more = zmq_msg_more(&id);
  if (size <= sizeof incoming->peer.id) {
    memcpy(incoming->peer.id, zmq_msg_data(&id), size);
    incoming->peer.size = (uint8_t)size;
  }
  zmq_msg_close(&id);
  receive_payload(router, incoming, more);
  if (size == 0 || size > sizeof incoming->peer.id) incoming->frames = 0;
  return true;
}

bool wg_dealer_receive(void *dealer, struct wg_incoming *incoming) {
  zmq_msg_t first;
  zmq_msg_init(&first);
  if (receive_frame(dealer, &first) < 0) {
    zmq_msg_close(&first);
    return false;
  }
  clear(incoming);
  bool more = zmq_msg_more(&first);
  zmq_msg_move(&incoming->envelope, &first);
  zmq_msg_close(&first);
  incoming->frames = 1;
  if (!more) return true;
  incoming->frames = receive_frame(dealer, &incoming->body) < 0 ? 0 : 2;
  while (incoming->frames && zmq_msg_more(&incoming->body)) {
    incoming->frames = 3;
    if (receive_frame(dealer, &incoming->body) < 0) break;
  }
  if (incoming->frames == 3) incoming->frames = 0;
  return true;
}

void wg_incoming_close(struct wg_incoming *incoming) {
  zmq_msg_close(&incoming->envelope);
  zmq_msg_close(&incoming->body);
  incoming->frames = 0;
}

// make_frame copies bytes into a frame; like every allocation here it ends the process when there is no memory.
static void make_frame(zmq_msg_t *frame, struct wg_bytes bytes) {
  if (zmq_msg_init_size(frame, bytes.size)) {
    wg_log0(WG_LOG_ERROR, "no memory for a message");
    abort();
  }
  if (bytes.size > 0) memcpy(zmq_msg_data(frame), bytes.data, bytes.size);
}

// send_first sends the frame that decides whether the message is taken; closes it when it is not.
static enum wg_sent send_first(void *socket, zmq_msg_t *frame, bool more) {
  if (send_frame(socket, frame, more ? ZMQ_SNDMORE : 0) >= 0) return WG_SENT;
  int failure = errno;
  zmq_msg_close(frame);
  return failure == EAGAIN ? WG_SENT_FULL : WG_SENT_GONE;
}

// send_rest sends a later frame. It fails only when the context is being ended, and then nothing is sent any more.
static void send_rest(void *socket, zmq_msg_t *frame, bool more) {
  if (send_frame(socket, frame, more ? ZMQ_SNDMORE : 0) < 0) zmq_msg_close(frame);
}

enum wg_sent wg_router_send(void *router, const struct wg_peer *peer, struct wg_bytes envelope, zmq_msg_t *body) {
  zmq_msg_t id, frame;
  make_frame(&frame, envelope);
  make_frame(&id, (struct wg_bytes){peer->id, peer->size});
  enum wg_sent sent = send_first(router, &id, true);
  if (sent != WG_SENT) {
    zmq_msg_close(&frame);
    return sent;
  }
  send_rest(router, &frame, body != NULL);
  if (body) send_rest(router, body, false);
  return WG_SENT;
}

enum wg_sent wg_router_send_bytes(void *router, const struct wg_peer *peer, struct wg_bytes envelope,
                                  struct wg_bytes body) {
  if (!body.data) return wg_router_send(router, peer, envelope, NULL);
  zmq_msg_t frame;
  make_frame(&frame, body);
  enum wg_sent sent = wg_router_send(router, peer, envelope, &frame);
  if (sent != WG_SENT) zmq_msg_close(&frame);
  return sent;
}

enum wg_sent wg_dealer_send(void *dealer, struct wg_bytes envelope, struct wg_bytes body) {
  zmq_msg_t first, second;
  make_frame(&first, envelope);
  if (!body.data) return send_first(dealer, &first, false);
  make_frame(&second, body);
  enum wg_sent sent = send_first(dealer, &first, true);
  if (sent != WG_SENT) {
    zmq_msg_close(&second);
    return sent;
  }
  // The connection may break between two frames: libzmq takes the first back and says EAGAIN (lb.cpp, 4.3.4).
  return send_first(dealer, &second, false);
}

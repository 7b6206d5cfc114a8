// Answers libzmq's question "may this key connect?" from the principals file.
//
// A refusal is status 300 (temporary), not 400: on 400 libzmq 4.3.4's client ends its session for good and would not
// even notice that its key was admitted a second later; on 300 it is disconnected and tries again. The peer learns
// nothing from either.
#include "common/bus/zap.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define STOP_ENDPOINT "inproc://wangge.zap.stop"
#define ZAP_FRAMES 7 // version, request id, domain, address, routing id, mechanism, credentials

struct wg_zap {
  void *socket;         // REP, used by the thread alone once it runs
  void *stop, *stopped; // PAIR: ours, the thread's
  struct wg_principals *principals;
  pthread_t thread;
  _Atomic uint64_t refused;
  int64_t logged_us; // of the last refusal in the log
  uint64_t unlogged;
};

struct zap_request {
  zmq_msg_t frames[ZAP_FRAMES];
  int count; // frames that arrived, kept or not
};

static bool frame_is(const zmq_msg_t *frame, const char *text) {
  size_t size = strlen(text);
  return zmq_msg_size(frame) == size && !memcmp(zmq_msg_data((zmq_msg_t *)frame), text, size);
}

// receive_request takes one whole request; false: none. Surplus frames are dropped, missing ones stay empty.
static bool receive_request(void *socket, struct zap_request *request) {
  zmq_msg_t frame;
  request->count = 0;
  for (int i = 0; i < ZAP_FRAMES; i++)
    zmq_msg_init(&request->frames[i]);
  zmq_msg_init(&frame);
  for (int more = 1; more; request->count++) {
    int rc;
    do
      rc = zmq_msg_recv(&frame, socket, ZMQ_DONTWAIT);
    while (rc < 0 && errno == EINTR);
    if (rc < 0) break;
    more = zmq_msg_more(&frame);
    if (request->count < ZAP_FRAMES) zmq_msg_move(&request->frames[request->count], &frame);
  }
  zmq_msg_close(&frame);
  return request->count > 0;
}

static void close_request(struct zap_request *request) {
  for (int i = 0; i < ZAP_FRAMES; i++)
    zmq_msg_close(&request->frames[i]);
}

// decide finds the principal of the key in the request; NULL, or why not.
static const char *decide(struct wg_zap *zap, const struct zap_request *request, struct wg_principal *principal) {
  if (request->count != ZAP_FRAMES || !frame_is(&request->frames[0], "1.0")) return "not a ZAP 1.0 request";
  if (!frame_is(&request->frames[5], "CURVE")) return "not the CURVE mechanism";
  if (zmq_msg_size(&request->frames[6]) != 32) return "not a CURVE key";
  char key[41];
  if (!zmq_z85_encode(key, zmq_msg_data((zmq_msg_t *)&request->frames[6]), 32)) return "not a CURVE key";
  if (!wg_principals_by_key(zap->principals, key, principal)) return "key not in the principals file";
  return NULL;
}

// log_refusal says at most once in ten seconds who was refused: a stranger must not be able to fill the log.
static void log_refusal(struct wg_zap *zap, const struct zap_request *request, const char *reason) {
  int64_t now = wg_monotonic_us();
  if (zap->logged_us && now - zap->logged_us < 10 * WG_SECOND_US) {
    zap->unlogged++;
    return;
  }
  char address[64] = "";
  const zmq_msg_t *frame = &request->frames[3];
  snprintf(address, sizeof address, "%.*s", (int)zmq_msg_size(frame), (const char *)zmq_msg_data((zmq_msg_t *)frame));
  wg_log(WG_LOG_WARN, "handshake refused", wg_field_text("reason", reason), wg_field_text("address", address),
         wg_field_int("more_since_last_line", (int64_t)zap->unlogged));
  zap->logged_us = now;
  zap->unlogged = 0;
}

static void send_frame(void *socket, const void *data, size_t size, int flags) {
  int rc;
  do
    rc = zmq_send(socket, data, size, flags | ZMQ_DONTWAIT);
  while (rc < 0 && errno == EINTR);
  if (rc < 0) wg_log(WG_LOG_WARN, "ZAP answer not sent", wg_field_text("reason", zmq_strerror(errno)));
}

// metadata_of writes one property in the form of ZMTP: length, name, 4-byte length, value.
static size_t metadata_of(const char *key, uint8_t buffer[64]) {
  size_t name = sizeof WG_ZAP_KEY_PROPERTY - 1, value = strlen(key);
  buffer[0] = (uint8_t)name;
  memcpy(buffer + 1, WG_ZAP_KEY_PROPERTY, name);
  memset(buffer + 1 + name, 0, 3);
  buffer[1 + name + 3] = (uint8_t)value;
  memcpy(buffer + 1 + name + 4, key, value);
  return 1 + name + 4 + value;
}

static void answer(struct wg_zap *zap, const struct zap_request *request) {
  struct wg_principal principal;
  uint8_t metadata[64];
  const char *reason = decide(zap, request, &principal);
  send_frame(zap->socket, "1.0", 3, ZMQ_SNDMORE);
  send_frame(zap->socket, zmq_msg_data((zmq_msg_t *)&request->frames[1]), zmq_msg_size(&request->frames[1]),
             ZMQ_SNDMORE);
  if (reason) {
    atomic_fetch_add(&zap->refused, 1);
    log_refusal(zap, request, reason);
    send_frame(zap->socket, "300", 3, ZMQ_SNDMORE);
    send_frame(zap->socket, "refused", 7, ZMQ_SNDMORE);
    send_frame(zap->socket, "", 0, ZMQ_SNDMORE);
    send_frame(zap->socket, "", 0, 0);
    return;
  }
  send_frame(zap->socket, "200", 3, ZMQ_SNDMORE);
  send_frame(zap->socket, "", 0, ZMQ_SNDMORE);
  send_frame(zap->socket, principal.name, strlen(principal.name), ZMQ_SNDMORE);
  send_frame(zap->socket, metadata, metadata_of(principal.key, metadata), 0);
}

static void *zap_main(void *argument) {
  struct wg_zap *zap = argument;
  zmq_pollitem_t items[] = {{.socket = zap->socket, .events = ZMQ_POLLIN},
                            {.socket = zap->stopped, .events = ZMQ_POLLIN}};
  struct zap_request request;
  for (;;) {
    int rc = zmq_poll(items, 2, -1);
    if (rc < 0 && errno == EINTR) continue;
    if (rc < 0 || items[1].revents) break;
    if (!items[0].revents) continue;
    if (receive_request(zap->socket, &request)) answer(zap, &request);
    close_request(&request);
  }
  zmq_close(zap->socket);
  zmq_close(zap->stopped);
  return NULL;
}

static void *bound(void *context, int type, const char *endpoint) {
  void *socket = zmq_socket(context, type);
  int linger = 0;
  if (!socket) return NULL;
  zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
  if (zmq_bind(socket, endpoint)) {
    int failure = errno;
    zmq_close(socket);
    errno = failure;
    return NULL;
  }
  return socket;
}

wg_status wg_zap_start(void *context, struct wg_principals *principals, struct wg_zap **zap, struct wg_error *error) {
  struct wg_zap *made = wg_zalloc(sizeof *made);
  made->principals = principals;
  made->socket = bound(context, ZMQ_REP, ZAP_ENDPOINT);
  if (!made->socket) goto fail;
  made->stopped = bound(context, ZMQ_PAIR, STOP_ENDPOINT);
  if (!made->stopped) goto fail;
  made->stop = zmq_socket(context, ZMQ_PAIR);
  if (!made->stop || zmq_connect(made->stop, STOP_ENDPOINT)) goto fail;
  errno = pthread_create(&made->thread, NULL, zap_main, made);
  if (errno) goto fail;
  *zap = made;
  return WG_OK;
fail:
  wg_fail(error, WG_INTERNAL, NULL, "cannot start the ZAP handler: %s", zmq_strerror(errno));
  if (made->stop) zmq_close(made->stop);
  if (made->stopped) zmq_close(made->stopped);
  if (made->socket) zmq_close(made->socket);
  free(made);
  return error->code;
}

void wg_zap_stop(struct wg_zap *zap) {
  send_frame(zap->stop, "", 0, 0);
  pthread_join(zap->thread, NULL);
  int linger = 0;
  zmq_setsockopt(zap->stop, ZMQ_LINGER, &linger, sizeof linger);
  zmq_close(zap->stop);
  free(zap);
}

uint64_t wg_zap_refused(const struct wg_zap *zap) {
  return atomic_load(&zap->refused);
}

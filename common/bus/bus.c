// Context, sockets and their options: the one place that knows how a socket of ours is set up.
#include "common/bus/zap.h"

#include "common/wire/wire.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

enum {
  HIGH_WATER = 1000,         // messages per peer and direction; streams bound bytes by credit long before
  HANDSHAKE_MS = 3000,       // a connection that does not prove its key by then is cut
  HEARTBEAT_MS = 2000,       // a dead peer is noticed …
  HEARTBEAT_LIMIT_MS = 6000, // … after this
  LINGER_MS = 1000,          // last answers get this long at the end
  RECONNECT_MS = 100,
  RECONNECT_MAX_MS = 5000,
  BACKLOG = 512, // all clients come back at once when a service was restarted
};

struct option {
  int name;
  int value;
};

static const struct option common_options[] = {
    {ZMQ_SNDHWM, HIGH_WATER},
    {ZMQ_RCVHWM, HIGH_WATER},
    {ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
    {ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS},
    {ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_LIMIT_MS},
    {ZMQ_HEARTBEAT_TTL, HEARTBEAT_LIMIT_MS},
    {ZMQ_LINGER, LINGER_MS},
    {ZMQ_IPV6, 1},
};
static const struct option router_options[] = {
    {ZMQ_ROUTER_MANDATORY, 1},
    {ZMQ_ROUTER_HANDOVER, 0}, // 1 would let a peer take over another's routing id
    {ZMQ_BACKLOG, BACKLOG},
    {ZMQ_CURVE_SERVER, 1},
};
static const struct option dealer_options[] = {
    {ZMQ_RECONNECT_IVL, RECONNECT_MS},
    {ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS},
    {ZMQ_IMMEDIATE, 1}, // queue nothing for a server that is not there
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool set_options(void *socket, const struct option *options, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (zmq_setsockopt(socket, options[i].name, &options[i].value, sizeof options[i].value)) return false;
  return true;
}

static bool set_common(void *socket) {
  int64_t largest = WG_WIRE_MAX_BYTES;
  return set_options(socket, common_options, COUNT(common_options)) &&
         !zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &largest, sizeof largest);
}

wg_status wg_bus_start(struct wg_bus *bus, const struct wg_key *key, struct wg_principals *principals,
                       struct wg_error *error) {
  memset(bus, 0, sizeof *bus);
  if (!zmq_has("curve") || sodium_init() < 0)
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "libzmq was built without CURVE");
  bus->context = zmq_ctx_new();
  if (!bus->context) return wg_fail(error, WG_INTERNAL, NULL, "cannot make a ZeroMQ context: %s", zmq_strerror(errno));
  wg_status status = wg_zap_start(bus->context, principals, &bus->zap, error);
  if (status != WG_OK) {
    zmq_ctx_term(bus->context);
    bus->context = NULL;
    return status;
  }
  bus->principals = principals;
  bus->key = *key;
  return WG_OK;
}

void wg_bus_stop(struct wg_bus *bus) {
  if (bus->zap) wg_zap_stop(bus->zap);
  if (bus->context)
    while (zmq_ctx_term(bus->context) && errno == EINTR)
      continue;
  sodium_memzero(bus, sizeof *bus);
}

uint64_t wg_bus_refused(const struct wg_bus *bus) {
  return bus->zap ? wg_zap_refused(bus->zap) : 0;
}

wg_status wg_bus_router(struct wg_bus *bus, const char *endpoint, void **socket, struct wg_error *error) {
  if (!bus->zap)
    return wg_fail(error, WG_FAILED_PRECONDITION, "listen",
                   "no ZAP handler runs; a socket bound now would admit every key");
  void *made = zmq_socket(bus->context, ZMQ_ROUTER);
  if (!made) return wg_fail(error, WG_INTERNAL, NULL, "cannot make a ROUTER: %s", zmq_strerror(errno));
  if (!set_common(made) || !set_options(made, router_options, COUNT(router_options)) ||
      zmq_setsockopt(made, ZMQ_CURVE_SECRETKEY, bus->key.secret_z85, 41) ||
      zmq_setsockopt(made, ZMQ_ZAP_DOMAIN, "wangge", 6)) {
    wg_fail(error, WG_INTERNAL, NULL, "cannot set up a ROUTER: %s", zmq_strerror(errno));
  } else if (zmq_bind(made, endpoint)) {
    wg_fail(error, WG_UNAVAILABLE, "listen", "cannot listen on \"%s\": %s", endpoint, zmq_strerror(errno));
  } else {
    *socket = made;
    return WG_OK;
  }
  zmq_close(made);
  return error->code;
}

wg_status wg_bus_dealer(void *context, const struct wg_key *key, const char *endpoint, const char *server_key_z85,
                        void **socket, struct wg_error *error) {
  void *made = zmq_socket(context, ZMQ_DEALER);
  if (!made) return wg_fail(error, WG_INTERNAL, NULL, "cannot make a DEALER: %s", zmq_strerror(errno));
  if (strlen(server_key_z85) != 40 || zmq_setsockopt(made, ZMQ_CURVE_SERVERKEY, server_key_z85, 41)) {
    wg_fail(error, WG_INVALID_ARGUMENT, "keys", "the server's public key for \"%s\" is not 40 characters of Z85",
            endpoint);
  } else if (!set_common(made) || !set_options(made, dealer_options, COUNT(dealer_options)) ||
             zmq_setsockopt(made, ZMQ_CURVE_PUBLICKEY, key->public_z85, 41) ||
             zmq_setsockopt(made, ZMQ_CURVE_SECRETKEY, key->secret_z85, 41)) {
    wg_fail(error, WG_INTERNAL, NULL, "cannot set up a DEALER: %s", zmq_strerror(errno));
  } else if (zmq_connect(made, endpoint)) {
    wg_fail(error, WG_INVALID_ARGUMENT, "endpoint", "cannot connect to \"%s\": %s", endpoint, zmq_strerror(errno));
  } else {
    *socket = made;
    return WG_OK;
  }
  int linger = 0;
  zmq_setsockopt(made, ZMQ_LINGER, &linger, sizeof linger);
  zmq_close(made);
  return error->code;
}

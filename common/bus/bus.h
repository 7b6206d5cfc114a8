// ZeroMQ sockets with one place for options, the ZAP handler, and who a peer is.
//
// Every socket uses CURVE. wg_bus_start starts the ZAP handler before any socket can be bound (CURVE without a ZAP
// handler accepts every key); a key that is not in the principals file is refused at the handshake. The User-Id that
// ZAP gives is the principal's name; it is read from the payload frame (libzmq 4.3.4 has none on the routing-id frame).
// Routing ids are chosen by the client and are never used to decide a right.
#pragma once

#include "common/base/arena.h"
#include "common/base/status.h"

#include <zmq.h>

// --- principals ---
enum wg_role {                 // bits
  WG_ROLE_SOURCE = 1 << 0,     // pushes orders of its own source
  WG_ROLE_DEPARTMENT = 1 << 1, // acts on and subscribes to its own department
  WG_ROLE_DISPATCHER = 1 << 2, // dispatcher's desk (派单席)
  WG_ROLE_OPERATOR = 1 << 3,   // watches queues, dead letters
  WG_ROLE_SERVICE = 1 << 4,    // another service of the cell
  WG_ROLE_REGISTRAR = 1 << 5,  // keeps the registry of grids, people and reference data (统管员)
  WG_ROLE_VILLAGE = 1 << 6,    // keeps the land of its villages (村委会): `areas`
  WG_ROLE_TOWNSHIP = 1 << 7,   // approves for the villages of its town (乡镇): `areas`
};
#define WG_ROLE_ANY 0xffffu

struct wg_principal {
  char name[65]; // unique, token; for a source: its source name; for a service: its service name
  unsigned roles;
  char department[65]; // role DEPARTMENT: its code
  char key[41];        // CURVE public key, Z85
  int previous_keys;   // still accepted, while a key is being replaced
  char previous_key[2][41];
  int default_channel; // role SOURCE: wangge.v1.Channel for orders without one
  int districts;       // 0: all that the cell serves
  char district[32][7];
  int areas; // roles VILLAGE and TOWNSHIP: prefixes of village codes, 6 to 12 digits; at least one
  char area[32][13];
  int origins; // role SOURCE: stations or message groups that it hands over for, by their codes; 0: any
  char origin[16][33];
};
// wg_principal_may_area: a principal with areas has them only; one without has all. A beginning of a village's code is
// his when all villages that begin so are.
bool wg_principal_may_area(const struct wg_principal *principal, const char *village);

// The principals file: INI, section per principal: key, roles (comma separated: source, department, dispatcher,
// operator, service, registrar), department, districts (comma separated), channel (name of wangge.v1.Channel, e.g.
// patrol_visit), previous_keys, areas, origins (comma separated). key and roles are required; department belongs to
// role department, channel to role source, origins to a source whose channel is station_walk_in or wechat_group. (The
// INI reader limits a section's name to 49 bytes.) Read at start and again when its mtime changes (looked at once a
// second) or on SIGHUP; a file with an error is refused whole and the old one stays in force, logged and counted.
// Lookups are safe from any thread.
struct wg_principals;
wg_status wg_principals_open(const char *path, struct wg_principals **principals, struct wg_error *error);
void wg_principals_close(struct wg_principals *principals);
wg_status wg_principals_reload(struct wg_principals *principals, struct wg_error *error);
// wg_principals_refresh reloads when the file changed; true when a new version came into force.
// Cheap enough for every turn of a loop; the file is looked at once a second.
bool wg_principals_refresh(struct wg_principals *principals);
// Grows with every version that comes into force (1 after open): whoever keeps rights compares it and checks again.
uint64_t wg_principals_version(const struct wg_principals *principals);
uint64_t wg_principals_failures(const struct wg_principals *principals); // reloads refused because of an error
// Copies; false: no such principal (or not any more). Called for every message, so a revoked key stops at once.
bool wg_principals_by_name(struct wg_principals *principals, const char *name, struct wg_principal *copy);
bool wg_principals_by_key(struct wg_principals *principals, const char *key_z85, struct wg_principal *copy);
struct wg_incoming;
// wg_principals_by_peer is by_name for the sender of a message, and false also when the principal has another key by
// now: a connection that was made with a key that is neither its own nor a previous one has no rights any more. Calls
// are admitted by this one.
bool wg_principals_by_peer(struct wg_principals *principals, const struct wg_incoming *incoming,
                           struct wg_principal *copy);
const char *wg_role_name(unsigned one_role);
bool wg_role_parse(const char *name, unsigned *role);

// --- keys ---
struct wg_key {
  char public_z85[41];
  char secret_z85[41];
};
// Key file: two lines "public = …", "secret = …", mode 0600 (a file that others may read is refused, and one whose
// halves do not belong together).
wg_status wg_key_read(const char *path, struct wg_key *key, struct wg_error *error);
wg_status wg_key_generate(const char *path, struct wg_key *key, struct wg_error *error); // never overwrites
// wg_key_wipe clears both halves; for every copy of a key that is no longer needed.
void wg_key_wipe(struct wg_key *key);

// --- bus ---
struct wg_bus {
  void *context; // zmq context
  struct wg_principals *principals;
  struct wg_key key;
  struct wg_zap *zap;
};
// wg_bus_start copies the key; the principals stay the caller's and must outlive the bus.
wg_status wg_bus_start(struct wg_bus *bus, const struct wg_key *key, struct wg_principals *principals,
                       struct wg_error *error);
void wg_bus_stop(struct wg_bus *bus);              // after every socket is closed; wipes the key
uint64_t wg_bus_refused(const struct wg_bus *bus); // handshakes refused by ZAP since start
// wg_bus_router binds a ROUTER (CURVE server, ROUTER_MANDATORY, ROUTER_HANDOVER off, heartbeats 2 s/6 s, handshake 3 s,
// MAXMSGSIZE, linger 1 s, high-water mark 1,000). FAILED_PRECONDITION without a running ZAP handler. An endpoint that
// is not loopback or ipc works because CURVE is always on.
wg_status wg_bus_router(struct wg_bus *bus, const char *endpoint, void **socket, struct wg_error *error);
// wg_bus_dealer connects a DEALER (CURVE client, reconnect 100 ms … 5 s, IMMEDIATE) to a server with this public key.
// A key that the server does not know (yet), or another server key, shows as never becoming writable; libzmq goes on
// trying. `context` may be a bus's or any other. Port 0 or * of a bind is found by ZMQ_LAST_ENDPOINT.
wg_status wg_bus_dealer(void *context, const struct wg_key *key, const char *endpoint, const char *server_key_z85,
                        void **socket, struct wg_error *error);

// --- messages of the ROUTER side ---
// A peer: its routing id (as opaque bytes, at most 255).
struct wg_peer {
  uint8_t size;
  uint8_t id[255];
};
bool wg_peer_equal(const struct wg_peer *a, const struct wg_peer *b);
// One message in: [routing id][envelope][body?]. Frames are closed by wg_incoming_close.
struct wg_incoming {
  struct wg_peer peer;
  char user[65]; // User-Id of the payload frame; "" when there is none (always on a DEALER)
  char key[41];  // public key (Z85) the peer proved to have when it connected; "" when there is none
  int frames;    // after the routing id: 1 or 2; anything else was drained and counts as malformed
  zmq_msg_t envelope, body;
};
// wg_router_receive takes one message without waiting; false: none (or the context is being ended). Malformed messages
// have frames == 0. After true, wg_incoming_close is always due, also when envelope or body was moved away.
bool wg_router_receive(void *router, struct wg_incoming *incoming);
void wg_incoming_close(struct wg_incoming *incoming);
enum wg_sent { WG_SENT, WG_SENT_FULL, WG_SENT_GONE };
// wg_router_send sends envelope and body (body may be NULL) to a peer without waiting. FULL: at the high-water mark,
// try later. GONE: no such peer. `body` is a zmq message that is moved on success (use zmq_msg_copy to share bytes) and
// untouched otherwise. SENT means queued: a peer that breaks off right then does not get it, so effects that matter
// need an acknowledgement. A ROUTER polls as writable whatever its peers' queues are: retry FULL on a timer.
enum wg_sent wg_router_send(void *router, const struct wg_peer *peer, struct wg_bytes envelope, zmq_msg_t *body);
enum wg_sent wg_router_send_bytes(void *router, const struct wg_peer *peer, struct wg_bytes envelope,
                                  struct wg_bytes body);
// DEALER side, same shape without routing id. FULL also while there is no connection; body.data NULL: one frame.
bool wg_dealer_receive(void *dealer, struct wg_incoming *incoming);
enum wg_sent wg_dealer_send(void *dealer, struct wg_bytes envelope, struct wg_bytes body);

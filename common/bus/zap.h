// The ZAP handler: the thread that libzmq asks about every CURVE handshake of a context. Private to common/bus.
// Protocol: https://rfc.zeromq.org/spec/27/
#pragma once

#include "common/bus/bus.h"

struct wg_zap;
// wg_zap_start returns when the handler answers; from then on a bind is safe.
wg_status wg_zap_start(void *context, struct wg_principals *principals, struct wg_zap **zap, struct wg_error *error);
void wg_zap_stop(struct wg_zap *zap);
uint64_t wg_zap_refused(const struct wg_zap *zap);
// Name of the message property that carries the peer's public key.
#define WG_ZAP_KEY_PROPERTY "Wangge-Key"

// The HTTP port of a service: GET /metrics, /livez (loop ticked in the last 10 s), /readyz (checks as JSON, 503 when
// one fails), /startupz (200 once it was ready). Own thread (libmicrohttpd), loopback by default, GET and HEAD only.
#pragma once

#include "common/base/status.h"
#include "common/obs/metrics.h"

struct wg_health; // filled by the loop, read by the HTTP thread
struct wg_health *wg_health_create(void);
void wg_health_destroy(struct wg_health *health);
void wg_health_tick(struct wg_health *health); // the loop is alive
// A named readiness check; `detail` says why not. The first call registers it.
void wg_health_set(struct wg_health *health, const char *check, bool ready, const char *detail);
// Ready: at least one check is registered and none fails.
bool wg_health_ready(const struct wg_health *health);

struct wg_http;
// `listen`: "127.0.0.1:7201"; port 0 picks a free one.
wg_status wg_http_start(const char *listen, struct wg_metrics *metrics, struct wg_health *health, struct wg_http **http,
                        struct wg_error *error);
int wg_http_port(const struct wg_http *http);
void wg_http_stop(struct wg_http *http);
// sd_notify(3) for systemd: "READY=1", "STATUS=…", "WATCHDOG=1"; nothing without NOTIFY_SOCKET.
void wg_notify(const char *state);

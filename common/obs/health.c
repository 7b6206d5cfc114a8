// What the loop knows about itself, for whoever asks over HTTP.
#include "common/obs/health.h"

#include "common/base/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIVE_US (10 * WG_SECOND_US)

struct check {
  struct check *next;
  char *name;
  bool ready;
  char detail[256];
};

struct wg_health {
  _Atomic int64_t ticked_us; // monotonic; 0: never
  pthread_mutex_t lock;      // of the rest
  struct check *checks;      // in order of registration
  bool started;              // was ready once
};

struct wg_health *wg_health_create(void) {
  struct wg_health *health = wg_zalloc(sizeof *health);
  pthread_mutex_init(&health->lock, NULL);
  return health;
}

void wg_health_destroy(struct wg_health *health) {
  if (!health) return;
  for (struct check *check = health->checks, *next; check; check = next) {
    next = check->next;
    free(check->name);
    free(check);
  }
  pthread_mutex_destroy(&health->lock);
  free(health);
}

void wg_health_tick(struct wg_health *health) {
  atomic_store_explicit(&health->ticked_us, wg_monotonic_us(), memory_order_relaxed);
}

bool wg_health_live(const struct wg_health *health) {
  int64_t ticked = atomic_load_explicit(&health->ticked_us, memory_order_relaxed);
  return ticked && wg_monotonic_us() - ticked <= LIVE_US;
}

static bool all_ready(const struct wg_health *health) {
  for (const struct check *check = health->checks; check; check = check->next)
    if (!check->ready) return false;
  return health->checks != NULL;
}

void wg_health_set(struct wg_health *health, const char *name, bool ready, const char *detail) {
  pthread_mutex_lock(&health->lock);
  struct check **end = &health->checks;
  while (*end && strcmp((*end)->name, name))
    end = &(*end)->next;
  struct check *check = *end;
  if (!check) {
    check = *end = wg_zalloc(sizeof *check);
    check->name = wg_strdup(name);
  }
  check->ready = ready;
  snprintf(check->detail, sizeof check->detail, "%s", detail ? detail : "");
  if (all_ready(health)) health->started = true;
  pthread_mutex_unlock(&health->lock);
}

bool wg_health_ready(const struct wg_health *health) {
  pthread_mutex_t *lock = (pthread_mutex_t *)&health->lock;
  pthread_mutex_lock(lock);
  bool ready = all_ready(health);
  pthread_mutex_unlock(lock);
  return ready;
}

bool wg_health_started(struct wg_health *health) {
  pthread_mutex_lock(&health->lock);
  bool started = health->started;
  pthread_mutex_unlock(&health->lock);
  return started;
}

bool wg_health_write(struct wg_health *health, struct wg_buffer *out) {
  pthread_mutex_lock(&health->lock);
  bool ready = all_ready(health);
  wg_buffer_printf(out, "{\"ready\":%s,\"checks\":{", ready ? "true" : "false");
  for (const struct check *check = health->checks; check; check = check->next) {
    wg_json_quote(out, wg_bytes_of(check->name));
    wg_buffer_printf(out, ":{\"ready\":%s", check->ready ? "true" : "false");
    if (check->detail[0]) {
      wg_buffer_text(out, ",\"detail\":");
      wg_json_quote(out, wg_bytes_of(check->detail));
    }
    wg_buffer_text(out, check->next ? "}," : "}");
  }
  wg_buffer_text(out, "}}\n");
  pthread_mutex_unlock(&health->lock);
  return ready;
}

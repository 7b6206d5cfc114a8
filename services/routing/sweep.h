// The nightly sweep for themes (theme.h): a reader thread looks for them (sweep.c), the loop's tick stores what was
// found (theme_store.c). One result at a time: no sweep begins while one waits to be stored.
#pragma once

#include "common/stage/stage.h"
#include "services/routing/theme.h"

#include <pthread.h>

struct routing_theme_row {
  const char *district, *title, *grams, *evidence;
  struct routing_theme theme;
};
struct routing_theme_set { // what a sweep found; all memory is of its arena
  struct wg_arena *arena;
  struct routing_theme_row *rows;
  size_t count, orders;
  int64_t idf;
  int32_t prior; // number of the sweep before
  double seconds;
};

struct routing_sweep {
  pthread_mutex_t lock;           // over what follows
  struct routing_theme_set *made; // waits for the tick
  bool requested;
  int64_t last; // when the newest sweep ended, as far as is known; 0: not yet asked, or none
  struct wg_metric *at, *seconds, *themes;
};

void routing_sweep_start(struct routing_sweep *sweep, struct wg_metrics *metrics);
void routing_sweep_stop(struct routing_sweep *sweep);
// routing_sweep_refresh is the stage's refresh: sweeps when it is due or was asked for.
wg_status routing_sweep_refresh(void *service, struct wg_db *db, int64_t now, struct wg_error *error);
// routing_sweep_waiting gives the tick what has to be stored, or NULL; routing_sweep_stored: it was.
const struct routing_theme_set *routing_sweep_waiting(struct routing_sweep *sweep);
void routing_sweep_stored(struct routing_sweep *sweep, int64_t now);

// theme_store.c
wg_status routing_themes_write(struct wg_batch *batch, const struct routing_theme_set *set, struct wg_error *error);
wg_status routing_show_themes(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status routing_show_theme(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status routing_sweep_now(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);

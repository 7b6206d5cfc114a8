// The state of the land service, and the functions that its main.c wires into the stage. The loop thread owns the book;
// readers read the database.
#pragma once

#include "common/calendar/calendar.h"
#include "common/orders/orders.h"
#include "common/stage/stage.h"
#include "services/land/ledger/checkpoint.h"
#include "services/land/topic.h"

#define LAND_STREAM "land.entries"

enum { LAND_DISTRICT_DIGITS = 6 };

// A village in memory: all its records are in the book.
struct land_village {
  char code[LAND_VILLAGE_DIGITS + 1];
  struct land_head head;
  size_t bytes;  // packed size of its records
  uint64_t used; // number of the batch that needed it last
};

// Villages with records whose day has come, as a tick found them: the next one loads them and lets time act.
enum { LAND_DUES = 64 };
struct land_dues {
  char village[LAND_DUES][LAND_VILLAGE_DIGITS + 1];
  size_t count;
};

// When checkpoints are looked after again (ledger/daily.h), and whether it is the districts' turn.
struct land_checkpoints_due {
  int64_t at_us;
  bool districts;
};

struct land_settings {
  char *intake;
};
extern const struct wg_setting LAND_SETTINGS[];

struct land {
  struct wg_book *book;
  struct wg_map *villages; // by code: struct land_village
  size_t bytes;            // of all villages
  uint64_t batches;
  struct land_dues dues;
  struct land_checkpoints_due checkpoints;
  struct land_signer signer; // set once, before any thread reads it
  struct wg_calendars *calendars;
  struct wg_map *communities; // villages the registry knows
  struct wg_metrics *metrics;
  struct wg_metric *entries, *refused, *repeated, *failed, *loaded, *held;
  char *intake;             // endpoint to push orders to; "": none
  struct wg_orders *orders; // NULL: they stay pending
  struct wg_intake *asks;   // is asked for files before a record names them; NULL: nobody is
  struct wg_metric *orders_pending, *order_failures;
};

// state.c
wg_status land_start(const void *settings, struct wg_metrics *metrics, void **service, struct wg_error *error);
void land_stop(void *service);
wg_status land_connect(void *service, const struct wg_identity *identity, struct wg_error *error);
wg_status land_records(void *service, const struct wg_reference_set *set, struct wg_error *error);
wg_status land_load_state(void *service, struct wg_db *db, struct wg_error *error);
void land_forget(struct land *land, struct land_village *village);

// batch.c
int32_t land_today(int64_t now); // civil day in Asia/Shanghai, since 1970-01-01
wg_status land_load(void *service, struct wg_batch *batch, struct wg_error *error);
wg_status land_decide(void *service, struct wg_batch *batch, struct wg_error *error);
wg_status land_store(void *service, struct wg_batch *batch, struct wg_error *error);
void land_committed(void *service, struct wg_batch *batch);
void land_rolled_back(void *service, struct wg_batch *batch);

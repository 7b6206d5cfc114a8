// Durable consumers: their positions and dead letters. Positions are written at most every 100 ms, with the batch that
// runs anyway or by one of their own. A position never passes a dead letter that is not stored yet.
#include "common/stream/server_internal.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/stream/record.h"

#include <stdlib.h>
#include <string.h>

enum { STORE_US = 100000, LETTERS_AT_ONCE = 64 };

static const struct wg_statement LOAD_CONSUMERS = {
    "stream_load_consumers", "SELECT stream, name, topic, acked, principal, acked_at FROM consumer", 0};
static const struct wg_statement LOAD_WAITING = {
    "stream_load_waiting",
    "SELECT stream, consumer, topic, count(*), bool_or(redrive) FROM parked WHERE state = 1 GROUP BY 1, 2, 3", 0};
static const struct wg_statement STORE_CONSUMERS = {
    "stream_store_consumers",
    "INSERT INTO consumer (stream, name, topic, acked, principal, acked_at) SELECT * FROM unnest($1::text[], "
    "$2::text[], "
    "$3::text[], $4::bigint[], $5::text[], $6::timestamptz[]) ON CONFLICT (stream, name, topic) DO UPDATE SET acked = "
    "excluded.acked, principal = excluded.principal, acked_at = excluded.acked_at",
    6};
static const struct wg_statement PARK = {
    "stream_park",
    "INSERT INTO parked AS p (stream, consumer, topic, number, seq, type, reason, event) SELECT * FROM "
    "unnest($1::text[], "
    "$2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::bytea[]) "
    "ON CONFLICT (stream, consumer, topic, number) DO UPDATE SET state = 1, redrive = false, reason = excluded.reason, "
    "attempts = p.attempts + 1",
    8};
static const struct wg_statement DECIDE = {
    "stream_decide",
    "UPDATE parked p SET redrive = false, state = CASE WHEN d.digested THEN 2 ELSE 1 END, attempts = p.attempts + 1, "
    "reason = CASE WHEN d.digested THEN p.reason ELSE d.reason END FROM unnest($1::bigint[], $2::boolean[], "
    "$3::text[]) "
    "AS d(parked_id, digested, reason) WHERE p.parked_id = d.parked_id AND p.state = 1",
    3};
static const struct wg_statement LETTERS = {
    "stream_letters",
    "SELECT parked_id, number, event FROM parked WHERE stream = $1 AND consumer = $2 AND topic = $3 AND state = 1 AND "
    "redrive ORDER BY parked_id LIMIT $4",
    4};
static const struct wg_statement COUNT_WAITING = {
    "stream_count_waiting",
    "SELECT count(*) FROM parked WHERE stream = $1 AND consumer = $2 AND topic = $3 AND state = 1", 3};

// --- the list ---
struct wg_durable *wg_durable_of(const struct wg_stream_server *server, size_t stream, const char *name,
                                 const char *topic) {
  for (struct wg_durable *durable = server->durables; durable; durable = durable->next) {
    if (durable->stream == stream && strcmp(durable->name, name) == 0 && strcmp(durable->topic, topic) == 0)
      return durable;
  }
  return NULL;
}

size_t wg_durable_count(const struct wg_stream_server *server, const char *principal) {
  size_t count = 0;
  for (const struct wg_durable *durable = server->durables; durable; durable = durable->next)
    count += !principal || strcmp(durable->principal, principal) == 0;
  return count;
}

struct wg_durable *wg_durable_add(struct wg_stream_server *server, size_t stream, const char *name, const char *topic) {
  struct wg_durable *durable = wg_zalloc(sizeof *durable);
  durable->stream = stream;
  durable->name = wg_strdup(name);
  durable->topic = wg_strdup(topic);
  durable->next = server->durables;
  server->durables = durable;
  return durable;
}

static void free_parking(struct wg_parking *parking) {
  free(parking->reason);
  free((void *)(uintptr_t)parking->event.data);
  free(parking);
}

static void free_letters(struct wg_durable *durable) {
  while (durable->letters) {
    struct wg_letter *next = durable->letters->next;
    free((void *)(uintptr_t)durable->letters->event.data);
    free(durable->letters);
    durable->letters = next;
  }
}

void wg_durable_free(struct wg_durable *durable) {
  while (durable->parkings) {
    struct wg_parking *next = durable->parkings->next;
    free_parking(durable->parkings);
    durable->parkings = next;
  }
  free_letters(durable);
  free(durable->name);
  free(durable->topic);
  free(durable);
}

void wg_durable_disconnected(struct wg_durable *durable) {
  durable->subscription = NULL;
  // Dead letters whose event was not found yet are forgotten: the position goes back behind them, so they come again.
  for (struct wg_parking **at = &durable->parkings; *at;) {
    struct wg_parking *parking = *at;
    if (parking->ready || parking->storing) {
      at = &parking->next;
      continue;
    }
    if (durable->acked >= parking->number) durable->acked = parking->number - 1;
    *at = parking->next;
    free_parking(parking);
  }
  for (struct wg_letter *letter = durable->letters; letter; letter = letter->next)
    letter->sent = letter->decided;
}

static size_t stream_index(const struct wg_stream_server *server, const char *name) {
  size_t i = 0;
  while (i < server->stream_count && strcmp(server->streams[i].name, name) != 0)
    i++;
  return i;
}

// --- load ---
static wg_status load_consumers(struct wg_stream_server *server, struct wg_db *db, struct wg_arena *arena,
                                struct wg_error *error) {
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, &LOAD_CONSUMERS, wg_params(arena, 0), &result, error);
  if (status != WG_OK) return status;
  for (int row = 0; row < PQntuples(result); row++) {
    const size_t stream = stream_index(server, wg_get_text(result, row, 0));
    if (stream == server->stream_count) continue;
    const char *name = wg_get_text(result, row, 1), *topic = wg_get_text(result, row, 2);
    struct wg_durable *durable = wg_durable_of(server, stream, name, topic);
    if (!durable) durable = wg_durable_add(server, stream, name, topic);
    durable->stored = (uint64_t)wg_get_i64(result, row, 3);
    if (!durable->subscription) durable->acked = durable->stored;
    durable->row = durable->begun = true;
    snprintf(durable->principal, sizeof durable->principal, "%s", wg_get_text(result, row, 4));
    durable->acked_at = wg_get_time(result, row, 5);
  }
  PQclear(result);
  return WG_OK;
}

static wg_status load_waiting(struct wg_stream_server *server, struct wg_db *db, struct wg_arena *arena,
                              struct wg_error *error) {
  PGresult *result = NULL;
  const wg_status status = wg_db_run(db, &LOAD_WAITING, wg_params(arena, 0), &result, error);
  if (status != WG_OK) return status;
  for (int row = 0; row < PQntuples(result); row++) {
    const size_t stream = stream_index(server, wg_get_text(result, row, 0));
    struct wg_durable *durable =
        stream < server->stream_count
            ? wg_durable_of(server, stream, wg_get_text(result, row, 1), wg_get_text(result, row, 2))
            : NULL;
    if (!durable) continue; // this service's own dead letters
    durable->parked = (uint64_t)wg_get_i64(result, row, 3);
    durable->letters_wanted = wg_get_bool(result, row, 4);
  }
  PQclear(result);
  return WG_OK;
}

wg_status wg_stream_server_load(struct wg_stream_server *server, struct wg_db *db, struct wg_error *error) {
  struct wg_arena *arena = wg_arena_create(4096);
  wg_status status = load_consumers(server, db, arena, error);
  if (status == WG_OK) status = load_waiting(server, db, arena, error);
  wg_arena_destroy(arena);
  server->loaded = server->loaded || status == WG_OK;
  // A batch whose outcome was not heard of may have been committed: its events are read by the next tick.
  for (struct wg_subscription *s = server->subscriptions; s; s = s->next)
    s->blocked = true;
  return status;
}

// --- store ---
// storable gives the position that may be written: before the first dead letter that will not be stored with it.
static uint64_t storable(const struct wg_durable *durable) {
  uint64_t value = durable->acked;
  for (const struct wg_parking *parking = durable->parkings; parking; parking = parking->next) {
    if (parking->kind == WG_PARK_NEW && !parking->ready && parking->number <= value) value = parking->number - 1;
  }
  return value;
}

static bool has_parkings(const struct wg_durable *durable) {
  for (const struct wg_parking *parking = durable->parkings; parking; parking = parking->next) {
    if (parking->ready) return true;
  }
  return false;
}

static bool changed(const struct wg_durable *durable) {
  return durable->begun && (!durable->row || storable(durable) != durable->stored);
}

// Positions are stored at most each STORE_US: at a high rate they would else be rows of every commit.
static bool positions_due(const struct wg_stream_server *server, int64_t now) {
  return now - server->stored_at >= STORE_US || now < server->stored_at;
}

bool wg_stream_server_dirty(const struct wg_stream_server *server, int64_t now) {
  return positions_due(server, now) && wg_stream_server_unsaved(server);
}

bool wg_stream_server_unsaved(const struct wg_stream_server *server) {
  for (const struct wg_durable *durable = server->durables; durable; durable = durable->next) {
    if (changed(durable) || has_parkings(durable)) return true;
  }
  return false;
}

static wg_status store_positions(struct wg_stream_server *server, struct wg_db *db, struct wg_arena *arena,
                                 struct wg_error *error) {
  struct wg_column *streams = wg_column_text(arena, 64), *names = wg_column_text(arena, 64),
                   *topics = wg_column_text(arena, 64), *ackeds = wg_column_i64(arena, 64),
                   *principals = wg_column_text(arena, 64), *times = wg_column_time(arena, 64);
  for (struct wg_durable *durable = server->durables; durable; durable = durable->next) {
    if (!changed(durable)) continue;
    durable->storing = true;
    durable->storing_value = storable(durable);
    wg_push_text(streams, server->streams[durable->stream].name);
    wg_push_text(names, durable->name);
    wg_push_text(topics, durable->topic);
    wg_push_i64(ackeds, (int64_t)durable->storing_value);
    wg_push_text(principals, durable->principal);
    wg_push_time(times, durable->acked_at);
  }
  if (!wg_column_rows(streams)) return WG_OK;
  struct wg_params *params = wg_params(arena, 6);
  struct wg_column *const columns[] = {streams, names, topics, ackeds, principals, times};
  for (size_t i = 0; i < 6; i++)
    wg_param_column(params, columns[i]);
  return wg_db_send(db, &STORE_CONSUMERS, params, NULL, NULL, error);
}

static wg_status store_parkings(struct wg_stream_server *server, struct wg_db *db, struct wg_arena *arena,
                                struct wg_error *error) {
  struct wg_column *w[8] = {wg_column_text(arena, 16), wg_column_text(arena, 16), wg_column_text(arena, 16),
                            wg_column_i64(arena, 16),  wg_column_i64(arena, 16),  wg_column_text(arena, 16),
                            wg_column_text(arena, 16), wg_column_bytea(arena, 16)};
  struct wg_column *d[3] = {wg_column_i64(arena, 16), wg_column_bool(arena, 16), wg_column_text(arena, 16)};
  for (struct wg_durable *durable = server->durables; durable; durable = durable->next) {
    for (struct wg_parking *parking = durable->parkings; parking; parking = parking->next) {
      if (!parking->ready) continue;
      parking->storing = true;
      if (parking->kind != WG_PARK_NEW) {
        wg_push_i64(d[0], parking->parked_id);
        wg_push_bool(d[1], parking->kind == WG_PARK_DIGESTED);
        wg_push_text(d[2], parking->reason);
        continue;
      }
      Wangge__V1__Event *event =
          wangge__v1__event__unpack(wg_arena_protobuf(arena), parking->event.size, parking->event.data);
      if (!event)
        return wg_fail(error, WG_DATA_LOSS, NULL, "event %llu of %s cannot be read",
                       (unsigned long long)parking->number, server->streams[durable->stream].name);
      wg_push_text(w[0], server->streams[durable->stream].name);
      wg_push_text(w[1], durable->name);
      wg_push_text(w[2], durable->topic);
      wg_push_i64(w[3], (int64_t)parking->number);
      wg_push_i64(w[4], (int64_t)event->seq);
      wg_push_text(w[5], event->type);
      wg_push_text(w[6], parking->reason);
      wg_push_bytea(w[7], parking->event);
    }
  }
  wg_status status = WG_OK;
  if (wg_column_rows(w[0])) {
    struct wg_params *params = wg_params(arena, 8);
    for (size_t i = 0; i < 8; i++)
      wg_param_column(params, w[i]);
    status = wg_db_send(db, &PARK, params, NULL, NULL, error);
  }
  if (status == WG_OK && wg_column_rows(d[0])) {
    struct wg_params *params = wg_params(arena, 3);
    for (size_t i = 0; i < 3; i++)
      wg_param_column(params, d[i]);
    status = wg_db_send(db, &DECIDE, params, NULL, NULL, error);
  }
  return status;
}

wg_status wg_stream_server_store(struct wg_stream_server *server, struct wg_db *db, struct wg_arena *arena,
                                 struct wg_error *error) {
  const int64_t now = wg_now_us();
  const wg_status status = store_parkings(server, db, arena, error);
  if (status != WG_OK || !positions_due(server, now)) return status;
  server->stored_at = now;
  return store_positions(server, db, arena, error);
}

static void parkings_stored(struct wg_stream_server *server, struct wg_durable *durable, bool committed) {
  for (struct wg_parking **at = &durable->parkings; *at;) {
    struct wg_parking *parking = *at;
    if (!parking->storing || !committed) {
      parking->storing = false;
      at = &parking->next;
      continue;
    }
    *at = parking->next;
    if (parking->kind == WG_PARK_NEW) durable->parked++;
    else if (parking->kind == WG_PARK_DIGESTED && durable->parked) durable->parked--;
    for (struct wg_letter **letter = &durable->letters; parking->kind != WG_PARK_NEW && *letter;) {
      struct wg_letter *done = *letter;
      if (done->parked_id != parking->parked_id) {
        letter = &done->next;
        continue;
      }
      *letter = done->next;
      free((void *)(uintptr_t)done->event.data);
      free(done);
    }
    free_parking(parking);
  }
  if (committed) wg_durable_letters(server, durable);
}

void wg_stream_server_stored(struct wg_stream_server *server, bool committed) {
  for (struct wg_durable *durable = server->durables; durable; durable = durable->next) {
    if (durable->storing && committed) {
      durable->stored = durable->storing_value;
      durable->row = true;
    }
    durable->storing = false;
    if (durable->parkings) parkings_stored(server, durable, committed);
  }
}

// --- parking ---
static struct wg_bytes copy_bytes(struct wg_bytes bytes) {
  uint8_t *copy = wg_alloc(bytes.size + 1);
  memcpy(copy, bytes.data, bytes.size);
  return (struct wg_bytes){copy, bytes.size};
}

struct event_read {
  struct wg_stream_server *server;
  size_t stream;
  char *name, *topic;
  uint64_t number;
  struct wg_read read;
};

static wg_status event_work(struct wg_db *db, void *context, struct wg_error *error) {
  struct event_read *job = context;
  return wg_log_read(db, &job->read, error);
}

static struct wg_parking *parking_of(struct wg_durable *durable, uint64_t number) {
  for (struct wg_parking *parking = durable->parkings; parking; parking = parking->next) {
    if (parking->kind == WG_PARK_NEW && parking->number == number) return parking;
  }
  return NULL;
}

static void event_done(void *context, wg_status status, const struct wg_error *error) {
  struct event_read *job = context;
  struct wg_stream_server *server = job->server;
  struct wg_durable *durable = wg_durable_of(server, job->stream, job->name, job->topic);
  struct wg_parking *parking = durable ? parking_of(durable, job->number) : NULL;
  struct wg_bytes rest = {job->read.batch.data, job->read.batch.size}, record;
  bool broken = false;
  const bool found = status == WG_OK && job->read.first == job->number && wg_record_next(&rest, &record, &broken);
  if (parking && !parking->ready && found) {
    parking->event = copy_bytes(wg_record_event(record));
    parking->ready = true;
    server->host.wake(server->host.context);
  } else if (parking && durable->subscription) {
    wg_subscription_end(server, durable->subscription, WG_UNAVAILABLE,
                        status == WG_OK ? "the event to be parked is no longer kept" : error->message);
  }
  wg_buffer_free(&job->read.batch);
  free(job->name);
  free(job->topic);
  free(job);
}

void wg_durable_park(struct wg_stream_server *server, struct wg_subscription *subscription, uint64_t number,
                     const char *reason) {
  struct wg_durable *durable = subscription->durable;
  if (parking_of(durable, number)) return; // said twice
  struct wg_parking *parking = wg_zalloc(sizeof *parking);
  parking->number = number;
  parking->reason = wg_strdup(reason);
  parking->next = durable->parkings;
  durable->parkings = parking;
  struct wg_bytes record;
  if (wg_feed_find(server, subscription, number, &record)) {
    parking->event = copy_bytes(wg_record_event(record));
    parking->ready = true;
    server->host.wake(server->host.context);
    return;
  }
  struct event_read *job = wg_zalloc(sizeof *job);
  *job = (struct event_read){
      .server = server,
      .stream = durable->stream,
      .name = wg_strdup(durable->name),
      .topic = wg_strdup(durable->topic),
      .number = number,
  };
  job->read = (struct wg_read){.stream = server->streams[durable->stream].name,
                               .cache = server->old,
                               .topic = subscription->topic ? job->topic : NULL,
                               .after = number - 1,
                               .max_bytes = 1};
  server->host.read(server->host.context, event_work, event_done, job);
}

// --- dead letters given again ---
struct letters_read {
  struct wg_stream_server *server;
  size_t stream;
  char *name, *topic;
  struct wg_letter *letters;
  uint64_t waiting;
};

static wg_status letters_work(struct wg_db *db, void *context, struct wg_error *error) {
  struct letters_read *job = context;
  struct wg_arena *arena = wg_arena_create(4096);
  PGresult *result = NULL;
  struct wg_params *params = wg_params(arena, 3);
  wg_param_text(params, job->server->streams[job->stream].name);
  wg_param_text(params, job->name);
  wg_param_text(params, job->topic);
  wg_status status = wg_db_run(db, &COUNT_WAITING, params, &result, error);
  if (status == WG_OK) {
    job->waiting = (uint64_t)wg_get_i64(result, 0, 0);
    PQclear(result);
    params = wg_params(arena, 4);
    wg_param_text(params, job->server->streams[job->stream].name);
    wg_param_text(params, job->name);
    wg_param_text(params, job->topic);
    wg_param_i64(params, LETTERS_AT_ONCE);
    status = wg_db_run(db, &LETTERS, params, &result, error);
  }
  struct wg_letter **tail = &job->letters;
  for (int row = 0; status == WG_OK && row < PQntuples(result); row++) {
    struct wg_letter *letter = wg_zalloc(sizeof *letter);
    letter->parked_id = wg_get_i64(result, row, 0);
    letter->number = (uint64_t)wg_get_i64(result, row, 1);
    letter->event = copy_bytes(wg_get_bytea(result, row, 2));
    *tail = letter;
    tail = &letter->next;
  }
  if (status == WG_OK) PQclear(result);
  wg_arena_destroy(arena);
  return status;
}

static void letters_done(void *context, wg_status status, const struct wg_error *error) {
  struct letters_read *job = context;
  struct wg_stream_server *server = job->server;
  struct wg_durable *durable = wg_durable_of(server, job->stream, job->name, job->topic);
  struct wg_letter *letters = job->letters;
  if (durable) {
    durable->letters_reading = false;
    if (status == WG_OK) {
      durable->parked = job->waiting;
      free_letters(durable);
      durable->letters = letters;
      durable->letters_wanted = durable->letters_wanted || letters; // there may be more behind these
      letters = NULL;
      wg_durable_letters(server, durable);
    } else {
      durable->letters_wanted = true;
      if (status != WG_UNAVAILABLE)
        wg_log(WG_LOG_WARN, "dead letters to be given again could not be read", wg_field_text("error", error->message));
    }
  }
  while (letters) {
    struct wg_letter *next = letters->next;
    free((void *)(uintptr_t)letters->event.data);
    free(letters);
    letters = next;
  }
  free(job->name);
  free(job->topic);
  free(job);
}

static void load_letters(struct wg_stream_server *server, struct wg_durable *durable) {
  struct letters_read *job = wg_zalloc(sizeof *job);
  *job = (struct letters_read){server, durable->stream, wg_strdup(durable->name), wg_strdup(durable->topic), NULL, 0};
  durable->letters_wanted = false;
  durable->letters_reading = true;
  server->host.read(server->host.context, letters_work, letters_done, job);
}

static bool send_letter(struct wg_stream_server *server, struct wg_subscription *subscription,
                        struct wg_letter *letter) {
  struct wg_buffer batch = {0};
  zmq_msg_t body;
  wg_record_append(&batch, letter->event);
  wg_message_of(&batch, &body);
  const enum wg_sent sent = wg_feed_send(server, subscription, letter->number, letter->number, true, &body);
  if (sent != WG_SENT) zmq_msg_close(&body);
  letter->sent = sent == WG_SENT;
  return letter->sent;
}

void wg_durable_letters(struct wg_stream_server *server, struct wg_durable *durable) {
  if (!durable->letters && durable->letters_wanted && !durable->letters_reading) load_letters(server, durable);
  struct wg_subscription *subscription = durable->subscription;
  if (!subscription || !subscription->opened) return;
  for (struct wg_letter *letter = durable->letters; letter; letter = letter->next) {
    if (letter->sent && !letter->decided) return; // one at a time
    if (!letter->sent && !letter->decided) {
      send_letter(server, subscription, letter);
      return;
    }
  }
}

struct wg_letter *wg_durable_letter(struct wg_durable *durable, uint64_t number) {
  for (struct wg_letter *letter = durable->letters; letter; letter = letter->next) {
    if (letter->number == number && letter->sent && !letter->decided) return letter;
  }
  return NULL;
}

void wg_durable_decide(struct wg_stream_server *server, struct wg_durable *durable, struct wg_letter *letter,
                       bool digested, const char *reason) {
  struct wg_parking *parking = wg_zalloc(sizeof *parking);
  parking->number = letter->number;
  parking->parked_id = letter->parked_id;
  parking->kind = digested ? WG_PARK_DIGESTED : WG_PARK_AGAIN;
  parking->reason = wg_strdup(reason);
  parking->ready = true;
  parking->next = durable->parkings;
  durable->parkings = parking;
  letter->decided = true;
  server->host.wake(server->host.context);
  wg_durable_letters(server, durable);
}

void wg_stream_server_redrive(struct wg_stream_server *server, const char *stream, const char *consumer,
                              const char *topic) {
  const size_t index = stream_index(server, stream);
  struct wg_durable *durable = index < server->stream_count ? wg_durable_of(server, index, consumer, topic) : NULL;
  if (!durable) return; // removed meanwhile; its letters stay in the table
  durable->letters_wanted = true;
  wg_durable_letters(server, durable);
}

bool wg_stream_server_connected(const struct wg_stream_server *server, const char *stream, const char *consumer,
                                const char *topic) {
  const size_t index = stream_index(server, stream);
  const struct wg_durable *durable =
      index < server->stream_count ? wg_durable_of(server, index, consumer, topic) : NULL;
  return durable && durable->subscription;
}

void wg_stream_server_forget(struct wg_stream_server *server, const char *stream, const char *consumer,
                             const char *topic) {
  const size_t index = stream_index(server, stream);
  struct wg_durable *durable = index < server->stream_count ? wg_durable_of(server, index, consumer, topic) : NULL;
  if (!durable || durable->subscription) return;
  struct wg_durable **at = &server->durables;
  while (*at != durable)
    at = &(*at)->next;
  *at = durable->next;
  struct wg_metric *const gauges[] = {durable->lag_metric, durable->connected_metric, durable->parked_metric};
  for (size_t i = 0; i < 3 && gauges[i]; i++)
    wg_metric_remove(server->metrics, gauges[i]);
  wg_durable_free(durable);
}

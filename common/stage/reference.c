// Reference data of a service: from where they come, when the service is given them, what it says without.
//
//   registry   follow.c gives changes to the replica; between batches the service is given all records. Changes that
//              follow each other are delivered once: when nothing more is known, or after a second. The first records
//              a service is built on are those of a newest change, however long that takes: what an import has
//              written comes in pieces, and half a catalogue would refuse good orders. Once it has been built the
//              replica is complete, and after a restart the service begins with it, registry or none.
//   folder     read at start, where an error ends the program, and on SIGHUP, where the old stay in force.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/stage/folder.h"
#include "common/stage/internal.h"

#include <string.h>

const struct wg_follow WG_REGISTRY_FOLLOW = {.stream = WG_REPLICA_STREAM, .service = "registry"};

enum { RUN_US = 1000000 }; // most that a run of changes is waited for

static bool wanted(const struct wg_stage *stage) {
  return stage->service->record_kinds != NULL;
}

bool wg_reference_ready(const struct wg_stage *stage) {
  return !wanted(stage) || stage->reference.ready;
}

bool wg_reference_changed(const struct wg_reference_set *set, const char *kind) {
  for (unsigned i = 0; set->kinds[i]; i++) {
    if (strcmp(set->kinds[i], kind) == 0) return set->changed >> i & 1;
  }
  return false;
}

// give hands a set to the service and notes how that went.
static wg_status give(struct wg_stage *stage, const struct wg_reference_set *set, struct wg_error *error) {
  struct wg_reference *reference = &stage->reference;
  const int64_t began_us = wg_monotonic_us();
  const wg_status status = stage->service->records(stage->service_state, set, error);
  const int64_t took_us = wg_monotonic_us() - began_us;
  wg_observe(reference->seconds, (double)took_us / 1e6);
  if (status == WG_OK) {
    reference->ready = true;
    reference->refusal[0] = '\0';
    wg_log(WG_LOG_INFO, "reference data in force", wg_field_int("records", (int64_t)set->count),
           wg_field_int("took_us", took_us));
    return WG_OK;
  }
  wg_count(reference->refused, 1);
  snprintf(reference->refusal, sizeof reference->refusal, "%s%s%s", error->field, *error->field ? ": " : "",
           error->message);
  wg_log(WG_LOG_ERROR, reference->ready ? "reference data refused, the old stay in force" : "reference data refused",
         wg_field_text("error", reference->refusal));
  return status;
}

// --- a folder ---
static wg_status read_folder(struct wg_stage *stage, struct wg_error *error) {
  const char *const *kinds = stage->service->record_kinds;
  struct wg_reference_set set = {.kinds = kinds, .changed = UINT64_MAX};
  struct wg_arena *arena = wg_arena_create(1 << 20);
  wg_status status = wg_folder_read(stage->settings->reference, kinds, arena, &set.records, &set.count, error);
  if (status == WG_OK) status = give(stage, &set, error);
  size_t counts[WG_REPLICA_KINDS] = {0};
  if (status == WG_OK) wg_folder_count(kinds, set.records, set.count, counts);
  for (size_t i = 0; status == WG_OK && kinds[i]; i++)
    wg_set(stage->reference.records[i], (double)counts[i]);
  wg_arena_destroy(arena);
  return status;
}

static void reload_folder(struct wg_stage *stage) {
  struct wg_error error = {0};
  stage->reference.reload = false;
  stage->reference.refusal[0] = '\0';
  if (read_folder(stage, &error) == WG_OK || stage->reference.refusal[0]) return;
  wg_count(stage->reference.refused, 1);
  snprintf(stage->reference.refusal, sizeof stage->reference.refusal, "%s", error.message);
  wg_log(WG_LOG_ERROR, "reference data cannot be read, the old stay in force", wg_field_text("error", error.message));
}

void wg_reference_reload(struct wg_stage *stage) {
  stage->reference.reload = wanted(stage) && *stage->settings->reference;
}

// --- start and stop ---
static void make_metrics(struct wg_stage *stage, bool registry) {
  struct wg_reference *reference = &stage->reference;
  struct wg_metrics *m = stage->metrics;
  char labels[96];
  for (size_t i = 0; stage->service->record_kinds[i]; i++) {
    snprintf(labels, sizeof labels, "kind=\"%s\"", stage->service->record_kinds[i]);
    reference->records[i] = wg_gauge(m, "wangge_reference_records", labels, "Records of reference data, by kind");
  }
  reference->in_use = wg_gauge(m, "wangge_reference_ready", NULL, "1 when the service has built on reference data");
  reference->refused =
      wg_counter(m, "wangge_reference_refused_total", NULL, "Reference data refused; the old stayed in force");
  reference->seconds = wg_histogram(m, "wangge_reference_build_seconds", NULL, "Time to build on reference data anew");
  if (!registry) return;
  reference->lag = wg_gauge(m, "wangge_replica_lag", NULL, "Changes of the registry that are not in force yet");
  reference->position = wg_gauge(m, "wangge_replica_position", NULL,
                                 "Newest change of the registry that is in force: compare with the registry's "
                                 "wangge_stream_head");
  reference->changed_at = wg_gauge(m, "wangge_replica_last_change_timestamp_seconds", NULL,
                                   "When the newest record of the replica was changed in the registry");
}

wg_status wg_reference_start(struct wg_stage *stage, struct wg_error *error) {
  if (!wanted(stage)) return WG_OK;
  const bool registry = *stage->settings->registry, folder = *stage->settings->reference;
  if (registry == folder)
    return wg_fail(error, WG_INVALID_ARGUMENT, "registry",
                   "set one of registry (endpoint) and reference (folder): the service is built on their records");
  make_metrics(stage, registry);
  if (folder) return read_folder(stage, error);
  stage->reference.replica = wg_replica_create(stage->service->record_kinds);
  stage->reference.tried = UINT64_MAX;
  wg_reference_tick(stage);
  return WG_OK;
}

void wg_reference_stop(struct wg_stage *stage) {
  wg_replica_destroy(stage->reference.replica);
}

// --- the registry ---
wg_status wg_reference_load(struct wg_stage *stage, struct wg_db *db, struct wg_error *error) {
  if (!stage->reference.replica) return WG_OK;
  const int64_t began_us = wg_monotonic_us();
  const wg_status status = wg_replica_load(stage->reference.replica, db, error);
  if (status != WG_OK) return status;
  stage->reference.loaded = true;
  wg_log(WG_LOG_INFO, "replica loaded",
         wg_field_int("records", (int64_t)wg_replica_set(stage->reference.replica).count),
         wg_field_int("took_us", wg_monotonic_us() - began_us));
  return WG_OK;
}

static const struct wg_upstream *registry_of(const struct wg_stage *stage) {
  return &stage->upstreams[stage->upstream_count - 1];
}

// more_known: the registry tells of changes that are not in the replica yet.
static bool more_known(const struct wg_stage *stage) {
  return registry_of(stage)->position < wg_follower_head(registry_of(stage)->follower);
}

// reached: the replica is as the registry is now. An empty registry is no state to build on: it is about to be filled.
static bool reached(const struct wg_stage *stage) {
  return wg_follower_connected(registry_of(stage)->follower) && registry_of(stage)->position > 0 && !more_known(stage);
}

bool wg_reference_due(const struct wg_stage *stage) {
  const struct wg_reference *reference = &stage->reference;
  return reference->replica && reference->loaded && reference->ready && !wg_replica_complete(reference->replica);
}

wg_status wg_reference_store(struct wg_stage *stage, struct wg_error *error) {
  if (!stage->reference.replica) return WG_OK;
  return wg_replica_store(stage->reference.replica, stage->db, stage->batch.arena, stage->reference.ready, error);
}

void wg_reference_ended(struct wg_stage *stage, bool committed) {
  if (!stage->reference.replica) return;
  if (committed) wg_replica_committed(stage->reference.replica);
  else wg_replica_rolled_back(stage->reference.replica);
}

static void deliver_replica(struct wg_stage *stage, int64_t now_us) {
  struct wg_reference *reference = &stage->reference;
  const uint64_t generation = wg_replica_generation(reference->replica);
  if (generation == reference->tried) return;
  if (!reference->ready && !wg_replica_complete(reference->replica) && !reached(stage)) return;
  if (!reference->waiting_us) reference->waiting_us = now_us;
  if (reference->ready && more_known(stage) && now_us - reference->waiting_us < RUN_US) return;
  struct wg_error error = {0};
  const struct wg_reference_set set = wg_replica_set(reference->replica);
  reference->waiting_us = 0;
  reference->tried = generation;
  if (give(stage, &set, &error) == WG_OK) wg_replica_seen(reference->replica);
  wg_reference_tick(stage);
}

void wg_reference_deliver(struct wg_stage *stage, int64_t now_us) {
  if (!wanted(stage) || stage->batch_active) return; // a batch sees one state from load to commit
  if (stage->reference.reload) reload_folder(stage);
  if (stage->reference.replica && stage->reference.loaded) deliver_replica(stage, now_us);
}

// --- what it says ---
static void say_lack(struct wg_stage *stage) {
  struct wg_reference *reference = &stage->reference;
  char *lack = reference->lack;
  const size_t room = sizeof reference->lack;
  if (reference->ready) lack[0] = '\0';
  else if (reference->refusal[0]) snprintf(lack, room, "no reference data yet: %s", reference->refusal);
  else if (!reference->loaded) snprintf(lack, room, "no reference data yet: database not reached");
  else if (wg_replica_complete(reference->replica)) snprintf(lack, room, "reference data are being built");
  else if (!wg_follower_connected(registry_of(stage)->follower))
    snprintf(lack, room, "no reference data yet: registry not reached");
  else if (wg_follower_head(registry_of(stage)->follower) == 0)
    snprintf(lack, room, "no reference data yet: the registry is empty");
  else
    snprintf(lack, room, "no reference data yet: %llu of %llu changes of the registry are in",
             (unsigned long long)registry_of(stage)->position,
             (unsigned long long)wg_follower_head(registry_of(stage)->follower));
}

static void set_metrics(struct wg_stage *stage) {
  struct wg_reference *reference = &stage->reference;
  const struct wg_upstream *registry = registry_of(stage);
  for (size_t i = 0; stage->service->record_kinds[i]; i++)
    wg_set(reference->records[i], (double)wg_replica_count(reference->replica, i));
  const bool in_force =
      reference->ready && !*reference->refusal && wg_replica_generation(reference->replica) == reference->tried;
  if (in_force) reference->in_force = registry->position;
  wg_set(reference->position, (double)reference->in_force);
  wg_set(reference->lag, (double)(wg_follower_head(registry->follower) - reference->in_force));
  wg_set(reference->changed_at, (double)wg_replica_changed_at(reference->replica) / 1e6);
}

void wg_reference_tick(struct wg_stage *stage) {
  struct wg_reference *reference = &stage->reference;
  if (!wanted(stage)) return;
  say_lack(stage);
  wg_set(reference->in_use, reference->ready ? 1 : 0);
  if (reference->loaded) set_metrics(stage);
  char detail[sizeof reference->lack] = "";
  if (!reference->ready) snprintf(detail, sizeof detail, "%s", reference->lack);
  else if (reference->refusal[0]) snprintf(detail, sizeof detail, "older ones in force: %s", reference->refusal);
  wg_health_set(stage->health, "reference", reference->ready, detail);
}

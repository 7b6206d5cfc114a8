// bench-land: entries a second that the land service commits, each with its record and its place in the tree.
//
//   bench-land --config client.ini --village CODE --principal NAME [--writers 64] [--entries 20000] [--run 1]
//
// Each writer is a thread with a connection of its own that puts one household after the other and waits for each
// answer, which comes when the entry is on the disk; the service takes what waits into one batch. The village's ledger
// is there already. Prints {"entries", "seconds"}.
#include "tests/bench/rig.h"

#include "common/client/wangge.h"
#include "common/config/config.h"
#include "common/wire/wire.h"

#include "wangge/v1/land.pb-c.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WRITERS_MOST = 256, HOUSEHOLDS = 1000 };

struct bench {
  char endpoint[256], key[64], key_dir[1024], key_file[2048];
  const char *village;
  int64_t entries, run;
  atomic_int_fast64_t next;
};

static wg_status read_row(void *context, int line, const char *section, const char *key, const char *value,
                          struct wg_error *error) {
  (void)line, (void)error;
  struct bench *bench = context;
  if (strcmp(key, "land") == 0 && strcmp(section, "services") == 0)
    snprintf(bench->endpoint, sizeof bench->endpoint, "%s", value);
  if (strcmp(key, "land") == 0 && strcmp(section, "keys") == 0) snprintf(bench->key, sizeof bench->key, "%s", value);
  if (strcmp(section, "client") == 0 && strcmp(key, "key_dir") == 0)
    snprintf(bench->key_dir, sizeof bench->key_dir, "%s", value);
  return WG_OK;
}

// put writes household `n` of the run; dies unless it was written.
static void put(wangge_client *client, const struct bench *bench, int64_t n, struct wg_arena *arena) {
  Wangge__V1__LandWrite write = WANGGE__V1__LAND_WRITE__INIT;
  Wangge__V1__LandParty party = WANGGE__V1__LAND_PARTY__INIT;
  Wangge__V1__PutPartyRequest request = WANGGE__V1__PUT_PARTY_REQUEST__INIT;
  struct wg_error error = {0};
  ProtobufCMessage *reply = NULL;
  const void *body;
  size_t size;
  wg_arena_reset(arena);
  write.village = (char *)(uintptr_t)bench->village;
  write.idempotency_key = wg_arena_printf(arena, "bench-%lld-%lld", (long long)bench->run, (long long)n);
  write.person = (char *)(uintptr_t) "bench";
  party.kind = WANGGE__V1__PARTY_KIND__PARTY_KIND_HOUSEHOLD;
  party.name = wg_arena_printf(arena, "household %lld", (long long)n);
  request.write = &write;
  request.id = wg_arena_printf(arena, "h-%lld", (long long)(n % HOUSEHOLDS));
  request.party = &party;
  const struct wg_bytes packed = wg_pack(&request.base, arena);
  const int code = wangge_call(client, "wangge.v1.Land/PutParty", packed.data, packed.size, &body, &size);
  if (code) rig_die("PutParty: %s: %s", wg_status_name((wg_status)code), wangge_error(client));
  rig_must(wg_unpack(&wangge__v1__land_reply__descriptor, (struct wg_bytes){body, size}, arena, &reply, &error),
           "reply", &error);
  if (((const Wangge__V1__LandReply *)reply)->entry_seq < 0) rig_die("an entry was not made");
}

static void *write_entries(void *context) {
  struct bench *bench = context;
  struct wg_arena *arena = wg_arena_create(1 << 14);
  wangge_client *client = wangge_open(&(struct wangge_options){
      .key_file = bench->key_file, .endpoint = bench->endpoint, .server_key = bench->key, .timeout_ms = 60000});
  if (!client) rig_die("%s", wangge_open_error());
  int64_t n;
  while ((n = atomic_fetch_add(&bench->next, 1)) < bench->entries)
    put(client, bench, n, arena);
  wangge_close(client);
  wg_arena_destroy(arena);
  return NULL;
}

int main(int argc, char **argv) {
  static struct bench bench;
  struct wg_error error = {0};
  const char *config = rig_text(argc, argv, "--config", NULL);
  const int64_t writers = rig_number(argc, argv, "--writers", 64);
  bench.village = rig_text(argc, argv, "--village", NULL);
  bench.entries = rig_number(argc, argv, "--entries", 20000);
  bench.run = rig_number(argc, argv, "--run", 1);
  if (writers < 1 || writers > WRITERS_MOST) rig_die("--writers must be 1 to %d", WRITERS_MOST);
  rig_must(wg_ini_read(config, read_row, &bench, &error), config, &error);
  snprintf(bench.key_file, sizeof bench.key_file, "%s/%s.key", bench.key_dir,
           rig_text(argc, argv, "--principal", NULL));
  pthread_t thread[WRITERS_MOST];
  const int64_t start = wg_monotonic_us();
  for (int64_t i = 0; i < writers; i++)
    if (pthread_create(&thread[i], NULL, write_entries, &bench)) rig_die("cannot start a thread");
  for (int64_t i = 0; i < writers; i++)
    pthread_join(thread[i], NULL);
  printf("{\"entries\": %lld, \"seconds\": %.6f}\n", (long long)bench.entries,
         (double)(wg_monotonic_us() - start) / 1e6);
  return 0;
}

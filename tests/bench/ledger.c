// bench-ledger: the land ledger's own arithmetic on one thread: appending entries with their tree, writing the export,
// verifying it (chain, tree, a checkpoint at half the size), proofs from stored hashes.
//
//   bench-ledger [--entries 1000000] [--payload 300] [--proofs 2000] [--file PATH]
//   bench-ledger --tables FOLDER --village CODE [--entries 1000000] [--payload 300]
//
// The first prints entries a second by the clock and by CPU; verification reads the file, which is in the page cache.
// The second writes a ledger as rows for COPY (ledger_entry.csv, ledger_tile.csv, village_head.csv), to be filled into
// a database whose proofs are measured.
#include "tests/bench/rig.h"

#include "services/land/ledger/verify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BEGAN_SECONDS = 1764300000 };

struct hashes {
  uint8_t (*hash)[LAND_HASH_BYTES];
  size_t count;
};
struct bench {
  const char *village;
  uint64_t entries;
  size_t payload;
  struct hashes level[LAND_TILE_LEVELS]; // leaves and roots of tiles, as a store keeps them
  struct land_head head;
  struct land_sheet sheet; // at half the size
};

struct span {
  int64_t wall_us, cpu_us;
};

static int64_t cpu_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * WG_SECOND_US + now.tv_nsec / 1000;
}

static struct span begin(void) {
  return (struct span){wg_monotonic_us(), cpu_us()};
}

static struct span end(struct span from) {
  return (struct span){wg_monotonic_us() - from.wall_us + 1, cpu_us() - from.cpu_us + 1};
}

static void keep(struct hashes *hashes, const uint8_t hash[LAND_HASH_BYTES]) {
  if ((hashes->count & (hashes->count - 1)) == 0)
    hashes->hash = wg_realloc(hashes->hash, (hashes->count ? 2 * hashes->count : 1) * sizeof *hashes->hash);
  memcpy(hashes->hash[hashes->count++], hash, LAND_HASH_BYTES);
}

static void begin_ledger(struct bench *bench) {
  bench->head = (struct land_head){0};
  snprintf(bench->head.village, sizeof bench->head.village, "%s", bench->village);
}

// append_all makes the entries; with `file` it writes them too. Their payloads differ in the first bytes.
static struct span append_all(struct bench *bench, FILE *file) {
  struct wg_buffer line = {0};
  struct wg_error error = {0};
  uint8_t *payload = wg_zalloc(bench->payload + sizeof(uint64_t));
  struct span from = begin();
  begin_ledger(bench);
  for (uint64_t i = 0; i < bench->entries; i++) {
    struct land_ledger_entry entry;
    struct land_tile tiles[LAND_TILE_LEVELS];
    size_t full;
    memcpy(payload, &i, sizeof i);
    struct wg_bytes bytes = {payload, bench->payload};
    rig_must(land_head_append(&bench->head, BEGAN_SECONDS * WG_SECOND_US + (int64_t)i, wg_bytes_of("put_party"),
                              wg_bytes_of("land-clerk"), bytes, &entry, tiles, &full, &error),
             "appending", &error);
    if (file) {
      wg_buffer_clear(&line);
      land_export_entry(&entry, bytes, &line);
      if (fwrite(line.data, line.size, 1, file) != 1) rig_die("cannot write: %s", strerror(errno));
      continue;
    }
    keep(&bench->level[0], entry.leaf_hash);
    for (size_t k = 0; k < full; k++)
      keep(&bench->level[tiles[k].level], tiles[k].hash);
    if (i + 1 == bench->entries / 2) bench->sheet.checkpoint = land_checkpoint_of(&bench->head);
  }
  struct span took = end(from);
  wg_buffer_free(&line);
  free(payload);
  return took;
}

static struct span write_export(struct bench *bench, const char *path) {
  struct wg_buffer header = {0};
  FILE *file = fopen(path, "w");
  if (!file) rig_die("cannot write %s: %s", path, strerror(errno));
  land_export_header(&bench->head, &header);
  if (fwrite(header.data, header.size, 1, file) != 1) rig_die("cannot write %s: %s", path, strerror(errno));
  struct span took = append_all(bench, file);
  if (fclose(file) != 0) rig_die("cannot write %s: %s", path, strerror(errno));
  wg_buffer_free(&header);
  return took;
}

static struct span verify(struct bench *bench, const char *path) {
  struct wg_input input;
  struct wg_error error = {0};
  struct land_verifier verifier;
  rig_must(wg_input_open(&input, path, &error), path, &error);
  struct span from = begin();
  land_verify_start(&verifier, LAND_CHECK_CHAIN | LAND_CHECK_TREE, &bench->sheet, 1);
  if (!land_verify_export(&verifier, &input)) rig_die("the export is not intact: %s", verifier.found.message);
  struct span took = end(from);
  if (verifier.found.entries != bench->entries) rig_die("not every entry was looked at");
  wg_input_close(&input);
  return took;
}

static wg_status read_hashes(void *context, unsigned level, uint64_t first, size_t count,
                             uint8_t (*hashes)[LAND_HASH_BYTES], struct wg_error *error) {
  const struct hashes *from = &((const struct bench *)context)->level[level];
  if (first + count > from->count) return wg_fail(error, WG_DATA_LOSS, NULL, "no such hashes");
  memcpy(hashes, from->hash[first], count * LAND_HASH_BYTES);
  return WG_OK;
}

static struct span prove(struct bench *bench, uint64_t proofs) {
  struct land_nodes nodes = {read_hashes, bench};
  struct wg_error error = {0};
  uint8_t root[LAND_HASH_BYTES];
  land_peaks_root(&bench->head.peaks, root);
  struct span from = begin();
  for (uint64_t i = 0; i < proofs; i++) {
    struct land_proof proof;
    uint64_t index = i * UINT64_C(7919003) % bench->entries;
    rig_must(land_prove_inclusion(&nodes, index, bench->entries, &proof, &error), "proving", &error);
    if (!land_inclusion_holds(index, bench->entries, bench->level[0].hash[index], &proof, root)) rig_die("no proof");
  }
  return end(from);
}

// --- rows for COPY ---
static FILE *open_table(const char *folder, const char *name) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s.csv", folder, name);
  FILE *file = fopen(path, "w");
  if (!file) rig_die("cannot write %s: %s", path, strerror(errno));
  return file;
}

static void close_table(FILE *file) {
  if (ferror(file) || fclose(file) != 0) rig_die("cannot write the rows: %s", strerror(errno));
}

static const char *hex(struct wg_bytes bytes, struct wg_buffer *out) {
  static const char digits[] = "0123456789abcdef";
  wg_buffer_clear(out);
  wg_buffer_text(out, "\\x");
  for (size_t i = 0; i < bytes.size; i++)
    wg_buffer_append(out, (char[]){digits[bytes.data[i] >> 4], digits[bytes.data[i] & 15]}, 2);
  return wg_buffer_cstr(out);
}

static void write_tables(struct bench *bench, const char *folder) {
  FILE *entries = open_table(folder, "ledger_entry"), *tiles = open_table(folder, "ledger_tile"),
       *heads = open_table(folder, "village_head");
  struct wg_error error = {0};
  struct wg_buffer bytes = {0};
  uint8_t *payload = wg_zalloc(bench->payload + sizeof(uint64_t));
  begin_ledger(bench);
  for (uint64_t i = 0; i < bench->entries; i++) {
    struct land_ledger_entry entry;
    struct land_tile made[LAND_TILE_LEVELS];
    size_t count;
    memcpy(payload, &i, sizeof i);
    rig_must(land_head_append(&bench->head, BEGAN_SECONDS * WG_SECOND_US, wg_bytes_of("put_party"),
                              wg_bytes_of("land-clerk"), (struct wg_bytes){payload, bench->payload}, &entry, made,
                              &count, &error),
             "appending", &error);
    fprintf(entries, "%.6s,%s,%llu,put_party,epoch,land-clerk,%s,", bench->village, bench->village,
            (unsigned long long)i, hex((struct wg_bytes){payload, bench->payload}, &bytes));
    fprintf(entries, "%s,", hex((struct wg_bytes){entry.payload_sha256, LAND_HASH_BYTES}, &bytes));
    fprintf(entries, "%s,", hex((struct wg_bytes){entry.prev_hash, LAND_HASH_BYTES}, &bytes));
    fprintf(entries, "%s\n", hex((struct wg_bytes){entry.leaf_hash, LAND_HASH_BYTES}, &bytes));
    for (size_t k = 0; k < count; k++)
      fprintf(tiles, "%.6s,%s,%u,%llu,%s\n", bench->village, bench->village, made[k].level,
              (unsigned long long)made[k].index, hex((struct wg_bytes){made[k].hash, LAND_HASH_BYTES}, &bytes));
  }
  fprintf(heads, "%.6s,%s,%llu,epoch,%s,", bench->village, bench->village, (unsigned long long)bench->entries,
          hex((struct wg_bytes){bench->head.last_hash, LAND_HASH_BYTES}, &bytes));
  fprintf(heads, "%s\n", hex(land_peaks_bytes(&bench->head.peaks), &bytes));
  close_table(entries);
  close_table(tiles);
  close_table(heads);
  wg_buffer_free(&bytes);
  free(payload);
}

int main(int argc, char **argv) {
  struct bench *bench = wg_zalloc(sizeof *bench);
  bench->entries = (uint64_t)rig_number(argc, argv, "--entries", 1000000);
  bench->payload = (size_t)rig_number(argc, argv, "--payload", 300);
  bench->sheet.name = "half";
  int64_t proofs = rig_number(argc, argv, "--proofs", 2000);
  char own[] = "/tmp/bench-ledger-XXXXXX";
  const char *path = rig_text(argc, argv, "--file", ""), *folder = rig_text(argc, argv, "--tables", "");
  bench->village = rig_text(argc, argv, "--village", "131102001001");
  if (bench->entries < 2 || bench->payload < sizeof(uint64_t) || proofs < 1)
    rig_die("--entries from 2, --payload from 8, --proofs from 1");
  if (folder[0]) {
    write_tables(bench, folder);
    free(bench);
    return 0;
  }
  if (!path[0]) {
    int fd = mkstemp(own);
    if (fd < 0) rig_die("cannot make a file: %s", strerror(errno));
    close(fd);
    path = own;
  }
  struct span append = append_all(bench, NULL), write = write_export(bench, path), read = verify(bench, path),
              proof = prove(bench, (uint64_t)proofs);
  if (path == own) unlink(own);
  const double entries = (double)bench->entries * 1e6;
  printf("{\"append_per_s\": %.0f, \"append_per_cpu_s\": %.0f, \"export_per_s\": %.0f, \"verify_per_s\": %.0f, "
         "\"verify_per_cpu_s\": %.0f, \"proof_us\": %.1f}\n",
         entries / (double)append.wall_us, entries / (double)append.cpu_us, entries / (double)write.wall_us,
         entries / (double)read.wall_us, entries / (double)read.cpu_us, (double)proof.wall_us / (double)proofs);
  for (size_t i = 0; i < LAND_TILE_LEVELS; i++)
    free(bench->level[i].hash);
  free(bench);
  return 0;
}

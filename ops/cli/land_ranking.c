// wangge land tender verify: rankings computed again from an export of the ledger. Nothing is asked of the service: the
// entries are held against their chain, the records they leave behind are kept in a book of this run, and every closing
// and every ranking of it is computed by the rules anew (services/land/tender/recheck.h).
//
// Exit 0: all rankings are as computed; 1: one is not, or the ledger was tampered with; 2: it cannot be checked.
#include "ops/cli/cli.h"
#include "ops/cli/output.h"

#include "common/csv/input.h"
#include "services/land/ledger/export.h"
#include "services/land/tender/recheck.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct checking {
  const struct cli *cli;
  struct wg_book *book;
  struct wg_arena *arena;      // of one entry
  struct land_head head;       // behind the entries read so far
  struct land_checkpoint said; // size and root of the village's first line
  uint64_t entries;
  size_t rankings, wrong;
};

static void one_ranking(void *context, const struct tender_rechecked *checked) {
  struct checking *checking = context;
  char hash[65] = "";
  for (size_t i = 0; checked->ranked && i < sizeof checked->result_sha256; i++)
    snprintf(hash + 2 * i, 3, "%02x", checked->result_sha256[i]);
  checking->rankings++;
  checking->wrong += checked->fault != NULL;
  if (checking->cli->json) {
    cli_print_json(json_pack("{s:s,s:s,s:I,s:s,s:I,s:b,s:s,s:s}", "village", checking->head.village, "ranking",
                             checked->id, "seq", (json_int_t)checking->head.peaks.size, "step",
                             checked->ranked ? "rank" : "close", "rows", (json_int_t)checked->rows, "equal",
                             checked->fault == NULL, "fault", checked->fault ? checked->fault : "", "resultSha256",
                             hash));
    return;
  }
  printf("%s %s: %s of %s, %zu rows", checked->fault ? "DIFFERS" : "equal", checking->head.village,
         checked->ranked ? "ranking" : "facts at the closing", checked->id, checked->rows);
  if (checked->fault) printf(": %s is not as computed", checked->fault);
  if (*hash) printf(", result_sha256 %s", hash);
  putchar('\n');
}

static void take_records(struct checking *checking, const Wangge__V1__LandEntry *entry) {
  struct wg_book *draft = wg_book_draft(checking->book, checking->arena);
  for (size_t i = 0; i < entry->n_records; i++)
    wg_book_set(draft, entry->records[i], checking->head.peaks.size);
  wg_book_apply(checking->book, draft);
}

static wg_status check_entry(struct checking *checking, const struct land_export_line *line, struct wg_error *error) {
  const char *fault = land_entry_fault(&checking->head, &line->entry, line->payload);
  if (fault)
    return wg_fail(error, WG_DATA_LOSS, fault, "village %s entry %" PRIu64 " is not the one that was written",
                   line->entry.village, line->entry.seq);
  wg_arena_reset(checking->arena);
  Wangge__V1__LandEntry *entry =
      wangge__v1__land_entry__unpack(wg_arena_protobuf(checking->arena), line->payload.size, line->payload.data);
  if (!entry)
    return wg_fail(error, WG_INVALID_ARGUMENT, "payload", "village %s entry %" PRIu64 " is no entry of this version",
                   line->entry.village, line->entry.seq);
  struct tender_recheck_entry at = {
      .village = checking->head.village, .seq = line->entry.seq, .at_us = line->entry.at_us, .entry = entry};
  land_peaks_root(&checking->head.peaks, at.root);
  const wg_status status = tender_recheck(checking->book, &at, checking->arena, one_ranking, checking, error);
  if (status != WG_OK) return status;
  take_records(checking, entry);
  land_head_take(&checking->head, &line->entry);
  checking->entries++;
  return WG_OK;
}

// The entries of a village are all that its first line says there are.
static wg_status check_end(const struct checking *checking, struct wg_error *error) {
  uint8_t root[LAND_HASH_BYTES];
  if (!checking->head.village[0]) return WG_OK;
  land_peaks_root(&checking->head.peaks, root);
  if (checking->head.peaks.size == checking->said.size && memcmp(root, checking->said.root, sizeof root) == 0)
    return WG_OK;
  return wg_fail(error, WG_DATA_LOSS, "root", "the entries of village %s are not those of its first line",
                 checking->head.village);
}

static wg_status check_line(struct checking *checking, const struct land_export_line *line, struct wg_error *error) {
  if (!line->header) return check_entry(checking, line, error);
  const wg_status status = check_end(checking, error);
  if (status != WG_OK) return status;
  checking->said = line->checkpoint;
  const char *village = land_checkpoint_village(&line->checkpoint);
  if (!village) return wg_fail(error, WG_INVALID_ARGUMENT, "village", "the export is not of a village's ledger");
  checking->head = (struct land_head){0};
  snprintf(checking->head.village, sizeof checking->head.village, "%s", village);
  wg_book_clear(checking->book);
  return WG_OK;
}

static wg_status check_export(struct checking *checking, struct wg_input *input, struct wg_error *error) {
  struct wg_buffer scratch = {0};
  struct land_export_line read;
  char *line = NULL;
  uint64_t number = 0;
  wg_status status = WG_OK;
  enum wg_line step = WG_LINE_END;
  while (status == WG_OK && (step = wg_input_line(input, LAND_EXPORT_LINE, &line, &number, error)) == WG_LINE) {
    status = land_export_read(wg_bytes_of(line), &scratch, &read, error);
    if (status == WG_OK) status = check_line(checking, &read, error);
  }
  if (status == WG_OK && step == WG_LINE_BROKEN) status = error->code;
  if (status == WG_OK && input->error.code != WG_OK) {
    *error = input->error;
    status = error->code;
  }
  wg_buffer_free(&scratch);
  return status == WG_OK ? check_end(checking, error) : status;
}

static int run_verify(struct cli *cli) {
  struct wg_error error = {0};
  struct wg_input input = {.fd = -1};
  wg_status status = wg_input_open(&input, cli->parsed.argument[0], &error);
  struct checking checking = {.cli = cli};
  if (status == WG_OK) {
    checking.book = wg_book_create(&LAND_BOOK);
    checking.arena = wg_arena_create(1 << 20);
    status = check_export(&checking, &input, &error);
    wg_book_destroy(checking.book);
    wg_arena_destroy(checking.arena);
  }
  wg_input_close(&input);
  if (status == WG_DATA_LOSS) {
    cli_complain(cli, &error);
    return CLI_REFUSED;
  }
  if (status != WG_OK) return cli_usage(cli, &error);
  if (!cli->json)
    printf("%" PRIu64 " entries, %zu rankings and closings computed again, %zu differ\n", checking.entries,
           checking.rankings, checking.wrong);
  return checking.wrong ? CLI_REFUSED : CLI_DONE;
}

static const struct cli_option verify_options[] = {{0}};
const struct cli_command cli_land_ranking[] = {
    {"land tender verify", "EXPORT", 1, 1, "compute all rankings of an export again; needs no service", verify_options,
     "  wangge land tender verify 131102101201.jsonl\n", run_verify},
    {0},
};

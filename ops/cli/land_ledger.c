// wangge land: what a villager or an auditor takes home of a ledger: exports, proofs, checkpoints; and the entry that
// says what a restore from a backup has lost.

#include "ops/cli/land_ledger.h"
#include "ops/cli/land.h"
#include "ops/cli/output.h"

#include "common/base/text.h"
#include "services/land/ledger/base64.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// --- files ---

// open_out opens --out, or gives standard output.
static FILE *open_out(const struct cli *cli, struct wg_error *error) {
  const char *path = cli_text(&cli->parsed, "out");
  FILE *file = path == NULL || strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
  if (file == NULL) wg_fail(error, WG_INVALID_ARGUMENT, "out", "cannot write %s: %s", path, strerror(errno));
  return file;
}

static wg_status close_out(FILE *file, struct wg_error *error) {
  bool good = fflush(file) == 0 && !ferror(file);
  if (file != stdout) good = fclose(file) == 0 && good;
  return good ? WG_OK : wg_fail(error, WG_DATA_LOSS, "out", "writing failed: %s", strerror(errno));
}

static int give(const struct cli *cli, const struct wg_buffer *text) {
  struct wg_error error = {0};
  FILE *file = open_out(cli, &error);
  if (file == NULL) return cli_usage(cli, &error);
  fwrite(text->data, 1, text->size, file);
  return close_out(file, &error) == WG_OK ? CLI_DONE : cli_complain(cli, &error);
}

// --- head, key ---

// own_village: option --village as a member of a request; NULL, and the exit code in *code.
static char *own_village(struct cli *cli, int *code) {
  struct wg_error error = {0};
  const char *village = cli_land_village(cli, &error);
  if (village == NULL) *code = cli_usage(cli, &error);
  return cli_land_field(village);
}

static Wangge__V1__LedgerHeadResponse *ask_head(struct cli *cli, int64_t size, int *code) {
  Wangge__V1__LedgerHeadRequest request = WANGGE__V1__LEDGER_HEAD_REQUEST__INIT;
  if ((request.village = own_village(cli, code)) == NULL) return NULL;
  request.size = size;
  return (Wangge__V1__LedgerHeadResponse *)cli_ask(cli, CLI_LAND, "wangge.v1.LandLedger/LedgerHead", &request.base,
                                                   &wangge__v1__ledger_head_response__descriptor, code);
}

static int run_head(struct cli *cli) {
  int code = CLI_USAGE;
  struct wg_error error = {0};
  int64_t size = 0;
  if (cli_number(&cli->parsed, "size", 1, INT64_MAX, &size, &error) != WG_OK) return cli_usage(cli, &error);
  const Wangge__V1__LedgerHeadResponse *head = ask_head(cli, size, &code);
  if (head == NULL) return code;
  if (cli->json) cli_print_message(&head->base);
  else fputs(head->checkpoint, stdout);
  return CLI_DONE;
}

static int run_key(struct cli *cli) {
  int code = CLI_USAGE;
  const Wangge__V1__LedgerHeadResponse *head = ask_head(cli, 0, &code);
  if (head == NULL) return code;
  if (cli->json) cli_print_json(json_pack("{s:s}", "key", head->key));
  else puts(head->key);
  return CLI_DONE;
}

// --- export ---

struct export {
  FILE *file;
  struct wg_buffer line;
};

static wg_status write_entry(void *context, const struct land_ledger_entry *entry, struct wg_bytes payload,
                             struct wg_error *error) {
  struct export *export = context;
  wg_buffer_clear(&export->line);
  land_export_entry(entry, payload, &export->line);
  if (fwrite(export->line.data, export->line.size, 1, export->file) == 1) return WG_OK;
  return wg_fail(error, WG_DATA_LOSS, "out", "writing failed: %s", strerror(errno));
}

static void write_header(struct export *export, const char *village, const Wangge__V1__LedgerHeadResponse *head) {
  wg_buffer_printf(&export->line, "{\"ledger\":\"LAND1\",\"village\":\"%s\",\"size\":%" PRId64 ",\"root\":\"", village,
                   head->size);
  land_base64_append(&export->line, (struct wg_bytes){head->root.data, head->root.len});
  wg_buffer_text(&export->line, "\"}\n");
  fwrite(export->line.data, 1, export->line.size, export->file);
}

// What is exported is not judged: an export of a damaged ledger is what shows the damage.
static int run_export(struct cli *cli) {
  struct export export = {0};
  struct wg_error error = {0}, closing = {0};
  Wangge__V1__LedgerHeadResponse *head;
  int code = CLI_USAGE;
  struct cli_ledger ledger = {.cli = cli, .village = own_village(cli, &code), .entry = write_entry, .context = &export};
  if (ledger.village == NULL) return code;
  wg_status status = cli_ledger_head(&ledger, &head, &error);
  if (status != WG_OK) return cli_complain(cli, &error);
  export.file = open_out(cli, &error);
  if (export.file == NULL) return cli_usage(cli, &error);
  write_header(&export, ledger.village, head);
  status = cli_ledger_read(&ledger, (uint64_t)head->size, &error);
  if (close_out(export.file, &closing) != WG_OK && status == WG_OK) error = closing;
  wg_buffer_free(&export.line);
  if (error.code != WG_OK) return cli_complain(cli, &error);
  if (cli->json && cli_given(&cli->parsed, "out"))
    cli_print_json(json_pack("{s:s,s:I}", "village", ledger.village, "entries", (json_int_t)ledger.size));
  return CLI_DONE;
}

// --- proofs ---

static wg_status take_path(size_t count, const ProtobufCBinaryData *path, struct land_proof *proof,
                           struct wg_error *error) {
  if (count > LAND_PROOF_HASHES) return wg_fail(error, WG_INTERNAL, "path", "has %zu hashes", count);
  proof->count = count;
  for (size_t i = 0; i < count; i++) {
    if (path[i].len != LAND_HASH_BYTES)
      return wg_fail(error, WG_INTERNAL, "path", "has a hash of %zu bytes", path[i].len);
    memcpy(proof->hash[i], path[i].data, LAND_HASH_BYTES);
  }
  return WG_OK;
}

static int give_proof(struct cli *cli, const struct land_proof_file *proof) {
  struct wg_buffer text = {0};
  land_proof_append(proof, &text);
  const int code = give(cli, &text);
  wg_buffer_free(&text);
  return code;
}

static int prove_entry(struct cli *cli, int64_t seq, int64_t size) {
  Wangge__V1__ProveEntryRequest request = WANGGE__V1__PROVE_ENTRY_REQUEST__INIT;
  struct wg_error error = {0};
  struct land_proof_file proof = {0};
  int code = CLI_USAGE;
  if ((request.village = own_village(cli, &code)) == NULL) return code;
  request.seq = seq;
  request.size = size;
  const Wangge__V1__ProveEntryResponse *answer =
      (const Wangge__V1__ProveEntryResponse *)cli_ask(cli, CLI_LAND, "wangge.v1.LandLedger/ProveEntry", &request.base,
                                                      &wangge__v1__prove_entry_response__descriptor, &code);
  if (answer == NULL) return code;
  if (answer->entry == NULL) wg_fail(&error, WG_INTERNAL, "entry", "is missing in the answer");
  proof.size = (uint64_t)answer->size;
  proof.checkpoint = wg_bytes_of(answer->checkpoint);
  if (error.code != WG_OK || take_path(answer->n_path, answer->path, &proof.path, &error) != WG_OK ||
      cli_ledger_entry(request.village, answer->entry, &proof.entry, &proof.payload, &error) != WG_OK)
    return cli_complain(cli, &error);
  return give_proof(cli, &proof);
}

static int prove_growth(struct cli *cli, int64_t from, int64_t to) {
  Wangge__V1__ProveGrowthRequest request = WANGGE__V1__PROVE_GROWTH_REQUEST__INIT;
  struct wg_error error = {0};
  struct land_proof_file proof = {.consistency = true, .from = (uint64_t)from};
  int code = CLI_USAGE;
  if ((request.village = own_village(cli, &code)) == NULL) return code;
  request.from = from;
  request.to = to;
  const Wangge__V1__ProveGrowthResponse *answer =
      (const Wangge__V1__ProveGrowthResponse *)cli_ask(cli, CLI_LAND, "wangge.v1.LandLedger/ProveGrowth", &request.base,
                                                       &wangge__v1__prove_growth_response__descriptor, &code);
  if (answer == NULL) return code;
  proof.size = (uint64_t)answer->to;
  snprintf(proof.entry.village, sizeof proof.entry.village, "%s", request.village);
  if (take_path(answer->n_path, answer->path, &proof.path, &error) != WG_OK) return cli_complain(cli, &error);
  return give_proof(cli, &proof);
}

static int run_proof(struct cli *cli) {
  struct wg_error error = {0};
  int64_t seq = 0, size = 0, from = 0;
  const bool growth = cli_given(&cli->parsed, "from");
  if (cli_number(&cli->parsed, "size", 1, INT64_MAX, &size, &error) != WG_OK ||
      cli_number(&cli->parsed, "from", 1, INT64_MAX, &from, &error) != WG_OK)
    return cli_usage(cli, &error);
  if (growth == (cli->parsed.arguments == 1))
    wg_fail(&error, WG_INVALID_ARGUMENT, NULL, "give either the number of an entry or --from SIZE");
  else if (!growth && !wg_parse_i64(cli->parsed.argument[0], &seq))
    wg_fail(&error, WG_INVALID_ARGUMENT, "SEQ", "must be the number of an entry, from 0");
  if (error.code != WG_OK) return cli_usage(cli, &error);
  return growth ? prove_growth(cli, from, size) : prove_entry(cli, seq, size);
}

// --- checkpoints ---

static int run_checkpoint(struct cli *cli) {
  Wangge__V1__MakeCheckpointRequest request = WANGGE__V1__MAKE_CHECKPOINT_REQUEST__INIT;
  int code = CLI_USAGE;
  if ((request.village = own_village(cli, &code)) == NULL) return code;
  const Wangge__V1__LedgerCheckpoint *made =
      (const Wangge__V1__LedgerCheckpoint *)cli_ask(cli, CLI_LAND, "wangge.v1.LandLedger/MakeCheckpoint", &request.base,
                                                    &wangge__v1__ledger_checkpoint__descriptor, &code);
  if (made == NULL) return code;
  if (cli->json) {
    cli_print_message(&made->base);
    return CLI_DONE;
  }
  return give(cli, &(struct wg_buffer){.data = (uint8_t *)made->note, .size = strlen(made->note)});
}

static void add_checkpoint(struct cli_table *table, const Wangge__V1__LedgerCheckpoint *checkpoint) {
  struct wg_buffer root = {0};
  char at[32];
  land_base64_append(&root, (struct wg_bytes){checkpoint->root.data, checkpoint->root.len});
  cli_table_cell(table, "%s", cli_time(checkpoint->made_at, at));
  cli_table_cell(table, "%s", checkpoint->origin);
  cli_table_cell(table, "%" PRId64, checkpoint->size);
  cli_table_cell(table, "%s", wg_buffer_cstr(&root));
  wg_buffer_free(&root);
}

static int run_checkpoints(struct cli *cli) {
  static const char *const headings[] = {"MADE", "ORIGIN", ">SIZE", "ROOT", NULL};
  Wangge__V1__ListCheckpointsRequest request = WANGGE__V1__LIST_CHECKPOINTS_REQUEST__INIT;
  struct wg_error error = {0};
  int64_t limit = 50;
  int code = CLI_USAGE;
  if (cli_number(&cli->parsed, "limit", 1, 1000, &limit, &error) != WG_OK) return cli_usage(cli, &error);
  if ((request.village = own_village(cli, &code)) == NULL) return code;
  request.limit = (int32_t)limit;
  const Wangge__V1__ListCheckpointsResponse *list = (const Wangge__V1__ListCheckpointsResponse *)cli_ask(
      cli, CLI_LAND, "wangge.v1.LandLedger/ListCheckpoints", &request.base,
      &wangge__v1__list_checkpoints_response__descriptor, &code);
  if (list == NULL) return code;
  struct cli_table *table = cli_table_create(headings);
  for (size_t i = 0; i < list->n_checkpoints; i++) {
    if (cli->json) cli_print_message(&list->checkpoints[i]->base);
    else add_checkpoint(table, list->checkpoints[i]);
  }
  if (!cli->json) cli_table_print(table, stdout);
  cli_table_free(table);
  return CLI_DONE;
}

// --- restore ---

static const struct cli_land_write WRITES[] = {
    {"land record-restore",
     "LandLedger/RecordRestore",
     &wangge__v1__record_restore_request__descriptor,
     "registrar",
     {"lost-to=lostTo", "evidence=evidence"}},
    {0},
};

static int run_write(struct cli *cli) {
  return cli_land_do(cli, WRITES);
}

#define OUT                                                                                                            \
  { "out", "FILE", "file to write (default: standard output)" }
static const struct cli_option village_options[] = {CLI_LAND_VILLAGE, {0}};
static const struct cli_option head_options[] = {
    CLI_LAND_VILLAGE, {"size", "N", "as it was with so many entries, for comparing with a sheet"}, {0}};
static const struct cli_option out_options[] = {CLI_LAND_VILLAGE, OUT, {0}};
static const struct cli_option proof_options[] = {
    CLI_LAND_VILLAGE,
    {"size", "N", "of the tree: the size on the sheet that is at hand (default: as it is now)"},
    {"from", "N", "prove that the first N entries are the beginning of the tree, instead of one entry"},
    OUT,
    {0},
};
static const struct cli_option list_options[] = {
    CLI_LAND_VILLAGE, {"limit", "N", "at most so many, the newest first (50)"}, {0}};
static const struct cli_option restore_options[] = {
    {"lost-to", "N", "last entry that is known to have been there"},
    {"evidence", "TEXT", "where that is known from: a sheet, a checkpoint"},
    CLI_LAND_WRITE};

const struct cli_command cli_land_ledger[] = {
    {"land head", "", 0, 0, "the checkpoint of a village's ledger as it is now or was, signed", head_options,
     "  wangge land head --village 131102101201\n"
     "  wangge land head --village 131102101201 --size 1042\n",
     run_head},
    {"land key", "", 0, 0, "the key with which the service signs checkpoints", village_options,
     "  wangge land key --village 131102101201 >land.key\n", run_key},
    {"land export-ledger", "", 0, 0, "a village's ledger as JSON lines, as it is stored", out_options,
     "  wangge land export-ledger --village 131102101201 --out ledger.jsonl\n", run_export},
    {"land proof", "[SEQ]", 0, 1, "a proof that an entry is in the ledger, or that the ledger only grew", proof_options,
     "  wangge land proof 17 --village 131102101201 --size 1042 --out proof.json\n"
     "  wangge land proof --village 131102101201 --from 980 --size 1042\n",
     run_proof},
    {"land checkpoint", "", 0, 0, "sign a village's ledger as it is now and keep the checkpoint", out_options,
     "  wangge land checkpoint --village 131102101201 --as village\n", run_checkpoint},
    {"land checkpoints", "", 0, 0, "checkpoints that were kept, of a village or (6 digits) of a district as a whole",
     list_options, "  wangge land checkpoints --village 131102 --json\n", run_checkpoints},
    {"land record-restore", "", 0, 0, "name the entries that a restore from a backup has lost", restore_options,
     "  wangge land record-restore --village 131102101201 --lost-to 1041 --evidence '张榜 2026-11-20' \\\n"
     "    --reason 磁盘损坏 --person 演示人\n",
     run_write},
    {0},
};

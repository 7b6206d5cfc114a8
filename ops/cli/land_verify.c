// wangge land verify: whether a ledger is still the one it was. Verification is the client's own
// (services/land/ledger): what the service says of itself is what is checked, not who checks.
//
// Exit 0: it is; 1: it was tampered with, the first bad entry and member are printed; 2: it cannot be checked.

#include "ops/cli/land.h"
#include "ops/cli/land_ledger.h"
#include "ops/cli/output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHEETS = 64, FILE_BYTES = 64 << 20 };

_Static_assert((int)LAND_INTACT == (int)CLI_DONE && (int)LAND_TAMPERED == (int)CLI_REFUSED &&
                   (int)LAND_UNCHECKED == (int)CLI_USAGE,
               "a verdict is an exit code");

static const char *const VERDICTS[] = {"intact", "tampered", "unchecked"};

int cli_land_report(const struct cli *cli, const struct land_verification *found) {
  if (cli->json) {
    cli_print_json(json_pack("{s:s,s:s,s:I,s:s,s:s,s:I,s:I,s:I}", "verdict", VERDICTS[found->verdict], "village",
                             found->village, "seq", (json_int_t)found->seq, "field", found->field, "message",
                             found->message, "villages", (json_int_t)found->villages, "entries",
                             (json_int_t)found->entries, "sheets", (json_int_t)found->sheets));
    return (int)found->verdict;
  }
  printf("%s:", VERDICTS[found->verdict]);
  if (found->village[0]) printf(" village %s", found->village);
  if (found->seq >= 0) printf(" entry %" PRId64, found->seq);
  if (found->field[0]) printf(" %s:", found->field);
  if (found->verdict != LAND_INTACT) printf(" %s\n", found->message);
  else
    printf(" %" PRIu64 " villages, %" PRIu64 " entries, %" PRIu64 " sheets\n", found->villages, found->entries,
           found->sheets);
  return (int)found->verdict;
}

// --- files ---

// read_file reads a small file whole into the run's arena.
static wg_status read_file(struct cli *cli, const char *path, struct wg_bytes *bytes, struct wg_error *error) {
  FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
  if (file == NULL) return wg_fail(error, WG_NOT_FOUND, NULL, "cannot read %s: %s", path, strerror(errno));
  struct wg_buffer read = {0};
  size_t got;
  do {
    got = fread(wg_buffer_reserve(&read, 1 << 16), 1, 1 << 16, file);
    read.size += got;
  } while (got > 0 && read.size <= FILE_BYTES);
  const bool broken = ferror(file) != 0 || read.size > FILE_BYTES;
  if (file != stdin) fclose(file);
  if (!broken)
    *bytes = (struct wg_bytes){(const uint8_t *)wg_arena_text(cli->arena, (struct wg_bytes){read.data, read.size}),
                               read.size};
  wg_buffer_free(&read);
  return broken ? wg_fail(error, WG_INVALID_ARGUMENT, NULL, "%s cannot be read or is larger than 64 MiB", path) : WG_OK;
}

// read_key: the key of --key; *given tells whether there is one.
static wg_status read_key(struct cli *cli, struct land_key *key, bool *given, struct wg_error *error) {
  const char *path = cli_text(&cli->parsed, "key");
  struct wg_bytes text;
  *given = path != NULL;
  if (path == NULL) return WG_OK;
  wg_status status = read_file(cli, path, &text, error);
  return status == WG_OK ? land_key_read(text, key, error) : status;
}

// read_sheet reads a checkpoint. With a key it must be signed: one that is not says nothing, and one whose signature
// does not hold was changed (*forged).
static wg_status read_sheet(struct cli *cli, const char *path, struct land_sheet *sheet, bool *forged,
                            struct wg_error *error) {
  struct wg_bytes note;
  struct land_key key = {0};
  bool with_key;
  sheet->name = path;
  wg_status status = read_file(cli, path, &note, error);
  if (status == WG_OK) status = land_checkpoint_read(note, &sheet->checkpoint, error);
  if (status == WG_OK) status = read_key(cli, &key, &with_key, error);
  if (status != WG_OK || !with_key) return status;
  enum land_signature signature = land_checkpoint_signature(note, &key);
  *forged |= signature == LAND_SIGNATURE_BAD;
  if (signature != LAND_SIGNATURE_MISSING) return WG_OK;
  return wg_fail(error, WG_FAILED_PRECONDITION, "signature", "%s is not signed by %s", path, key.name);
}

static int forged(const struct cli *cli, const struct land_sheet *sheet) {
  struct land_verification found = {.verdict = LAND_TAMPERED, .seq = -1, .field = "signature"};
  const char *village = land_checkpoint_village(&sheet->checkpoint);
  snprintf(found.village, sizeof found.village, "%s", village != NULL ? village : "");
  snprintf(found.message, sizeof found.message, "%s: the signature does not hold: the sheet was changed", sheet->name);
  return cli_land_report(cli, &found);
}

static wg_status read_proof(struct cli *cli, const char *path, struct wg_buffer *scratch, struct land_proof_file *proof,
                            struct wg_error *error) {
  struct wg_bytes bytes;
  wg_status status = read_file(cli, path, &bytes, error);
  return status == WG_OK ? land_proof_read(bytes, scratch, proof, error) : status;
}

// --- chain, tree, checkpoint over an export ---

static int verify_export(struct cli *cli, const char *path, unsigned checks, struct land_sheet *sheets, size_t count) {
  struct wg_input input = {.fd = -1};
  struct wg_error error = {0};
  struct land_verifier verifier;
  if (wg_input_open(&input, path, &error) != WG_OK) {
    wg_input_close(&input);
    return cli_usage(cli, &error);
  }
  if (land_verify_start(&verifier, checks, sheets, count)) land_verify_export(&verifier, &input);
  wg_input_close(&input);
  return cli_land_report(cli, &verifier.found);
}

static int run_chain(struct cli *cli) {
  return verify_export(cli, cli->parsed.argument[0], LAND_CHECK_CHAIN, NULL, 0);
}

static int run_tree(struct cli *cli) {
  return verify_export(cli, cli->parsed.argument[0], LAND_CHECK_CHAIN | LAND_CHECK_TREE, NULL, 0);
}

static int verify_two(struct cli *cli, struct land_sheet *sheets) {
  const char *path = cli_text(&cli->parsed, "proof");
  struct wg_buffer scratch = {0};
  struct wg_error error = {0};
  struct land_proof_file proof;
  const bool turned = sheets[0].checkpoint.size > sheets[1].checkpoint.size;
  if (path != NULL && read_proof(cli, path, &scratch, &proof, &error) != WG_OK) {
    wg_buffer_free(&scratch);
    return cli_usage(cli, &error);
  }
  struct land_verification found =
      land_verify_consistency(path != NULL ? &proof : NULL, &sheets[turned].checkpoint, &sheets[!turned].checkpoint);
  wg_buffer_free(&scratch);
  return cli_land_report(cli, &found);
}

static int run_checkpoint(struct cli *cli) {
  struct land_sheet sheets[SHEETS];
  struct wg_error error = {0};
  const char *export = cli_text(&cli->parsed, "export");
  const int count = cli->parsed.arguments;
  for (int i = 0; i < count; i++) {
    bool bad = false;
    if (read_sheet(cli, cli->parsed.argument[i], &sheets[i], &bad, &error) != WG_OK) return cli_usage(cli, &error);
    if (bad) return forged(cli, &sheets[i]);
  }
  if (export != NULL) return verify_export(cli, export, LAND_CHECK_CHAIN | LAND_CHECK_TREE, sheets, (size_t)count);
  if (count == 2) return verify_two(cli, sheets);
  wg_fail(&error, WG_INVALID_ARGUMENT, "export",
          "give --export FILE, or two sheets and, unless of one size, --proof FILE");
  return cli_usage(cli, &error);
}

// --- inclusion ---

static int run_inclusion(struct cli *cli) {
  struct land_sheet sheet;
  struct land_proof_file proof;
  struct wg_buffer scratch = {0};
  struct wg_error error = {0};
  bool bad = false;
  const char *path = cli_text(&cli->parsed, "checkpoint");
  if (path == NULL) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "checkpoint",
            "--checkpoint SHEET is required: a root that comes with the proof proves nothing");
    return cli_usage(cli, &error);
  }
  if (read_sheet(cli, path, &sheet, &bad, &error) != WG_OK) return cli_usage(cli, &error);
  if (bad) return forged(cli, &sheet);
  int code;
  if (read_proof(cli, cli->parsed.argument[0], &scratch, &proof, &error) != WG_OK) {
    code = cli_usage(cli, &error);
  } else {
    struct land_verification found = land_verify_inclusion(&proof, &sheet.checkpoint);
    code = cli_land_report(cli, &found);
  }
  wg_buffer_free(&scratch);
  return code;
}

#define KEY                                                                                                            \
  { "key", "FILE", "key of the service (wangge land key): sheets must be signed with it" }
static const struct cli_option no_options[] = {{0}};
static const struct cli_option village_options[] = {CLI_LAND_VILLAGE, {0}};
static const struct cli_option checkpoint_options[] = {
    {"export", "FILE", "the ledger that the sheets are of, - for stdin"},
    {"proof", "FILE", "consistency proof between two sheets (wangge land proof --from)"},
    KEY,
    {0},
};
static const struct cli_option inclusion_options[] = {
    {"checkpoint", "SHEET", "the posted sheet of the size that the proof is for"},
    KEY,
    {0},
};

const struct cli_command cli_land_verify[] = {
    {"land verify chain", "EXPORT", 1, 1, "whether each entry is whole and follows the one before it", no_options,
     "  wangge land verify chain ledger.jsonl\n"
     "  wangge land export-ledger --village 131102101201 | wangge land verify chain - --json\n",
     run_chain},
    {"land verify tree", "EXPORT", 1, 1, "the chain, and whether its entries lead to the root the ledger says it has",
     no_options, "  wangge land verify tree ledger.jsonl\n", run_tree},
    {"land verify checkpoint", "SHEET…", 1, SHEETS, "whether a ledger still agrees with checkpoints somebody kept",
     checkpoint_options,
     "  wangge land verify checkpoint posted-may.txt posted-june.txt --export ledger.jsonl\n"
     "  wangge land verify checkpoint posted-may.txt posted-june.txt --proof consistency.json --key land.key\n",
     run_checkpoint},
    {"land verify projection", "", 0, 0, "whether the table of records is what the entries leave behind",
     village_options, "  wangge land verify projection --village 131102101201\n", cli_land_projection},
    {"land verify inclusion", "PROOF", 1, 1, "whether an entry is in the ledger that a posted sheet is of",
     inclusion_options, "  wangge land verify inclusion proof.json --checkpoint posted-june.txt\n", run_inclusion},
    {0},
};

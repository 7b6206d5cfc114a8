// wangge land verify projection: whether the table of records is what the entries leave behind. All entries are
// verified and played again, then every row is compared, column by column.
//
// Rows come through the service, which gives them as they are stored: an auditor has a key of the service and no
// account of the database. Someone who edits tables does not thereby change what the service reads of them.

#include "ops/cli/land.h"
#include "ops/cli/land_ledger.h"
#include "ops/cli/output.h"

#include "common/base/map.h"
#include "common/wire/wire.h"
#include "services/land/book.h"
#include "services/land/row.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct expected {         // newest version of a record
  struct wg_bytes record; // packed; the map owns it
  int64_t version, entry_seq;
  int64_t made_seq; // entry of its first version
  bool met;
};

struct replay {
  struct cli *cli;
  struct land_verifier verifier;
  struct cli_ledger ledger;
  struct wg_map *records; // "kind/id" -> struct expected
  struct wg_arena *arena; // of one entry or one row
  uint64_t began;         // size of the ledger when the check began
  struct land_verification found;
};

__attribute__((format(printf, 4, 5))) static bool differs(struct replay *replay, int64_t seq, const char *column,
                                                          const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(replay->found.message, sizeof replay->found.message, format, arguments);
  va_end(arguments);
  replay->found.verdict = LAND_TAMPERED;
  replay->found.seq = seq;
  snprintf(replay->found.field, sizeof replay->found.field, "record.%s", column);
  snprintf(replay->found.village, sizeof replay->found.village, "%s", replay->ledger.village);
  return false;
}

// --- playing entries ---

static void take_record(struct replay *replay, const Wangge__V1__LandRecord *record, int64_t seq) {
  const char *kind = land_kind_name((int)record->body_case);
  const char *key = wg_arena_printf(replay->arena, "%s/%s", kind != NULL ? kind : "", record->id);
  struct expected *expected = wg_map_get(replay->records, key);
  if (expected == NULL) {
    expected = wg_zalloc(sizeof *expected);
    expected->made_seq = seq;
    wg_map_put(replay->records, key, expected);
  }
  struct wg_bytes packed = wg_pack(&record->base, replay->arena);
  uint8_t *copy = wg_alloc(packed.size + 1);
  memcpy(copy, packed.data, packed.size);
  free((void *)(uintptr_t)expected->record.data);
  expected->record = (struct wg_bytes){copy, packed.size};
  expected->version = record->version;
  expected->entry_seq = seq;
}

static wg_status play(void *context, const struct land_ledger_entry *entry, struct wg_bytes payload,
                      struct wg_error *error) {
  struct replay *replay = context;
  ProtobufCMessage *message;
  wg_arena_reset(replay->arena);
  wg_status status = wg_unpack(&wangge__v1__land_entry__descriptor, payload, replay->arena, &message, error);
  if (status != WG_OK) return status;
  const Wangge__V1__LandEntry *content = (const Wangge__V1__LandEntry *)message;
  for (size_t i = 0; i < content->n_records; i++)
    take_record(replay, content->records[i], (int64_t)entry->seq);
  return WG_OK;
}

static wg_status play_up_to(struct replay *replay, uint64_t size, struct wg_error *error) {
  if (size <= replay->ledger.size) return WG_OK;
  const wg_status status = cli_ledger_read(&replay->ledger, size, error);
  if (status == WG_OK && replay->verifier.found.verdict != LAND_INTACT) replay->found = replay->verifier.found;
  return status;
}

// --- comparing rows ---

static bool same_json(const char *a, const char *b) {
  json_t *left = json_loads(a, 0, NULL), *right = json_loads(b, 0, NULL);
  const bool same = left != NULL && right != NULL && json_equal(left, right);
  json_decref(left);
  json_decref(right);
  return same;
}

static bool same_bytes(struct wg_bytes expected, ProtobufCBinaryData stored) {
  return wg_bytes_equal(expected, (struct wg_bytes){stored.data, stored.len});
}

// column gives the first column that differs; NULL: none does.
static const char *column(const struct expected *expected, const struct land_row *row,
                          const Wangge__V1__StoredRecord *stored) {
  if (stored->version != expected->version) return "version";
  if (stored->entry_seq != expected->entry_seq) return "entry_seq";
  if (!same_bytes(row->body, stored->body)) return "body";
  if ((stored->ended != 0) != row->ended) return "ended";
  if (strcmp(stored->state, row->state) != 0) return "state";
  if (strcmp(stored->name, row->name) != 0) return "name";
  if (strcmp(stored->due_on, row->due_on) != 0) return "due_on";
  if (!same_bytes(row->geom, stored->geom)) return "geom";
  return same_json(row->attributes, stored->attributes) ? NULL : "attributes";
}

static bool compare(struct replay *replay, const Wangge__V1__StoredRecord *stored) {
  ProtobufCMessage *record;
  struct wg_error error = {0};
  wg_arena_reset(replay->arena);
  struct expected *expected =
      wg_map_get(replay->records, wg_arena_printf(replay->arena, "%s/%s", stored->kind, stored->id));
  if (expected == NULL)
    return differs(replay, stored->entry_seq, "id", "%s %s: no entry made this record", stored->kind, stored->id);
  expected->met = true;
  if (wg_unpack(&wangge__v1__land_record__descriptor, expected->record, replay->arena, &record, &error) != WG_OK)
    return differs(replay, expected->entry_seq, "body", "%s %s: %s", stored->kind, stored->id, error.message);
  const struct land_row row = land_row_of((const Wangge__V1__LandRecord *)record, replay->arena);
  const char *bad = column(expected, &row, stored);
  if (bad == NULL) return true;
  return differs(replay, expected->entry_seq, bad, "%s %s: column %s is not what entry %" PRId64 " left there",
                 stored->kind, stored->id, bad, expected->entry_seq);
}

// compare_page: rows may be newer than the entries played so far, of writes that came meanwhile: those are played
// first.
static wg_status compare_page(struct replay *replay, const Wangge__V1__StoredRecordsResponse *page,
                              struct wg_error *error) {
  uint64_t newest = 0;
  Wangge__V1__LedgerHeadResponse *head;
  struct cli_ledger now = replay->ledger;
  now.verifier = NULL;
  for (size_t i = 0; i < page->n_records; i++)
    if (page->records[i]->entry_seq >= 0 && (uint64_t)page->records[i]->entry_seq > newest)
      newest = (uint64_t)page->records[i]->entry_seq;
  wg_status status = WG_OK;
  if (newest >= replay->ledger.size) {
    status = cli_ledger_head(&now, &head, error); // a row may name an entry that never was
    if (status == WG_OK)
      status = play_up_to(replay, (uint64_t)head->size < newest + 1 ? (uint64_t)head->size : newest + 1, error);
  }
  for (size_t i = 0; i < page->n_records && status == WG_OK && replay->found.verdict == LAND_INTACT; i++)
    compare(replay, page->records[i]);
  return status;
}

static wg_status compare_rows(struct replay *replay, struct wg_error *error) {
  struct cli *cli = replay->cli;
  struct wg_arena *of_run = cli->arena, *of_page = wg_arena_create(1 << 20);
  char after_kind[128] = "", after_id[128] = "";
  wg_status status = WG_OK;
  while (replay->found.verdict == LAND_INTACT) {
    Wangge__V1__StoredRecordsRequest request = WANGGE__V1__STORED_RECORDS_REQUEST__INIT;
    ProtobufCMessage *response = NULL;
    request.village = cli_land_field(replay->ledger.village);
    request.after_kind = after_kind;
    request.after_id = after_id;
    wg_arena_reset(of_page);
    cli->arena = of_page;
    status = cli_call(cli, CLI_LAND, "wangge.v1.LandLedger/StoredRecords", &request.base,
                      &wangge__v1__stored_records_response__descriptor, &response, error);
    cli->arena = of_run;
    const Wangge__V1__StoredRecordsResponse *page = (const Wangge__V1__StoredRecordsResponse *)response;
    if (status != WG_OK || page->n_records == 0) break;
    if ((status = compare_page(replay, page, error)) != WG_OK) break;
    const Wangge__V1__StoredRecord *last = page->records[page->n_records - 1];
    snprintf(after_kind, sizeof after_kind, "%s", last->kind);
    snprintf(after_id, sizeof after_id, "%s", last->id);
  }
  wg_arena_destroy(of_page);
  return status;
}

// missing finds the record without a row whose entry is the oldest. One made after the check began may have come behind
// the page that it belongs to.
static void missing(struct replay *replay) {
  const struct expected *oldest = NULL;
  const char *key, *name = NULL;
  size_t position = 0;
  void *value;
  while (wg_map_next(replay->records, &position, &key, &value)) {
    const struct expected *expected = value;
    if (expected->met || (uint64_t)expected->made_seq >= replay->began) continue;
    if (oldest != NULL && oldest->entry_seq <= expected->entry_seq) continue;
    oldest = expected;
    name = key;
  }
  if (oldest != NULL)
    differs(replay, oldest->entry_seq, "id", "%s: the record that entry %" PRId64 " left is not there", name,
            oldest->entry_seq);
}

static void free_records(struct wg_map *records) {
  const char *key;
  size_t position = 0;
  void *value;
  while (wg_map_next(records, &position, &key, &value)) {
    struct expected *expected = value;
    free((void *)(uintptr_t)expected->record.data);
    free(expected);
  }
  wg_map_destroy(records);
}

static wg_status check(struct replay *replay, struct wg_error *error) {
  Wangge__V1__LedgerHeadResponse *head;
  wg_status status = cli_ledger_head(&replay->ledger, &head, error);
  if (status != WG_OK) return status;
  replay->began = (uint64_t)head->size;
  status = play_up_to(replay, replay->began, error);
  if (status != WG_OK || replay->found.verdict != LAND_INTACT) return status;
  if (replay->ledger.size < replay->began) {
    land_verify_finish(&replay->verifier); // entries are missing at the end
    replay->found = replay->verifier.found;
    return WG_OK;
  }
  status = compare_rows(replay, error);
  if (status == WG_OK && replay->found.verdict == LAND_INTACT) missing(replay);
  return status;
}

int cli_land_projection(struct cli *cli) {
  struct wg_error error = {0};
  const char *village = cli_land_village(cli, &error);
  if (village == NULL) return cli_usage(cli, &error);
  struct replay replay = {
      .cli = cli, .records = wg_map_create(), .arena = wg_arena_create(1 << 20), .found = {.seq = -1, .villages = 1}};
  land_verify_start(&replay.verifier, LAND_CHECK_CHAIN | LAND_CHECK_TREE, NULL, 0);
  replay.ledger = (struct cli_ledger){
      .cli = cli, .village = village, .verifier = &replay.verifier, .entry = play, .context = &replay};
  const wg_status status = check(&replay, &error);
  replay.found.entries = replay.ledger.size;
  free_records(replay.records);
  wg_arena_destroy(replay.arena);
  if (status == WG_OK) return cli_land_report(cli, &replay.found);
  return cli_complain(cli, &error) == CLI_UNREACHABLE ? CLI_UNREACHABLE : CLI_USAGE; // it could not be checked
}

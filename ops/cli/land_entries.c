// Entries of a ledger from the service, page by page through the verifier.

#include "ops/cli/land_ledger.h"
#include "ops/cli/output.h"

#include "common/wire/wire.h"

#include <stdio.h>
#include <string.h>

char *cli_land_field(const char *text) {
  return (char *)(uintptr_t)text;
}

static bool copy_hash(const ProtobufCBinaryData *bytes, uint8_t hash[LAND_HASH_BYTES]) {
  if (bytes->len != LAND_HASH_BYTES) return false;
  memcpy(hash, bytes->data, LAND_HASH_BYTES);
  return true;
}

wg_status cli_ledger_entry(const char *village, const Wangge__V1__LedgerEntry *message, struct land_ledger_entry *entry,
                           struct wg_bytes *payload, struct wg_error *error) {
  *entry = (struct land_ledger_entry){.seq = (uint64_t)message->seq,
                                      .at_us = message->at,
                                      .kind = wg_bytes_of(message->kind),
                                      .actor = wg_bytes_of(message->actor)};
  snprintf(entry->village, sizeof entry->village, "%s", village);
  *payload = (struct wg_bytes){message->payload.data, message->payload.len};
  if (copy_hash(&message->prev_hash, entry->prev_hash) && copy_hash(&message->leaf_hash, entry->leaf_hash) &&
      copy_hash(&message->payload_sha256, entry->payload_sha256))
    return WG_OK;
  return wg_fail(error, WG_INTERNAL, "entries", "a hash of entry %lld has not 32 bytes", (long long)message->seq);
}

wg_status cli_ledger_head(struct cli_ledger *ledger, Wangge__V1__LedgerHeadResponse **head, struct wg_error *error) {
  Wangge__V1__LedgerHeadRequest request = WANGGE__V1__LEDGER_HEAD_REQUEST__INIT;
  ProtobufCMessage *response;
  request.village = cli_land_field(ledger->village);
  const wg_status status = cli_call(ledger->cli, CLI_LAND, "wangge.v1.LandLedger/LedgerHead", &request.base,
                                    &wangge__v1__ledger_head_response__descriptor, &response, error);
  if (status != WG_OK) return status;
  *head = (Wangge__V1__LedgerHeadResponse *)response;
  struct land_checkpoint says = {.size = (uint64_t)(*head)->size};
  snprintf(says.origin, sizeof says.origin, LAND_ORIGIN_PREFIX "%s", ledger->village);
  if (!copy_hash(&(*head)->root, says.root)) return wg_fail(error, WG_INTERNAL, "root", "has not 32 bytes");
  if (ledger->verifier != NULL) land_verify_village(ledger->verifier, &says);
  return WG_OK;
}

static wg_status take_page(struct cli_ledger *ledger, const Wangge__V1__LedgerEntriesResponse *page,
                           struct wg_error *error) {
  for (size_t i = 0; i < page->n_entries; i++) {
    struct land_ledger_entry entry;
    struct wg_bytes payload;
    wg_status status = cli_ledger_entry(ledger->village, page->entries[i], &entry, &payload, error);
    if (status != WG_OK) return status;
    if (ledger->verifier != NULL && !land_verify_entry(ledger->verifier, &entry, payload)) return WG_OK;
    if (ledger->entry != NULL && (status = ledger->entry(ledger->context, &entry, payload, error)) != WG_OK)
      return status;
    ledger->size++;
  }
  return WG_OK;
}

// ask_page gives the entries from `from` on; NULL with the error filled.
static const Wangge__V1__LedgerEntriesResponse *ask_page(struct cli_ledger *ledger, uint64_t from, uint64_t to,
                                                         struct wg_error *error) {
  Wangge__V1__LedgerEntriesRequest request = WANGGE__V1__LEDGER_ENTRIES_REQUEST__INIT;
  ProtobufCMessage *response = NULL;
  request.village = cli_land_field(ledger->village);
  request.from = (int64_t)from;
  request.to = (int64_t)to;
  if (cli_call(ledger->cli, CLI_LAND, "wangge.v1.LandLedger/LedgerEntries", &request.base,
               &wangge__v1__ledger_entries_response__descriptor, &response, error) != WG_OK)
    return NULL;
  return (const Wangge__V1__LedgerEntriesResponse *)response;
}

static wg_status read_pages(struct cli_ledger *ledger, uint64_t size, struct wg_error *error) {
  uint64_t from = ledger->size;
  while (from < size) {
    wg_arena_reset(ledger->cli->arena);
    const Wangge__V1__LedgerEntriesResponse *page = ask_page(ledger, from, size, error);
    if (page == NULL) return error->code;
    if (page->n_entries == 0) return WG_OK;
    const wg_status status = take_page(ledger, page, error);
    if (status != WG_OK) return status;
    if (ledger->verifier != NULL && ledger->verifier->found.verdict != LAND_INTACT) return WG_OK;
    if (cli_stopped) return wg_fail(error, WG_CANCELLED, NULL, "interrupted");
    from = (uint64_t)page->entries[page->n_entries - 1]->seq + 1;
    cli_progress("entries", from, size, 0);
  }
  return WG_OK;
}

wg_status cli_ledger_read(struct cli_ledger *ledger, uint64_t size, struct wg_error *error) {
  struct wg_arena *of_run = ledger->cli->arena;
  ledger->cli->arena = wg_arena_create(1 << 20); // of a page, so that pages do not heap up
  const wg_status status = read_pages(ledger, size, error);
  wg_arena_destroy(ledger->cli->arena);
  ledger->cli->arena = of_run;
  cli_progress_clear();
  return status;
}

// What the commands about the ledger share: its entries as the service has them, verified on the way.
#pragma once

#include "ops/cli/cli.h"

#include "services/land/ledger/verify.h"

#include "wangge/v1/land_ledger.pb-c.h"

// The entries of a village, page by page. Zero-initialise but for cli, village and verifier.
struct cli_ledger {
  struct cli *cli;
  const char *village;
  struct land_verifier *verifier; // given each entry; started by the caller
  // given each entry that is intact; may be NULL
  wg_status (*entry)(void *context, const struct land_ledger_entry *entry, struct wg_bytes payload,
                     struct wg_error *error);
  void *context;
  uint64_t size; // entries given so far
};

char *cli_land_field(const char *text); // protobuf-c's members are not const
// cli_ledger_head asks where the ledger ends and gives it to the verifier as what the ledger says of itself.
wg_status cli_ledger_head(struct cli_ledger *ledger, Wangge__V1__LedgerHeadResponse **head, struct wg_error *error);
// cli_ledger_read reads on up to `size` entries, or to the first that is not intact (the verifier's verdict). Fewer
// than asked for are no error: the verifier sees that they are missing.
wg_status cli_ledger_read(struct cli_ledger *ledger, uint64_t size, struct wg_error *error);
// cli_ledger_entry: an entry of the contract as the ledger's own. INTERNAL: its hashes are none.
wg_status cli_ledger_entry(const char *village, const Wangge__V1__LedgerEntry *message, struct land_ledger_entry *entry,
                           struct wg_bytes *payload, struct wg_error *error);

// cli_land_report prints what was found and gives the exit code.
int cli_land_report(const struct cli *cli, const struct land_verification *found);
int cli_land_projection(struct cli *cli); // land_projection.c

// Proofs from the stored hashes: two tiles a level, by primary key.
#include "services/land/land.h"
#include "services/land/ledger/topic.h"

#include <string.h>

// --- hashes of the tree ---
// Primary keys.
static const struct wg_statement LEAVES = {
    "land_ledger_leaves",
    "SELECT leaf_hash FROM ledger_entry WHERE district = $1 AND village = $2 AND seq >= $3 AND seq < $4 ORDER BY seq",
    4};
static const struct wg_statement TILES = {"land_ledger_tiles",
                                          "SELECT hash FROM ledger_tile WHERE district = $1 AND village = $2 AND "
                                          "number >= $3 AND number < $4 AND level = $5 ORDER BY number",
                                          5};

struct stored_tree {
  struct wg_read_call *call;
  const char *village;
};

static wg_status read_hashes(void *context, unsigned level, uint64_t first, size_t count,
                             uint8_t (*hashes)[LAND_HASH_BYTES], struct wg_error *error) {
  const struct stored_tree *tree = context;
  struct wg_params *params = land_key_params(tree->call->arena, tree->village, 3);
  wg_param_i64(params, (int64_t)first);
  wg_param_i64(params, (int64_t)(first + count));
  if (level) wg_param_i64(params, level);
  PGresult *result = NULL;
  wg_status status = wg_db_run(tree->call->db, level ? &TILES : &LEAVES, params, &result, error);
  if (status != WG_OK) return status;
  if ((size_t)PQntuples(result) != count)
    status = wg_fail(error, WG_DATA_LOSS, "seq",
                     "of the %zu hashes of level %u from number %llu there are %d: the ledger is damaged", count, level,
                     (unsigned long long)first, PQntuples(result));
  for (size_t i = 0; i < count && status == WG_OK; i++)
    memcpy(hashes[i], wg_get_bytea(result, (int)i, 0).data, LAND_HASH_BYTES); // 32 bytes by the table's check
  PQclear(result);
  return status;
}

wg_status land_read_root(struct wg_read_call *call, const char *village, uint64_t size, uint8_t root[LAND_HASH_BYTES],
                         struct wg_error *error) {
  struct stored_tree tree = {call, village};
  const struct land_nodes nodes = {read_hashes, &tree};
  return land_tree_root(&nodes, size, root, error);
}

static ProtobufCBinaryData *path_message(const struct land_proof *proof, struct wg_arena *arena) {
  ProtobufCBinaryData *path = wg_arena_alloc(arena, (proof->count + 1) * sizeof *path);
  for (size_t i = 0; i < proof->count; i++)
    path[i] = land_bytes((struct wg_bytes){proof->hash[i], LAND_HASH_BYTES}, arena);
  return path;
}

wg_status land_tree_size(int64_t asked, const struct land_head *head, const char *field, uint64_t *size,
                         struct wg_error *error) {
  *size = asked ? (uint64_t)asked : head->peaks.size;
  if (*size <= head->peaks.size) return WG_OK;
  return wg_fail(error, WG_OUT_OF_RANGE, field, "the ledger has %llu entries, not %lld",
                 (unsigned long long)head->peaks.size, (long long)asked);
}

// --- an entry ---
static const struct wg_statement ENTRY = {
    "land_ledger_entry",
    "SELECT " LAND_ENTRY_COLUMNS " FROM ledger_entry WHERE district = $1 AND village = $2 AND seq = $3", 3};

static wg_status read_entry(struct wg_read_call *call, const char *village, int64_t seq,
                            Wangge__V1__LedgerEntry **entry, struct wg_error *error) {
  struct wg_params *params = land_key_params(call->arena, village, 1);
  wg_param_i64(params, seq);
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, &ENTRY, params, &result, error);
  if (status != WG_OK) return status;
  if (PQntuples(result) == 0)
    status = wg_fail(error, WG_DATA_LOSS, "seq", "entry %lld is missing: the ledger is damaged", (long long)seq);
  else *entry = land_entry_message(result, 0, call->arena);
  PQclear(result);
  return status;
}

// Primary key.
static const struct wg_statement NOTE = {
    "land_checkpoint_note", "SELECT note FROM checkpoint WHERE district = $1 AND origin = $2 AND size = $3", 3};

// note_of: the signed checkpoint of a size: of now, or one that was kept; "" when there is none.
static wg_status note_of(struct wg_read_call *call, const struct land_head *head, uint64_t size, char **note,
                         struct wg_error *error) {
  const struct land_checkpoint now = land_checkpoint_of(head);
  if (size == now.size) {
    *note = land_note(&now, &((const struct land *)call->service)->signer, call->arena);
    return WG_OK;
  }
  struct wg_params *params = wg_params(call->arena, 3);
  wg_param_text(params, wg_arena_printf(call->arena, "%.*s", LAND_DISTRICT_DIGITS, head->village));
  wg_param_text(params, now.origin);
  wg_param_i64(params, (int64_t)size);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(call->db, &NOTE, params, &result, error);
  if (status != WG_OK) return status;
  if (PQntuples(result)) *note = wg_arena_strdup(call->arena, wg_get_text(result, 0, 0));
  PQclear(result);
  return WG_OK;
}

wg_status land_read_entry_proof(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ProveEntryRequest *request = (const void *)call->request;
  struct land_head head;
  struct land_proof proof;
  uint64_t size = 0;
  struct stored_tree tree = {call, request->village};
  const struct land_nodes nodes = {read_hashes, &tree};
  Wangge__V1__ProveEntryResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__prove_entry_response__init(response);
  wg_status status = land_read_village_head(call, request->village, &head, error);
  if (status == WG_OK) status = land_tree_size(request->size, &head, "size", &size, error);
  if (status == WG_OK) status = land_prove_inclusion(&nodes, (uint64_t)request->seq, size, &proof, error);
  if (status == WG_OK) status = read_entry(call, request->village, request->seq, &response->entry, error);
  if (status == WG_OK) status = note_of(call, &head, size, &response->checkpoint, error);
  if (status != WG_OK) return status;
  response->size = (int64_t)size;
  response->path = path_message(&proof, call->arena);
  response->n_path = proof.count;
  *reply = &response->base;
  return WG_OK;
}

// --- growth ---
wg_status land_read_growth_proof(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ProveGrowthRequest *request = (const void *)call->request;
  struct land_head head;
  struct land_proof proof;
  uint64_t to = 0;
  struct stored_tree tree = {call, request->village};
  const struct land_nodes nodes = {read_hashes, &tree};
  wg_status status = land_read_village_head(call, request->village, &head, error);
  if (status == WG_OK) status = land_tree_size(request->to, &head, "to", &to, error);
  if (status == WG_OK) status = land_prove_consistency(&nodes, (uint64_t)request->from, to, &proof, error);
  if (status != WG_OK) return status;
  Wangge__V1__ProveGrowthResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__prove_growth_response__init(response);
  response->to = (int64_t)to;
  response->path = path_message(&proof, call->arena);
  response->n_path = proof.count;
  *reply = &response->base;
  return WG_OK;
}

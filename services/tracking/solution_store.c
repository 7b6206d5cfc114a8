// See solution_store.h.
#include "services/tracking/solution_store.h"

#include "common/wire/wire.h"
#include "services/tracking/facts.h"

// Index list_solution_pending; those that wait are few.
static const struct wg_statement LOAD = {
    "tracking_load_solution",
    "SELECT district, body, (SELECT count(*) FROM list_solution WHERE settled_at IS NULL) FROM list_solution "
    "WHERE settled_at IS NULL ORDER BY solved_at, district, code, version LIMIT 1",
    0};
// The same; then index cases_problem for the members, primary key for those named, and for what is read of either.
static const struct wg_statement LOAD_MEMBERS = {
    "tracking_load_solved",
    "WITH s AS MATERIALIZED (SELECT * FROM list_solution WHERE settled_at IS NULL "
    "ORDER BY solved_at, district, code, version LIMIT 1) "
    "SELECT " TRACKING_COLUMNS " FROM s CROSS JOIN LATERAL (SELECT DISTINCT order_id FROM ("
    "(SELECT m.order_id FROM cases m WHERE m.district = s.district AND m.problem_id = s.problem_id "
    "AND m.order_id > s.after_order ORDER BY m.order_id LIMIT $1) UNION ALL "
    "(SELECT n.order_id FROM unnest(s.order_ids) AS u(order_id) JOIN cases n ON n.district = s.district "
    "AND n.order_id = u.order_id WHERE u.order_id > s.after_order)) AS either ORDER BY order_id LIMIT $1) AS w "
    "JOIN cases c ON c.district = s.district AND c.order_id = w.order_id ORDER BY c.order_id",
    1};

static wg_status on_solution(void *context, const PGresult *result, struct wg_error *error) {
  struct tracking_solution *found = context;
  if (!PQntuples(result)) return WG_OK;
  struct wg_arena *arena = found->table->arena;
  ProtobufCMessage *message = NULL;
  const wg_status status =
      wg_unpack(&wangge__v1__shared_solution__descriptor, wg_get_bytea(result, 0, 1), arena, &message, error);
  if (status != WG_OK) return wg_fail(error, WG_DATA_LOSS, NULL, "a solution of the problem list cannot be read");
  found->message = (const Wangge__V1__SharedSolution *)message;
  found->district = wg_arena_strdup(arena, wg_get_text(result, 0, 0));
  found->waiting = wg_get_i64(result, 0, 2);
  return WG_OK;
}

static wg_status on_members(void *context, const PGresult *result, struct wg_error *error) {
  struct tracking_solution *found = context;
  return tracking_store_read(found->table, result, found->cases, &found->count, error);
}

wg_status tracking_solution_load(struct wg_batch *batch, struct tracking_solution *found, struct wg_error *error) {
  const wg_status status = wg_db_send(batch->db, &LOAD, NULL, on_solution, found, error);
  if (status != WG_OK) return status;
  found->cases = wg_arena_alloc(batch->arena, sizeof(struct tracking_case *) * TRACKING_SOLVED_CASES);
  struct wg_params *params = wg_params(batch->arena, 1);
  wg_param_i32(params, TRACKING_SOLVED_CASES);
  return wg_db_send(batch->db, &LOAD_MEMBERS, params, on_members, found, error);
}

// Primary key.
static const struct wg_statement MOVE = {
    "tracking_move_solution",
    "UPDATE list_solution SET after_order = $4, shared = shared + $5, settled_at = CASE WHEN $6 THEN now() END "
    "WHERE district = $1 AND code = $2 AND version = $3",
    6};

wg_status tracking_solution_store(struct wg_batch *batch, const struct tracking_solution *found,
                                  struct wg_error *error) {
  if (!found->message) return WG_OK;
  struct wg_params *params = wg_params(batch->arena, MOVE.parameters);
  wg_param_text(params, found->district);
  wg_param_text(params, found->message->code);
  wg_param_i32(params, found->message->version);
  wg_param_i64(params, found->count ? found->cases[found->count - 1]->row.order_id : 0);
  wg_param_i64(params, found->shared);
  wg_param_bool(params, found->count < TRACKING_SOLVED_CASES);
  return wg_db_send(batch->db, &MOVE, params, NULL, NULL, error);
}

static const struct wg_statement ADD = {
    "tracking_add_solution",
    "INSERT INTO list_solution (district, code, version, solved_at, problem_id, order_ids, body) "
    "VALUES ($1, $2, $3, $4::timestamptz, nullif($5::bigint, 0), $6::bigint[], $7)",
    7};

static wg_status add(struct wg_batch *batch, const struct lists_solved *solved, struct wg_error *error) {
  const Wangge__V1__SharedSolution *solution = solved->solution;
  struct wg_column *orders = wg_column_i64(batch->arena, solution->n_order_ids + 1);
  for (size_t i = 0; i < solution->n_order_ids; i++)
    wg_push_i64(orders, solution->order_ids[i]);
  struct wg_params *params = wg_params(batch->arena, ADD.parameters);
  wg_param_text(params, solved->district);
  wg_param_text(params, solution->code);
  wg_param_i32(params, solution->version);
  wg_param_time(params, solution->solved_at);
  wg_param_i64(params, solution->problem_id);
  wg_param_column(params, orders);
  wg_param_bytea(params, wg_pack(&solution->base, batch->arena));
  return wg_db_send(batch->db, &ADD, params, NULL, NULL, error);
}

wg_status tracking_solution_add(struct wg_batch *batch, const struct lists_plan *plan, struct wg_error *error) {
  wg_status status = WG_OK;
  for (size_t i = 0; i < plan->solved_count && status == WG_OK; i++)
    status = add(batch, plan->solved[i], error);
  return status;
}

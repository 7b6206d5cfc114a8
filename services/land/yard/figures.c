// Figures of yards and homesteads: sums of accepted records, never typed in. In reader threads.
#include "services/land/yard/yard.h"

#include <string.h>

wg_status yard_check_figures(const struct wg_principal *caller, const ProtobufCMessage *request,
                             struct wg_error *error) {
  return land_check_village(caller, ((const Wangge__V1__YardFiguresRequest *)request)->village, error);
}

// Primary key: the records in force of the villages that begin so.
static const struct wg_statement FIGURES = {
    "land_yard_figures",
    "SELECT coalesce(sum((attributes->>'count')::bigint) FILTER (WHERE kind = 'planting' AND accepted), 0)::bigint, "
    "coalesce(sum((attributes->>'alive')::bigint) FILTER (WHERE kind = 'planting' AND accepted), 0)::bigint, "
    "coalesce(sum(saving) FILTER (WHERE kind = 'cleaning_cost' AND accepted), 0)::bigint, "
    "(SELECT count(*) FROM (SELECT village FROM record WHERE district = $1 AND village >= $2 AND village < $3 "
    "AND kind = 'cleaning_cost' AND NOT ended AND (attributes->>'accepted')::boolean GROUP BY village "
    "HAVING sum((attributes->>'budget_fen')::bigint - (attributes->>'actual_fen')::bigint) > 0) saved), "
    "count(*) FILTER (WHERE kind = 'homestay' AND accepted), "
    "coalesce(sum((attributes->>'rooms')::bigint) FILTER (WHERE kind = 'homestay' AND accepted), 0)::bigint, "
    "count(*) FILTER (WHERE kind = 'rule_breach' AND state NOT IN ('fixed', 'dismissed')), "
    "count(*) FILTER (WHERE kind = 'rule_breach' AND state = 'fixed'), "
    "count(*) FILTER (WHERE kind = 'homestead' AND attributes->>'idle_since' <> ''), "
    "count(*) FILTER (WHERE kind = 'operation_agreement' AND state = 'active') "
    "FROM (SELECT kind, state, attributes, (attributes->>'accepted')::boolean AS accepted, "
    "(attributes->>'budget_fen')::bigint - (attributes->>'actual_fen')::bigint AS saving FROM record "
    "WHERE district = $1 AND village >= $2 AND village < $3 AND NOT ended AND kind IN ('planting', 'cleaning_cost', "
    "'homestay', 'rule_breach', 'homestead', 'operation_agreement')) r",
    3};

wg_status yard_read_figures(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const char *village = ((const Wangge__V1__YardFiguresRequest *)call->request)->village;
  struct wg_params *params = wg_params(call->arena, 3);
  wg_param_text(params, wg_arena_printf(call->arena, "%.6s", village));
  wg_param_text(params, village);
  wg_param_text(params, wg_arena_printf(call->arena, "%s:", village)); // ':' follows '9'
  PGresult *result = NULL;
  const wg_status status = wg_db_run(call->db, &FIGURES, params, &result, error);
  if (status != WG_OK) return status;
  Wangge__V1__YardFiguresResponse *figures = wg_arena_alloc(call->arena, sizeof *figures);
  wangge__v1__yard_figures_response__init(figures);
  figures->trees_planted = wg_get_i64(result, 0, 0);
  figures->trees_alive = wg_get_i64(result, 0, 1);
  figures->saving_fen = wg_get_i64(result, 0, 2);
  figures->villages_saving = (int32_t)wg_get_i64(result, 0, 3);
  figures->homestays = (int32_t)wg_get_i64(result, 0, 4);
  figures->homestay_rooms = (int32_t)wg_get_i64(result, 0, 5);
  figures->breaches_open = (int32_t)wg_get_i64(result, 0, 6);
  figures->breaches_fixed = (int32_t)wg_get_i64(result, 0, 7);
  figures->idle_homesteads = (int32_t)wg_get_i64(result, 0, 8);
  figures->agreements_active = (int32_t)wg_get_i64(result, 0, 9);
  PQclear(result);
  *reply = &figures->base;
  return WG_OK;
}

// Rules, Explain and ReplayRules, in reader threads: the catalogue, what it says to one order, and what it would have
// said to past ones.
#include "services/routing/routing.h"
#include "services/routing/study.h"

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/wire/wire.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { REPLAY_DEFAULT = 1000, REPLAY_MOST = 5000 };

static char *text(const char *value) {
  return (char *)(uintptr_t)value; // protobuf-c's members are not const; nobody writes to them
}

static wg_status check_district(const char *district, struct wg_error *error) {
  if (!*district || wg_all_digits(district, 6)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "district", "must be empty or 6 digits");
}

static bool wanted(const struct wg_read_call *call, const char *asked, const char *district) {
  return (!*asked || strcmp(asked, district) == 0) && routing_may_district(call->caller, district);
}

// --- the catalogue that is asked about ---
// A proposed one is built for the call; the one in force stays under the lock until let_go.
struct subject {
  struct routing *routing;
  const struct routing_rules *rules;
  struct routing_rules *proposed;
};

static struct subject take(struct wg_read_call *call, Wangge__V1__Record *const *records, size_t count) {
  struct subject subject = {.routing = call->service};
  pthread_rwlock_rdlock(&subject.routing->lock);
  if (count)
    subject.proposed = routing_rules_build((const Wangge__V1__Record *const *)records, count, subject.routing->rules);
  subject.rules = count ? subject.proposed : subject.routing->rules;
  return subject;
}

static void let_go(struct subject *subject) {
  pthread_rwlock_unlock(&subject->routing->lock);
  routing_rules_close(subject->proposed);
}

// input_of: the place and the suggestion stay as they were decided when the order came.
static struct routing_rule_input input_of(const struct subject *subject, const Wangge__V1__Order *order,
                                          const struct routing_found *found) {
  const struct routing_places *places = subject->routing->places;
  return routing_found_input(order, found, places ? places->gazetteer : NULL, subject->routing->category_confidence);
}

// --- Rules ---
static Wangge__V1__Rule *rule_message(const struct routing_rule *rule, struct wg_arena *arena) {
  Wangge__V1__Rule *message = wg_arena_alloc(arena, sizeof *message);
  wangge__v1__rule__init(message);
  message->id = wg_arena_strdup(arena, rule->id);
  message->rank = rule->rank;
  message->district = wg_arena_strdup(arena, rule->district);
  message->category_prefix = wg_arena_strdup(arena, rule->category);
  message->area = wg_arena_strdup(arena, rule->area);
  message->place_text = wg_arena_strdup(arena, rule->place_text);
  message->source = wg_arena_strdup(arena, rule->source);
  message->valid_from = wg_arena_strdup(arena, rule->valid_from);
  message->valid_to = wg_arena_strdup(arena, rule->valid_to);
  message->from_minute = rule->from_minute;
  message->to_minute = rule->to_minute;
  message->parcel_ownership = wg_arena_strdup(arena, rule->parcel);
  message->department = wg_arena_strdup(arena, rule->lead);
  message->note = wg_arena_strdup(arena, rule->note);
  message->hits = (int64_t)atomic_load_explicit(&rule->hits, memory_order_relaxed);
  message->channel = (Wangge__V1__Channel)rule->channel;
  message->kind = (Wangge__V1__OrderKind)rule->kind;
  message->urgency = (Wangge__V1__Urgency)rule->urgency;
  message->assists = wg_arena_alloc(arena, (rule->assist_count + 1) * sizeof *message->assists);
  for (size_t i = 0; i < rule->assist_count; i++)
    message->assists[message->n_assists++] = wg_arena_strdup(arena, rule->assists[i]);
  return message;
}

static Wangge__V1__RuleFinding *finding_message(const struct routing_finding *finding, struct wg_arena *arena) {
  Wangge__V1__RuleFinding *message = wg_arena_alloc(arena, sizeof *message);
  wangge__v1__rule_finding__init(message);
  message->rule_id = wg_arena_strdup(arena, finding->rule_id);
  message->kind = text(routing_finding_name(finding->kind));
  message->message = wg_arena_strdup(arena, finding->message);
  message->severity = finding->error ? WANGGE__V1__SEVERITY__SEVERITY_ERROR : WANGGE__V1__SEVERITY__SEVERITY_WARNING;
  message->district = wg_arena_strdup(arena, finding->district);
  message->category = wg_arena_strdup(arena, finding->category);
  return message;
}

wg_status routing_show_rules(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__RulesRequest *request = (const Wangge__V1__RulesRequest *)call->request;
  const wg_status status = check_district(request->district, error);
  if (status != WG_OK) return status;
  const int32_t today = (int32_t)((call->now + WG_SHANGHAI_OFFSET_US) / WG_DAY_US);
  Wangge__V1__RulesResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__rules_response__init(response);
  struct subject subject = take(call, request->records, request->n_records);
  response->version = wg_arena_strdup(call->arena, routing_rules_version(subject.rules, request->district));
  response->rules = wg_arena_alloc(call->arena, sizeof(void *) * (routing_rules_count(subject.rules) + 1));
  const struct routing_rule *rule;
  for (size_t i = 0; !request->findings_only && (rule = routing_rules_at(subject.rules, i)); i++) {
    if (wanted(call, request->district, rule->district))
      response->rules[response->n_rules++] = rule_message(rule, call->arena);
  }
  size_t count = 0;
  const struct routing_finding *findings = routing_rules_findings(subject.rules, today, call->arena, &count);
  response->findings = wg_arena_alloc(call->arena, sizeof(void *) * (count + 1));
  for (size_t i = 0; i < count; i++) {
    // A district's code that is none belongs to nobody: everybody is told.
    if (wanted(call, request->district, findings[i].district) || !wg_all_digits(findings[i].district, 6))
      response->findings[response->n_findings++] = finding_message(&findings[i], call->arena);
  }
  let_go(&subject);
  *reply = &response->base;
  return WG_OK;
}

// --- Explain ---
// Primary key.
static const struct wg_statement STORED = {
    "routing_explain",
    "SELECT a.routed_to, a.rule_id, a.rule_version, a.evidence, a.received, " ROUTING_FOUND_COLUMNS
    " FROM assignment a WHERE a.district = $1 AND a.order_id = $2",
    2};

static wg_status unpack_order(struct wg_bytes packed, struct wg_arena *arena, const Wangge__V1__Order **order,
                              struct wg_error *error) {
  const Wangge__V1__OrderReceived *event = NULL;
  const wg_status status = routing_received_read(packed, arena, &event, error);
  if (status == WG_OK) *order = event->order;
  return status;
}

static wg_status read_stored(struct wg_read_call *call, Wangge__V1__ExplainResponse *response,
                             const Wangge__V1__Order **order, struct routing_found *found, struct wg_error *error) {
  struct wg_params *params = wg_params(call->arena, 2);
  wg_param_text(params, response->assignment->district);
  wg_param_i64(params, response->assignment->order_id);
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, &STORED, params, &result, error);
  if (status != WG_OK) return status;
  if (PQntuples(result) == 0) {
    PQclear(result);
    return wg_fail(error, WG_NOT_FOUND, "order_id", "the order is gone");
  }
  response->decided_lead = wg_arena_strdup(call->arena, wg_get_text(result, 0, 0));
  response->decided_rule = wg_arena_strdup(call->arena, wg_get_text(result, 0, 1));
  response->decided_version = wg_arena_strdup(call->arena, wg_get_text(result, 0, 2));
  response->decided_evidence = wg_arena_strdup(call->arena, wg_get_text(result, 0, 3));
  *found = routing_found_row(result, 0, 5, call->arena);
  status = unpack_order(wg_get_bytea(result, 0, 4), call->arena, order, error);
  PQclear(result);
  return status;
}

static Wangge__V1__PlaceDecision *place_message(const struct routing_rule_input *input, struct wg_arena *arena) {
  Wangge__V1__PlaceDecision *message = wg_arena_alloc(arena, sizeof *message);
  wangge__v1__place_decision__init(message);
  const char *area = input->area;
  const size_t size = strlen(area);
  message->how = text(routing_how_name(size ? ROUTING_HOW_GRID_CODE : ROUTING_HOW_NONE));
  message->district = wg_arena_strdup(arena, input->order->district);
  if (size >= 9) message->street = wg_arena_printf(arena, "%.9s", area);
  if (size >= 12) message->community = wg_arena_printf(arena, "%.12s", area);
  if (size == 15) message->grid_code = wg_arena_strdup(arena, area);
  if (input->place_count) message->place_id = wg_arena_strdup(arena, input->places[0]);
  return message;
}

static void explain_now(struct wg_read_call *call, const struct routing_rules *rules,
                        const struct routing_rule_input *input, Wangge__V1__ExplainResponse *response) {
  static const Wangge__V1__RuleVerdict VERDICTS[] = {[ROUTING_FAILS] = WANGGE__V1__RULE_VERDICT__RULE_VERDICT_FAILS,
                                                     [ROUTING_SKIPPED] = WANGGE__V1__RULE_VERDICT__RULE_VERDICT_SKIPPED,
                                                     [ROUTING_DECIDES] =
                                                         WANGGE__V1__RULE_VERDICT__RULE_VERDICT_DECIDES};
  struct wg_arena *arena = call->arena;
  struct routing_ruling ruling;
  routing_rules_match(rules, input, &ruling);
  response->version = wg_arena_strdup(arena, ruling.version);
  response->department_duty = ruling.department_duty;
  response->lead = wg_arena_strdup(arena, ruling.lead);
  response->evidence = routing_ruling_evidence(&ruling, input, arena);
  if (ruling.rule) {
    response->rule_id = wg_arena_strdup(arena, ruling.rule->id);
    response->assists = wg_arena_alloc(arena, (ruling.rule->assist_count + 1) * sizeof(char *));
    for (size_t i = 0; i < ruling.rule->assist_count; i++) {
      if (ruling.rule->assist_known[i])
        response->assists[response->n_assists++] = wg_arena_strdup(arena, ruling.rule->assists[i]);
    }
  }
  size_t count = 0, others = 0;
  const struct routing_trace *trace = routing_rules_explain(rules, input, arena, &count, &others);
  response->other_rules = (int32_t)others;
  response->trace = wg_arena_alloc(arena, (count + 1) * sizeof(void *));
  for (size_t i = 0; i < count; i++) {
    Wangge__V1__RuleTrace *entry = wg_arena_alloc(arena, sizeof *entry);
    wangge__v1__rule_trace__init(entry);
    entry->rule_id = wg_arena_strdup(arena, trace[i].rule->id);
    entry->rank = trace[i].rule->rank;
    entry->verdict = VERDICTS[trace[i].verdict];
    entry->condition = text(trace[i].condition);
    entry->text = text(trace[i].text);
    response->trace[response->n_trace++] = entry;
  }
}

wg_status routing_explain(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ExplainRequest *request = (const Wangge__V1__ExplainRequest *)call->request;
  // Who may see the order, and where it is, is Get's to say.
  Wangge__V1__GetAssignmentRequest get = WANGGE__V1__GET_ASSIGNMENT_REQUEST__INIT;
  get.order_id = request->order_id;
  struct wg_read_call inner = *call;
  inner.request = &get.base;
  ProtobufCMessage *got = NULL;
  wg_status status = routing_get(&inner, &got, error);
  if (status != WG_OK) return status;
  Wangge__V1__ExplainResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__explain_response__init(response);
  response->assignment = ((Wangge__V1__GetAssignmentResponse *)got)->assignment;
  const Wangge__V1__Order *order = NULL;
  struct routing_found found;
  status = read_stored(call, response, &order, &found, error);
  if (status != WG_OK) return status;
  struct subject subject = take(call, NULL, 0);
  const struct routing_rule_input input = input_of(&subject, order, &found);
  response->received_at = order->received_at;
  response->category = text(input.category);
  response->place = response->assignment->place ? response->assignment->place : place_message(&input, call->arena);
  explain_now(call, subject.rules, &input, response);
  let_go(&subject);
  *reply = &response->base;
  return WG_OK;
}

// --- ReplayRules ---
#define DISTRICTS                                                                                                      \
  "WITH RECURSIVE d(district) AS (SELECT min(district) FROM assignment UNION ALL "                                     \
  "SELECT (SELECT min(a.district) FROM assignment a WHERE a.district > d.district) FROM d "                            \
  "WHERE d.district IS NOT NULL) "
static const struct wg_statement REPLAY_DISTRICTS = {
    "routing_replay_districts",
    DISTRICTS "SELECT d.district, (SELECT max(a.order_id) FROM assignment a WHERE a.district = d.district) FROM d "
              "WHERE d.district IS NOT NULL",
    0};
// Primary key.
static const struct wg_statement REPLAY_AT = {
    "routing_replay_at",
    "SELECT order_id, routed_at FROM assignment WHERE district = $1 AND order_id >= $2 ORDER BY order_id LIMIT 1", 2};
// Primary keys, once per district and order. $1 district or '', $2 the caller's districts (none: all), $3 after this
// order, $4 limit.
static const struct wg_statement REPLAY = {
    "routing_replay",
    DISTRICTS
    "SELECT a.order_id, a.district, a.routed_at, a.category, a.routed_to, a.rule_id, a.rule_version, "
    "a.received, " ROUTING_FOUND_COLUMNS
    ", coalesce((SELECT string_agg(l.department, ' ' ORDER BY l.department COLLATE "
    "\"C\") FROM leg l WHERE l.district = a.district AND l.order_id = a.order_id AND l.role = 2 AND l.decided_by = "
    "'rule'), '') "
    "FROM (SELECT r.district, r.order_id FROM d CROSS JOIN LATERAL (SELECT p.district, p.order_id FROM assignment p "
    "WHERE p.district = d.district AND p.order_id > $3 ORDER BY p.order_id LIMIT $4) r "
    "WHERE ($1 = '' OR d.district = $1) AND (cardinality($2::text[]) = 0 OR d.district = ANY ($2)) "
    "ORDER BY r.order_id LIMIT $4) f "
    "JOIN assignment a ON a.district = f.district AND a.order_id = f.order_id ORDER BY a.order_id",
    4};

static wg_status check_replay(const Wangge__V1__ReplayRulesRequest *request, int64_t *after, struct wg_error *error) {
  const wg_status status = check_district(request->district, error);
  if (status != WG_OK) return status;
  if (request->since <= 0) return wg_fail(error, WG_INVALID_ARGUMENT, "since", "must be a time after 1970");
  if (request->until && request->until < request->since)
    return wg_fail(error, WG_INVALID_ARGUMENT, "until", "must not be before since");
  if (request->limit < 0 || request->limit > REPLAY_MOST)
    return wg_fail(error, WG_INVALID_ARGUMENT, "limit", "must be 0 to %d", REPLAY_MOST);
  *after = -1;
  if (!*request->page_token || (wg_parse_i64(request->page_token, after) && *after > 0)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "page_token", "must be empty or next_page_token of the page before");
}

// order_at gives the first order of a district from `from` on; *order_id 0: there is none.
static wg_status order_at(struct wg_read_call *call, const char *district, int64_t from, int64_t *order_id,
                          int64_t *routed_at, struct wg_error *error) {
  struct wg_params *params = wg_params(call->arena, 2);
  wg_param_text(params, district);
  wg_param_i64(params, from);
  PGresult *result = NULL;
  const wg_status status = wg_db_run(call->db, &REPLAY_AT, params, &result, error);
  if (status != WG_OK) return status;
  *order_id = PQntuples(result) ? wg_get_i64(result, 0, 0) : 0;
  *routed_at = PQntuples(result) ? wg_get_time(result, 0, 1) : 0;
  PQclear(result);
  return WG_OK;
}

// first_since finds where a district's orders since a time begin: orders are routed in the order of their numbers.
static wg_status first_since(struct wg_read_call *call, const char *district, int64_t highest, int64_t since,
                             int64_t *first, struct wg_error *error) {
  int64_t low = 1, high = highest + 1; // the first one is in [low, high]
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    int64_t order_id = 0, routed_at = 0;
    const wg_status status = order_at(call, district, middle, &order_id, &routed_at, error);
    if (status != WG_OK) return status;
    if (order_id && routed_at < since) low = order_id + 1;
    else high = middle;
  }
  *first = low;
  return WG_OK;
}

static wg_status find_start(struct wg_read_call *call, const Wangge__V1__ReplayRulesRequest *request, int64_t *after,
                            struct wg_error *error) {
  PGresult *result = NULL;
  wg_status status = wg_db_run(call->db, &REPLAY_DISTRICTS, NULL, &result, error);
  if (status != WG_OK) return status;
  *after = INT64_MAX;
  for (int row = 0; row < PQntuples(result) && status == WG_OK; row++) {
    const char *district = wg_arena_strdup(call->arena, wg_get_text(result, row, 0));
    int64_t first = 0;
    if (!wanted(call, request->district, district)) continue;
    status = first_since(call, district, wg_get_i64(result, row, 1), request->since, &first, error);
    if (status == WG_OK && first - 1 < *after) *after = first - 1;
  }
  PQclear(result);
  return status;
}

static wg_status read_page(struct wg_read_call *call, const Wangge__V1__ReplayRulesRequest *request, int64_t after,
                           int32_t limit, PGresult **result, struct wg_error *error) {
  struct wg_params *params = wg_params(call->arena, 4);
  struct wg_column *districts = wg_column_text(call->arena, 32);
  for (int i = 0; i < call->caller->districts; i++)
    wg_push_text(districts, call->caller->district[i]);
  wg_param_text(params, request->district);
  wg_param_column(params, districts);
  wg_param_i64(params, after);
  wg_param_i64(params, limit);
  return wg_db_run(call->db, &REPLAY, params, result, error);
}

static int by_name(const void *left, const void *right) {
  return strcmp(*(const char *const *)left, *(const char *const *)right);
}

// assists_joined gives the units the ruling lets assist as the query gives those of old.
static char *assists_joined(const struct routing_ruling *ruling, const struct routing_rule_input *input,
                            struct wg_arena *arena) {
  const char *assists[ROUTING_RULE_ASSISTS];
  const size_t count = routing_ruling_assists(ruling, input, assists);
  char *joined = wg_arena_strdup(arena, "");
  if (count > 1) qsort(assists, count, sizeof *assists, by_name);
  for (size_t i = 0; i < count; i++)
    joined = wg_arena_printf(arena, "%s%s%s", joined, i ? " " : "", assists[i]);
  return joined;
}

static void split_assists(char *joined, char ***units, size_t *count, struct wg_arena *arena) {
  *units = wg_arena_alloc(arena, (strlen(joined) / 2 + 1) * sizeof **units);
  char *rest = NULL;
  for (char *unit = strtok_r(joined, " ", &rest); unit; unit = strtok_r(NULL, " ", &rest))
    (*units)[(*count)++] = unit;
}

// replay_row tries one stored order; the order's memory is of `scratch`.
static void replay_row(struct wg_read_call *call, const PGresult *result, int row, const struct subject *subject,
                       struct wg_arena *scratch, Wangge__V1__ReplayRulesResponse *response) {
  struct wg_arena *arena = call->arena;
  const Wangge__V1__Order *order = NULL;
  struct wg_error error = {0};
  response->looked_at++;
  if (unpack_order(wg_get_bytea(result, row, 7), scratch, &order, &error) != WG_OK) {
    response->unreadable++;
    return;
  }
  const struct routing_found found = routing_found_row(result, row, 8, scratch);
  const struct routing_rule_input input = input_of(subject, order, &found);
  struct routing_ruling ruling;
  routing_rules_match(subject->rules, &input, &ruling);
  const char *old = wg_get_text(result, row, 4);
  const char *old_assists = wg_get_text(result, row, 8 + ROUTING_FOUND_COUNT);
  const char *new_assists = assists_joined(&ruling, &input, scratch);
  if (strcmp(old, ruling.lead) == 0 && strcmp(old_assists, new_assists) == 0) return;
  Wangge__V1__ReplayedOrder *changed = wg_arena_alloc(arena, sizeof *changed);
  wangge__v1__replayed_order__init(changed);
  changed->order_id = wg_get_i64(result, row, 0);
  changed->district = wg_arena_strdup(arena, wg_get_text(result, row, 1));
  changed->routed_at = wg_get_time(result, row, 2);
  changed->category = wg_arena_strdup(arena, wg_get_text(result, row, 3));
  changed->old_lead = wg_arena_strdup(arena, old);
  changed->old_rule = wg_arena_strdup(arena, wg_get_text(result, row, 5));
  changed->old_version = wg_arena_strdup(arena, wg_get_text(result, row, 6));
  changed->new_lead = wg_arena_strdup(arena, ruling.lead);
  changed->new_rule = wg_arena_strdup(arena, ruling.rule ? ruling.rule->id : "");
  changed->evidence = routing_ruling_evidence(&ruling, &input, arena);
  split_assists(wg_arena_strdup(arena, old_assists), &changed->old_assists, &changed->n_old_assists, arena);
  split_assists(wg_arena_strdup(arena, new_assists), &changed->new_assists, &changed->n_new_assists, arena);
  response->changed[response->n_changed++] = changed;
}

wg_status routing_replay_rules(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error) {
  const Wangge__V1__ReplayRulesRequest *request = (const Wangge__V1__ReplayRulesRequest *)call->request;
  int64_t after = 0;
  wg_status status = check_replay(request, &after, error);
  if (status == WG_OK && after < 0) status = find_start(call, request, &after, error);
  const int32_t limit = request->limit ? request->limit : REPLAY_DEFAULT;
  PGresult *result = NULL;
  if (status == WG_OK) status = read_page(call, request, after, limit, &result, error);
  if (status != WG_OK) return status;
  Wangge__V1__ReplayRulesResponse *response = wg_arena_alloc(call->arena, sizeof *response);
  wangge__v1__replay_rules_response__init(response);
  const int rows = PQntuples(result);
  response->changed = wg_arena_alloc(call->arena, sizeof(void *) * ((size_t)rows + 1));
  struct wg_arena *scratch = wg_arena_create(64 << 10);
  struct subject subject = take(call, request->records, request->n_records);
  response->version = wg_arena_strdup(call->arena, routing_rules_version(subject.rules, request->district));
  bool more = rows == limit;
  for (int row = 0; row < rows; row++) {
    const int64_t routed_at = wg_get_time(result, row, 2);
    if (request->until && routed_at >= request->until) {
      more = false;
      break;
    }
    response->through = routed_at;
    if (routed_at >= request->since) replay_row(call, result, row, &subject, scratch, response);
    wg_arena_reset(scratch);
  }
  if (more) response->next_page_token = wg_arena_printf(call->arena, "%" PRId64, wg_get_i64(result, rows - 1, 0));
  let_go(&subject);
  wg_arena_destroy(scratch);
  PQclear(result);
  *reply = &response->base;
  return WG_OK;
}

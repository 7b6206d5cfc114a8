// Events of intake, and the calls that dispatch and sign. See decide.h.
#include "services/routing/decide.h"

#include "common/base/text.h"
#include "services/routing/legs.h"
#include "services/routing/study.h"

#include <inttypes.h>
#include <string.h>

#define STATE(name) WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_##name
#define LEG(name) WANGGE__V1__LEG_STATE__LEG_STATE_##name
#define ROLE(name) WANGGE__V1__LEG_ROLE__LEG_ROLE_##name

void routing_supplement_add(struct routing_assignment *subject, struct routing_supplement *supplement) {
  if (!subject->supplements_end) subject->supplements_end = &subject->supplements;
  *subject->supplements_end = supplement;
  subject->supplements_end = &supplement->next;
}

// --- events ---
wg_status routing_order_check(const Wangge__V1__Order *order, struct wg_error *error) {
  if (!order || order->order_id <= 0 || !wg_all_digits(order->district, 6) || !*order->source)
    return wg_fail(error, WG_INVALID_ARGUMENT, "order", "an order needs an id, a district of 6 digits and a source");
  return WG_OK;
}

// why_not says why the unit that the rules give cannot lead; NULL: it can.
static const char *why_not(const struct routing_assignment *subject, const char *lead,
                           const struct routing_rulebook *book) {
  struct wg_error error = {0};
  if (routing_handler_check(subject, lead, NULL, book, &error) == WG_OK) return NULL;
  return wg_arena_strdup(book->arena, error.message);
}

static struct routing_assignment blank(const Wangge__V1__Order *order, struct wg_bytes packed,
                                       const struct routing_rulebook *book) {
  return (struct routing_assignment){
      .order_id = order->order_id,
      .district = order->district,
      .source = order->source,
      .category = order->category,
      .department = "",
      .routed_to = "",
      .rule_id = "",
      .rule_version = "",
      .decided_by = "rule",
      .decided_at = book->now,
      .routed_at = book->now,
      .reason = "",
      .steps = 1,
      .lead_leg = 1,
      .first_receiver = "",
      .contact = "",
      .received = packed,
      .order = order,
      .last_kind = "",
      .last_department = "",
      .last_by = "",
      .last_reason = "",
      .last_proposed = "",
      .held = "",
      .exists = true,
  };
}

static void lead_by_rule(struct routing_assignment *subject, const struct routing_ruling *ruling,
                         const struct routing_rule_input *input, struct routing_rulebook *book,
                         struct routing_step *step) {
  const char *assists[ROUTING_RULE_ASSISTS];
  const size_t count = routing_ruling_assists(ruling, input, assists);
  routing_lead_open(subject, ruling->lead, "rule", "", book, step);
  subject->routed_to = subject->department;
  for (size_t i = 0; i < count; i++)
    routing_leg_open(subject, ROLE(ASSIST), 0, assists[i], "rule", subject->evidence, book, step);
}

// answered: its source has told the resident what there is to tell; no rule is asked and no unit gets it.
static void answered(struct routing_assignment *subject, struct routing_rulebook *book, struct routing_step *step) {
  subject->decided_by = subject->source;
  subject->evidence = wg_arena_printf(book->arena, "直接答复，依据 %s", subject->order->answer->knowledge_item);
  *step = (struct routing_step){.kind = "answer",
                                .department = "",
                                .left = "",
                                .by = subject->source,
                                .reason = subject->evidence,
                                .proposed = ""};
  routing_go(subject, ROUTING_RECEIVE, STATE(ANSWERED));
}

wg_status routing_receive(struct routing_assignment *subject, const Wangge__V1__OrderReceived *event,
                          struct wg_bytes packed, struct routing_rulebook *book, struct routing_rule **matched,
                          struct routing_step *step, struct wg_error *error) {
  const Wangge__V1__Order *order = event->order;
  wg_status status = routing_order_check(order, error);
  if (status != WG_OK || subject->exists) return status; // exists: the same event again
  const struct routing_place *place = subject->place;
  *subject = blank(order, packed, book);
  subject->place = place;
  struct routing_rule_input input;
  routing_study(subject, book, &input);
  if (order->answer) {
    answered(subject, book, step);
    return WG_OK;
  }
  struct routing_ruling ruling;
  routing_rules_match(book->rules, &input, &ruling);
  *matched = ruling.rule;
  // The catalogue may be replaced before the answer.
  if (ruling.rule) subject->rule_id = wg_arena_strdup(book->arena, ruling.rule->id);
  subject->rule_version = wg_arena_strdup(book->arena, ruling.version);
  subject->evidence = routing_ruling_evidence(&ruling, &input, book->arena);
  subject->evidence = routing_study_evidence(subject, &input, subject->evidence, book->arena);
  const char *refusal = ruling.why == ROUTING_WHY_DECIDED ? why_not(subject, ruling.lead, book) : NULL;
  if (refusal) subject->evidence = wg_arena_printf(book->arena, "%s；但 %s", subject->evidence, refusal);
  const bool dispatched = ruling.why == ROUTING_WHY_DECIDED && !refusal;
  subject->evidence = routing_cite(subject, subject->evidence, dispatched ? ruling.lead : "", book);
  *step = (struct routing_step){.kind = dispatched ? "dispatch" : "desk", .by = "rule", .reason = subject->evidence};
  if (dispatched) lead_by_rule(subject, &ruling, &input, book, step);
  routing_go(subject, ROUTING_RECEIVE, dispatched ? STATE(DISPATCHED) : STATE(DESK));
  step->department = subject->department;
  step->left = step->proposed = "";
  return WG_OK;
}

static wg_status must_exist(const struct routing_assignment *subject, struct wg_error *error) {
  if (subject->exists) return WG_OK;
  return wg_fail(error, WG_FAILED_PRECONDITION, "order_id",
                 "order %" PRId64 " is unknown here: its OrderReceived was not taken in", subject->order_id);
}

wg_status routing_supplement(struct routing_assignment *subject, const Wangge__V1__OrderSupplemented *event,
                             uint64_t seq, struct routing_rulebook *book, struct routing_step *step,
                             struct wg_error *error) {
  const wg_status status = must_exist(subject, error);
  if (status != WG_OK) return status;
  if (!*event->supplement_id || strlen(event->supplement_id) > 64)
    return wg_fail(error, WG_INVALID_ARGUMENT, "supplement_id", "must have 1 to 64 bytes");
  for (const struct routing_supplement *at = subject->supplements; at; at = at->next) {
    if (strcmp(at->supplement_id, event->supplement_id) == 0) return WG_OK;
  }
  if (!routing_possible(subject->state, ROUTING_SUPPLEMENT, ROUTING_BY_INTAKE))
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "order %" PRId64 " is withdrawn or void; a supplement can only reach an order that is not",
                   subject->order_id);
  struct routing_supplement *made = wg_arena_zalloc(book->arena, sizeof *made);
  made->supplement_id = event->supplement_id;
  made->text = event->text;
  made->by = event->by;
  made->seq = seq;
  routing_supplement_add(subject, made);
  *step = (struct routing_step){.kind = "supplement",
                                .department = subject->department,
                                .left = "",
                                .by = event->by,
                                .reason = event->text,
                                .proposed = ""};
  return WG_OK;
}

wg_status routing_withdraw(struct routing_assignment *subject, const Wangge__V1__OrderWithdrawn *event,
                           struct routing_rulebook *book, struct routing_step *step, struct wg_error *error) {
  const wg_status status = must_exist(subject, error);
  if (status != WG_OK || subject->state == STATE(WITHDRAWN) || subject->state == STATE(VOID)) return status;
  *step = (struct routing_step){.kind = "withdraw",
                                .department = "",
                                .left = subject->department,
                                .by = event->by,
                                .reason = event->reason,
                                .proposed = ""};
  // The lead stays named: it held the order when it was withdrawn. What it had handed down ends like the rest.
  routing_legs_end(subject, NULL, 0, LEG(WITHDRAWN), book, step);
  routing_go(subject, ROUTING_WITHDRAW, STATE(WITHDRAWN));
  routing_take(subject, step);
  return WG_OK;
}

// --- events of tracking ---
wg_status routing_void(struct routing_assignment *subject, const Wangge__V1__CaseVoided *event,
                       struct routing_rulebook *book, struct routing_step *step, struct wg_error *error) {
  const wg_status status = must_exist(subject, error);
  if (status != WG_OK || !routing_possible(subject->state, ROUTING_VOID, ROUTING_BY_TRACKING)) return status;
  *step = (struct routing_step){.kind = "void",
                                .department = "",
                                .left = subject->department,
                                .by = event->by,
                                .reason = event->reason,
                                .proposed = ""};
  routing_legs_end(subject, NULL, 0, LEG(WITHDRAWN), book, step); // the lead stays named, as behind a withdrawal
  routing_go(subject, ROUTING_VOID, STATE(VOID));
  routing_take(subject, step);
  return WG_OK;
}

wg_status routing_reopen(struct routing_assignment *subject, const Wangge__V1__CaseReopened *event,
                         struct routing_step *step, struct wg_error *error) {
  const wg_status status = must_exist(subject, error);
  if (status != WG_OK || !routing_possible(subject->state, ROUTING_REOPEN, ROUTING_BY_TRACKING)) return status;
  *step = (struct routing_step){
      .kind = "reopen", .department = "", .left = "", .by = event->by, .reason = event->reason, .proposed = ""};
  routing_go(subject, ROUTING_REOPEN, STATE(DESK));
  routing_take(subject, step);
  return WG_OK;
}

// --- calls ---
static wg_status accept_leg(struct routing_assignment *subject, const struct wg_principal *caller, const char *person,
                            struct routing_rulebook *book, struct routing_step *step) {
  struct routing_leg *leg = routing_leg_of(subject, caller->department);
  if (leg->state == LEG(SIGNED)) return WG_OK;
  leg->state = LEG(SIGNED);
  leg->signed_at = book->now;
  leg->changed = true;
  routing_go(subject, ROUTING_ACCEPT, subject->state);
  *step = (struct routing_step){.kind = "sign",
                                .department = leg->department,
                                .left = "",
                                .by = caller->name,
                                .reason = "",
                                .proposed = "",
                                .person = person,
                                .leg = leg->n};
  routing_take(subject, step);
  return WG_OK;
}

wg_status routing_accept(struct routing_assignment *subject, const struct wg_principal *caller, const void *message,
                         struct routing_rulebook *book, struct routing_step *step, struct wg_error *error) {
  const Wangge__V1__AcceptRequest *request = message;
  wg_status status = routing_must_know(subject, caller, error);
  if (status != WG_OK) return status;
  const unsigned parts = routing_parts(subject, caller) & ~(unsigned)ROUTING_BY_DISPATCHER;
  if (subject->state == STATE(SIGNED) && parts & ROUTING_BY_LEAD) return WG_OK; // signed already
  status = routing_must_be_possible(subject, ROUTING_ACCEPT, parts, error);
  if (status != WG_OK) return status;
  if (!(parts & ROUTING_BY_LEAD)) return accept_leg(subject, caller, request->acting_person, book, step);
  subject->signed_at = book->now;
  subject->contact = subject->department;
  routing_go(subject, ROUTING_ACCEPT, STATE(SIGNED));
  *step = (struct routing_step){.kind = "sign",
                                .department = subject->department,
                                .left = "",
                                .by = caller->name,
                                .reason = "",
                                .proposed = "",
                                .person = request->acting_person,
                                .leg = subject->lead_leg};
  routing_take(subject, step);
  return WG_OK;
}

wg_status routing_assign(struct routing_assignment *subject, const struct wg_principal *caller, const void *message,
                         struct routing_rulebook *book, struct routing_step *step, struct wg_error *error) {
  const Wangge__V1__AssignRequest *request = message;
  wg_status status = routing_must_know(subject, caller, error);
  if (status != WG_OK) return status;
  if (subject->state == STATE(DISPATCHED) &&
      routing_repeats(subject, "assign", caller, request->department, request->reason))
    return WG_OK;
  status = routing_must_be_possible(subject, ROUTING_ASSIGN, routing_parts(subject, caller), error);
  if (status == WG_OK) status = routing_handler_check(subject, request->department, "department", book, error);
  if (status == WG_OK)
    status = routing_assists_check(subject, request->department, request->assists, request->n_assists, book, error);
  if (status != WG_OK) return status;
  *step = (struct routing_step){.kind = "assign",
                                .left = "",
                                .by = caller->name,
                                .reason = request->reason,
                                .proposed = "",
                                .person = request->acting_person};
  routing_lead_open(subject, request->department, caller->name,
                    routing_cite(subject, request->reason, request->department, book), book, step);
  for (size_t i = 0; i < request->n_assists; i++)
    routing_leg_open(subject, ROLE(ASSIST), 0, request->assists[i], caller->name, request->reason, book, step);
  routing_go(subject, ROUTING_ASSIGN, STATE(DISPATCHED));
  step->department = subject->department;
  routing_take(subject, step);
  return WG_OK;
}

wg_status routing_transfer(struct routing_assignment *subject, const struct wg_principal *caller, const void *message,
                           struct routing_rulebook *book, struct routing_step *step, struct wg_error *error) {
  const Wangge__V1__TransferRequest *request = message;
  const char *to = request->to_department;
  wg_status status = routing_must_know(subject, caller, error);
  if (status != WG_OK) return status;
  if (subject->state == STATE(DISPATCHED) && routing_repeats(subject, "transfer", caller, to, request->reason))
    return WG_OK;
  status = routing_must_be_possible(subject, ROUTING_TRANSFER, routing_parts(subject, caller), error);
  if (status == WG_OK && subject->locked)
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "Transfer is not possible: order %" PRId64
                   " is locked by its adjudication to %s; a dispatcher may Escalate it to be adjudicated anew",
                   subject->order_id, subject->department);
  if (status == WG_OK) status = routing_handler_check(subject, to, "to_department", book, error);
  if (status != WG_OK) return status;
  if (strcmp(to, subject->department) == 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "to_department", "holds the order already; name another department");
  *step = (struct routing_step){.kind = "transfer",
                                .left = subject->department,
                                .by = caller->name,
                                .reason = request->reason,
                                .proposed = "",
                                .person = request->acting_person};
  routing_lead_end(subject, LEG(TRANSFERRED), book, step);
  struct routing_leg *assisting = routing_leg_of(subject, to);
  if (assisting) routing_leg_end(subject, assisting, LEG(TRANSFERRED), book, step);
  routing_lead_open(subject, to, caller->name, routing_cite(subject, request->reason, to, book), book, step);
  routing_go(subject, ROUTING_TRANSFER, STATE(DISPATCHED));
  step->department = subject->department;
  routing_take(subject, step);
  return WG_OK;
}

// The state machine of an assignment. See decide.h.
#include "services/routing/decide.h"

#include "common/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define STATE(name) WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_##name

bool routing_may_district(const struct wg_principal *caller, const char *district) {
  for (int i = 0; i < caller->districts; i++) {
    if (strcmp(caller->district[i], district) == 0) return true;
  }
  return caller->districts == 0;
}

void routing_supplement_add(struct routing_assignment *subject, struct routing_supplement *supplement) {
  if (!subject->supplements_end) subject->supplements_end = &subject->supplements;
  *subject->supplements_end = supplement;
  subject->supplements_end = &supplement->next;
}

// --- who may know ---
static bool is_dispatcher(const struct wg_principal *caller) {
  return caller->roles & WG_ROLE_DISPATCHER;
}

static bool holds(const struct routing_assignment *subject, const struct wg_principal *caller) {
  return caller->roles & WG_ROLE_DEPARTMENT && *caller->department &&
         strcmp(subject->department, caller->department) == 0;
}

// listed: `code` is an item of a list joined by ",".
static bool listed(const char *list, const char *code) {
  const size_t size = strlen(code);
  for (const char *at = list; *at;) {
    const size_t item = strcspn(at, ",");
    if (item == size && memcmp(at, code, size) == 0) return true;
    at += item + (at[item] == ',');
  }
  return false;
}

static bool held_before(const struct routing_assignment *subject, const struct wg_principal *caller) {
  if (!(caller->roles & WG_ROLE_DEPARTMENT) || !*caller->department) return false;
  return strcmp(subject->routed_to, caller->department) == 0 || listed(subject->held, caller->department);
}

static wg_status must_know(const struct routing_assignment *subject, const struct wg_principal *caller,
                           struct wg_error *error) {
  const bool knows = subject->exists && routing_may_district(caller, subject->district) &&
                     (is_dispatcher(caller) || holds(subject, caller) || held_before(subject, caller));
  if (knows) return WG_OK;
  return wg_fail(error, WG_NOT_FOUND, "order_id", "there is no order %" PRId64 " that this caller may know of",
                 subject->order_id);
}

// --- refusals ---
static wg_status not_now(const struct routing_assignment *subject, const char *wanted, struct wg_error *error) {
  const char *department = subject->department;
  switch (subject->state) {
  case STATE(DESK):
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "%s is not possible: order %" PRId64 " lies on the dispatcher's desk; a dispatcher may Assign it",
                   wanted, subject->order_id);
  case STATE(DISPATCHED):
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "%s is not possible: order %" PRId64
                   " is dispatched to %s; it may Accept, Return or Transfer it, a dispatcher may Transfer it",
                   wanted, subject->order_id, department);
  case STATE(SIGNED):
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "%s is not possible: order %" PRId64
                   " is signed by %s; it may Return or Transfer it, a dispatcher may Transfer it",
                   wanted, subject->order_id, department);
  default:
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "%s is not possible: order %" PRId64 " is withdrawn; no call changes it any more", wanted,
                   subject->order_id);
  }
}

// repeats: the newest step is this very call.
static bool repeats(const struct routing_assignment *subject, const char *kind, const struct wg_principal *caller,
                    const char *department, const char *reason) {
  return strcmp(subject->last_kind, kind) == 0 && strcmp(subject->last_by, caller->name) == 0 &&
         strcmp(subject->last_department, department) == 0 && strcmp(subject->last_reason, reason) == 0;
}

static void take_step(struct routing_assignment *subject, const struct routing_step *step) {
  subject->steps++;
  subject->changed = true;
  subject->last_kind = step->kind;
  subject->last_department = *step->department ? step->department : step->left;
  subject->last_by = step->by;
  subject->last_reason = step->reason;
  subject->last_proposed = step->proposed;
}

// move gives the order to a department (or the desk) by a person's decision.
static void move(struct routing_assignment *subject, const char *department, const struct wg_principal *caller,
                 const char *reason, const struct routing_rulebook *book) {
  subject->department = wg_arena_strdup(book->arena, department);
  subject->state = *department ? STATE(DISPATCHED) : STATE(DESK);
  subject->hops += *department != '\0';
  subject->decided_by = caller->name;
  subject->decided_at = book->now;
  subject->reason = reason;
  if (!*department) return;
  subject->held = *subject->held ? wg_arena_printf(book->arena, "%s,%s", subject->held, department)
                                 : wg_arena_strdup(book->arena, department);
}

// --- events ---
static wg_status check_order(const Wangge__V1__Order *order, struct wg_error *error) {
  if (!order || order->order_id <= 0 || !wg_all_digits(order->district, 6) || !*order->source)
    return wg_fail(error, WG_INVALID_ARGUMENT, "order", "an order needs an id, a district of 6 digits and a source");
  return WG_OK;
}

wg_status routing_receive(struct routing_assignment *subject, const Wangge__V1__OrderReceived *event,
                          struct wg_bytes packed, const struct routing_rulebook *book, struct routing_rule **matched,
                          struct routing_step *step, struct wg_error *error) {
  const Wangge__V1__Order *order = event->order;
  wg_status status = check_order(order, error);
  if (status != WG_OK || subject->exists) return status; // exists: the same event again
  struct routing_rule *rule = routing_rules_match(book->rules, order);
  *matched = rule;
  *subject = (struct routing_assignment){
      .order_id = order->order_id,
      .district = order->district,
      .source = order->source,
      .category = order->category,
      .rule_id = rule ? wg_arena_strdup(book->arena, rule->id) : "", // the table may be replaced before the answer
      .rule_version = wg_arena_strdup(book->arena, book->rules->version),
      .decided_by = "rule",
      .decided_at = book->now,
      .routed_at = book->now,
      .reason = "",
      .steps = 1,
      .received = packed,
      .last_kind = "",
      .last_department = "",
      .last_by = "",
      .last_reason = "",
      .last_proposed = "",
      .held = "",
      .exists = true,
  };
  if (!rule)
    subject->evidence = wg_arena_printf(book->arena, "none of %zu rules is met: category \"%s\", source %s, grid %s",
                                        book->rules->count, order->category, order->source,
                                        *order->grid_code ? order->grid_code : "unknown");
  else subject->evidence = routing_rule_evidence(rule, order, book->arena);
  const bool to_department = rule && rule->department_known;
  if (rule && !to_department)
    subject->evidence = wg_arena_printf(book->arena, "%s; but the rule's department %s does not exist",
                                        subject->evidence, rule->department);
  subject->department = to_department ? wg_arena_strdup(book->arena, rule->department) : "";
  subject->routed_to = subject->department;
  subject->state = to_department ? STATE(DISPATCHED) : STATE(DESK);
  subject->hops = to_department;
  *step = (struct routing_step){
      to_department ? "dispatch" : "desk", subject->department, "", "rule", subject->evidence, ""};
  return WG_OK;
}

static wg_status must_exist(const struct routing_assignment *subject, struct wg_error *error) {
  if (subject->exists) return WG_OK;
  return wg_fail(error, WG_FAILED_PRECONDITION, "order_id",
                 "order %" PRId64 " is not known here: its OrderReceived was not taken in", subject->order_id);
}

wg_status routing_supplement(struct routing_assignment *subject, const Wangge__V1__OrderSupplemented *event,
                             uint64_t seq, const struct routing_rulebook *book, struct routing_step *step,
                             struct wg_error *error) {
  wg_status status = must_exist(subject, error);
  if (status != WG_OK) return status;
  for (const struct routing_supplement *known = subject->supplements; known; known = known->next) {
    if (strcmp(known->supplement_id, event->supplement_id) == 0) return WG_OK;
  }
  if (subject->state == STATE(WITHDRAWN))
    return wg_fail(error, WG_FAILED_PRECONDITION, NULL,
                   "order %" PRId64 " is withdrawn; a supplement can only reach an order that is not",
                   subject->order_id);
  struct routing_supplement *made = wg_arena_zalloc(book->arena, sizeof *made);
  made->supplement_id = event->supplement_id;
  made->text = event->text;
  made->by = event->by;
  made->seq = seq;
  routing_supplement_add(subject, made);
  *step = (struct routing_step){"supplement", subject->department, "", event->by, event->text, ""};
  return WG_OK;
}

wg_status routing_withdraw(struct routing_assignment *subject, const Wangge__V1__OrderWithdrawn *event,
                           const struct routing_rulebook *book, struct routing_step *step, struct wg_error *error) {
  wg_status status = must_exist(subject, error);
  if (status != WG_OK || subject->state == STATE(WITHDRAWN)) return status;
  (void)book;
  subject->state = STATE(WITHDRAWN);
  *step = (struct routing_step){"withdraw", "", subject->department, event->by, event->reason, ""};
  take_step(subject, step);
  return WG_OK;
}

// --- calls ---
wg_status routing_accept(struct routing_assignment *subject, const struct wg_principal *caller,
                         const struct routing_rulebook *book, struct routing_step *step, struct wg_error *error) {
  (void)book;
  wg_status status = must_know(subject, caller, error);
  if (status != WG_OK) return status;
  if (!holds(subject, caller)) return not_now(subject, "Accept", error);
  if (subject->state == STATE(SIGNED)) return WG_OK;
  if (subject->state != STATE(DISPATCHED)) return not_now(subject, "Accept", error);
  subject->state = STATE(SIGNED);
  *step = (struct routing_step){"sign", subject->department, "", caller->name, "", ""};
  take_step(subject, step);
  return WG_OK;
}

wg_status routing_return(struct routing_assignment *subject, const struct wg_principal *caller,
                         const Wangge__V1__ReturnRequest *request, const struct routing_rulebook *book,
                         struct routing_step *step, struct wg_error *error) {
  wg_status status = must_know(subject, caller, error);
  if (status != WG_OK) return status;
  if (subject->state == STATE(DESK) && repeats(subject, "return", caller, caller->department, request->reason) &&
      strcmp(subject->last_proposed, request->proposed_department) == 0)
    return WG_OK;
  const bool possible = subject->state == STATE(DISPATCHED) || subject->state == STATE(SIGNED);
  if (!possible || !holds(subject, caller)) return not_now(subject, "Return", error);
  if (*request->proposed_department) {
    status = routing_department_check(book->departments, request->proposed_department, "proposed_department", error);
    if (status != WG_OK) return status;
    if (strcmp(request->proposed_department, subject->department) == 0)
      return wg_fail(error, WG_INVALID_ARGUMENT, "proposed_department", "is the department that returns the order");
  }
  *step = (struct routing_step){
      "return", "", subject->department, caller->name, request->reason, request->proposed_department};
  move(subject, "", caller, request->reason, book);
  take_step(subject, step);
  return WG_OK;
}

wg_status routing_transfer(struct routing_assignment *subject, const struct wg_principal *caller,
                           const Wangge__V1__TransferRequest *request, const struct routing_rulebook *book,
                           struct routing_step *step, struct wg_error *error) {
  wg_status status = must_know(subject, caller, error);
  if (status != WG_OK) return status;
  if (subject->state == STATE(DISPATCHED) &&
      repeats(subject, "transfer", caller, request->to_department, request->reason))
    return WG_OK;
  const bool possible = subject->state == STATE(DISPATCHED) || subject->state == STATE(SIGNED);
  if (!possible || (!is_dispatcher(caller) && !holds(subject, caller))) return not_now(subject, "Transfer", error);
  status = routing_department_check(book->departments, request->to_department, "to_department", error);
  if (status != WG_OK) return status;
  if (strcmp(request->to_department, subject->department) == 0)
    return wg_fail(error, WG_INVALID_ARGUMENT, "to_department", "holds the order already; name another department");
  const char *left = subject->department;
  move(subject, request->to_department, caller, request->reason, book);
  *step = (struct routing_step){"transfer", subject->department, left, caller->name, request->reason, ""};
  take_step(subject, step);
  return WG_OK;
}

wg_status routing_assign(struct routing_assignment *subject, const struct wg_principal *caller,
                         const Wangge__V1__AssignRequest *request, const struct routing_rulebook *book,
                         struct routing_step *step, struct wg_error *error) {
  wg_status status = must_know(subject, caller, error);
  if (status != WG_OK) return status;
  if (subject->state == STATE(DISPATCHED) && repeats(subject, "assign", caller, request->department, request->reason))
    return WG_OK;
  if (subject->state != STATE(DESK)) return not_now(subject, "Assign", error);
  status = routing_department_check(book->departments, request->department, "department", error);
  if (status != WG_OK) return status;
  move(subject, request->department, caller, request->reason, book);
  *step = (struct routing_step){"assign", subject->department, "", caller->name, request->reason, ""};
  take_step(subject, step);
  return WG_OK;
}

// --- the message ---
static char *text(const char *value) {
  return (char *)(uintptr_t)value; // protobuf-c's members are not const; nobody writes to them
}

Wangge__V1__Assignment *routing_assignment_message(const struct routing_assignment *subject, struct wg_arena *arena) {
  Wangge__V1__Assignment *message = wg_arena_alloc(arena, sizeof *message);
  wangge__v1__assignment__init(message);
  const bool by_rule = strcmp(subject->decided_by, "rule") == 0;
  message->order_id = subject->order_id;
  message->district = text(subject->district);
  message->source = text(subject->source);
  message->category = text(subject->category);
  message->state = subject->state;
  message->department = text(subject->department);
  if (by_rule) message->rule_id = text(subject->rule_id);
  if (by_rule) message->rule_version = text(subject->rule_version);
  message->evidence = text(by_rule ? subject->evidence : subject->reason);
  message->decided_by = text(subject->decided_by);
  message->decided_at = subject->decided_at;
  message->hops = subject->hops;
  return message;
}

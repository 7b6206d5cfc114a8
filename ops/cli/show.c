// wangge show: one order's whole way, asked of the three services.

#include "ops/cli/cli.h"
#include "ops/cli/order.h"
#include "ops/cli/output.h"

#include "common/base/text.h"
#include "common/wire/wire.h"

#include "wangge/v1/intake.pb-c.h"
#include "wangge/v1/routing.pb-c.h"
#include "wangge/v1/tracking.pb-c.h"

#include <string.h>

static void line(const char *label, const char *value) {
  if (value[0] == 0) return;
  printf("  %s%*s%s\n", label, 14 - cli_width(label), "", value);
}

static void print_received(const Wangge__V1__GetOrderResponse *got) {
  const Wangge__V1__Order *order = got->order;
  char text[128], word[32], at[32];
  if (order == NULL) return;
  printf("order %lld\nreceived (intake)\n", (long long)order->order_id);
  snprintf(text, sizeof text, "%s / %s / %s", order->district, order->source, order->external_id);
  line("key", text);
  line("received", cli_time(order->received_at, at));
  line("occurred", cli_time(order->occurred_at, at));
  line("kind", cli_enum_term(&wangge__v1__order_kind__descriptor, (int)order->kind, word));
  line("urgency", cli_enum_term(&wangge__v1__urgency__descriptor, (int)order->urgency, word));
  line("category", order->category);
  line("title", order->title);
  struct wg_buffer cut = {0};
  line("text",
       order->text_held && order->text[0] == 0 ? "（保密或举报件：正文暂不提供）" : cli_cut(order->text, 200, &cut));
  line("address", order->address);
  line("grid", order->grid_code);
  snprintf(text, sizeof text, "%.64s%s%s", order->origin, order->origin_area[0] != 0 ? ", " : "", order->origin_area);
  line("handed over", text);
  line("land", order->parcel_ownership);
  if (got->reporter != NULL) {
    snprintf(text, sizeof text, "%.60s %.40s%s", got->reporter->name, got->reporter->phone,
             got->reporter_masked ? " (masked)" : "");
    line("reporter", text);
  }
  for (size_t i = 0; i < got->n_supplements; i++) {
    printf("  %s  supplement by %s: ", cli_time(got->supplements[i]->at, at), got->supplements[i]->by);
    puts(cli_cut(got->supplements[i]->text, 100, &cut));
  }
  if (got->withdrawn_at != 0)
    printf("  %s  withdrawn: %s\n", cli_time(got->withdrawn_at, at), cli_cut(got->withdraw_reason, 100, &cut));
  wg_buffer_free(&cut);
}

// print_legs shows all units but the present lead, who stands above.
static void print_legs(const Wangge__V1__Assignment *assignment) {
  char role[32], state[32], at[32];
  for (size_t i = 0; i < assignment->n_legs; i++) {
    const Wangge__V1__Leg *leg = assignment->legs[i];
    if (leg->role == WANGGE__V1__LEG_ROLE__LEG_ROLE_LEAD && leg->ended_at == 0) continue;
    printf("  leg %d: %s %s, %s since %s\n", leg->n,
           wg_enum_name(&wangge__v1__leg_role__descriptor, (int)leg->role, role), leg->department,
           wg_enum_name(&wangge__v1__leg_state__descriptor, (int)leg->state, state),
           cli_time(leg->ended_at != 0    ? leg->ended_at
                    : leg->signed_at != 0 ? leg->signed_at
                                          : leg->dispatched_at,
                    at));
  }
}

static void print_place(const Wangge__V1__Assignment *assignment) {
  const Wangge__V1__PlaceDecision *place = assignment->place;
  char text[160];
  if (place != NULL) {
    const char *area = place->grid_code[0] != 0   ? place->grid_code
                       : place->community[0] != 0 ? place->community
                       : place->street[0] != 0    ? place->street
                                                  : "unknown";
    snprintf(text, sizeof text, "%s (by %s, %.2f)", area, place->how, place->confidence);
    line("area", text);
    line("place", place->name);
    line("place id", place->place_id);
    line("place why", place->evidence);
    for (size_t i = 0; i < place->n_flags; i++)
      line(i == 0 ? "place flags" : "", place->flags[i]);
  }
  if (assignment->suggested_category[0] == 0) return;
  printf("  suggested     %s (%.2f)\n", assignment->suggested_category, assignment->suggested_confidence);
}

static void print_routed(const Wangge__V1__GetAssignmentResponse *got) {
  const Wangge__V1__Assignment *assignment = got->assignment;
  char word[32], at[32];
  if (assignment == NULL) return;
  puts("routed (routing)");
  line("state", wg_enum_name(&wangge__v1__assignment_state__descriptor, (int)assignment->state, word));
  const bool answered = assignment->state == WANGGE__V1__ASSIGNMENT_STATE__ASSIGNMENT_STATE_ANSWERED;
  line("department", assignment->department[0] != 0 ? assignment->department
                     : answered                     ? "(none: answered at once)"
                                                    : "(dispatcher's desk)");
  line("decided by", assignment->decided_by);
  line("rule", assignment->rule_id);
  line("rule table", assignment->rule_version);
  line("why", assignment->evidence);
  print_place(assignment);
  line("first", assignment->first_receiver);
  line("contact", assignment->contact);
  if (assignment->locked) line("locked", "by adjudication: neither returned nor transferred");
  if (assignment->return_until != 0) line("return until", cli_time(assignment->return_until, at));
  print_legs(assignment);
  struct wg_buffer cut = {0};
  for (size_t i = 0; i < got->n_steps; i++) {
    const Wangge__V1__AssignmentStep *step = got->steps[i];
    printf("  %s  %-14s %s by %s", cli_time(step->at, at), step->kind, step->department, step->by);
    printf("%s%s\n", step->reason[0] != 0 ? ": " : "", cli_cut(step->reason, 100, &cut));
  }
  wg_buffer_free(&cut);
}

static void print_case(const Wangge__V1__GetCaseResponse *got) {
  const Wangge__V1__Case *one = got->case_;
  char word[32], at[32];
  if (one == NULL) return;
  puts("case (tracking)");
  line("state", wg_enum_name(&wangge__v1__case_state__descriptor, (int)one->state, word));
  if (one->due_at != 0) line("due", cli_time(one->due_at, at));
  line("clock", one->due_rule);
  line("result", one->result);
  if (one->answer != NULL) {
    line("answered", one->answer->text);
    line("knowledge", one->answer->knowledge_item);
  }
  struct wg_buffer cut = {0};
  for (size_t i = 0; i < got->n_steps; i++) {
    const Wangge__V1__CaseStep *step = got->steps[i];
    printf("  %s  %-16s %s by %s", cli_time(step->at, at), step->kind, step->department, step->by);
    printf("%s%s\n", step->note[0] != 0 ? ": " : "", cli_cut(step->note, 100, &cut));
  }
  wg_buffer_free(&cut);
}

static void add_json(struct wg_buffer *out, const char *name, const ProtobufCMessage *message) {
  wg_buffer_printf(out, "%s\"%s\":", out->size > 1 ? "," : "", name);
  if (message != NULL) wg_json_message(out, message);
  else wg_buffer_text(out, "null");
}

// gone: an order that is on its way is not known to the later services yet; that is no failure.
static bool gone(struct cli *cli, wg_status status, struct wg_error *error, const char *service, int *code) {
  if (status == WG_OK) return false;
  if (status == WG_NOT_FOUND) {
    if (!cli->json) printf("%s: not there (yet)\n", service);
  } else {
    *code = cli_complain(cli, error);
  }
  *error = (struct wg_error){0};
  return true;
}

static int run_show(struct cli *cli) {
  struct wg_error error = {0};
  int64_t order_id = 0;
  int code = CLI_DONE;
  if (!wg_parse_i64(cli->parsed.argument[0], &order_id) || order_id < 1) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "ORDER", "an order id is a whole number from 1");
    return cli_usage(cli, &error);
  }
  Wangge__V1__GetOrderRequest order_request = WANGGE__V1__GET_ORDER_REQUEST__INIT;
  Wangge__V1__GetAssignmentRequest assignment_request = WANGGE__V1__GET_ASSIGNMENT_REQUEST__INIT;
  Wangge__V1__GetCaseRequest case_request = WANGGE__V1__GET_CASE_REQUEST__INIT;
  order_request.order_id = assignment_request.order_id = case_request.order_id = order_id;
  const char *reveal = cli_text(&cli->parsed, "reveal");
  const char *reveal_text = cli_text(&cli->parsed, "reveal-text");
  const char *person = cli_text(&cli->parsed, "person");
  if (reveal != NULL && reveal_text != NULL) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "reveal", "--reveal or --reveal-text: each view is recorded by itself");
    return cli_usage(cli, &error);
  }
  if (reveal_text != NULL) order_request.reveal = WANGGE__V1__PII_FIELD__PII_FIELD_TEXT;
  if (reveal != NULL || reveal_text != NULL)
    order_request.reveal_reason = (char *)(uintptr_t)(reveal != NULL ? reveal : reveal_text);
  if (person != NULL) order_request.acting_person = (char *)(uintptr_t)person;
  ProtobufCMessage *received = NULL, *routed = NULL, *tracked = NULL;
  wg_status status = cli_call(cli, 0, "wangge.v1.Intake/Get", &order_request.base,
                              &wangge__v1__get_order_response__descriptor, &received, &error);
  if (status != WG_OK) return cli_complain(cli, &error);
  if (!cli->json) print_received((Wangge__V1__GetOrderResponse *)received);
  status = cli_call(cli, 1, "wangge.v1.Routing/Get", &assignment_request.base,
                    &wangge__v1__get_assignment_response__descriptor, &routed, &error);
  if (!gone(cli, status, &error, "routing", &code) && !cli->json)
    print_routed((Wangge__V1__GetAssignmentResponse *)routed);
  status = cli_call(cli, 2, "wangge.v1.Tracking/Get", &case_request.base, &wangge__v1__get_case_response__descriptor,
                    &tracked, &error);
  if (!gone(cli, status, &error, "tracking", &code) && !cli->json) print_case((Wangge__V1__GetCaseResponse *)tracked);
  if (cli->json) {
    struct wg_buffer out = {0};
    wg_buffer_text(&out, "{");
    add_json(&out, "intake", received);
    add_json(&out, "routing", routed);
    add_json(&out, "tracking", tracked);
    wg_buffer_text(&out, "}");
    cli_print_line(&out);
    wg_buffer_free(&out);
  }
  return code;
}

static const struct cli_option options[] = {
    {"reveal", "REASON", "ask for the reporter unmasked (dispatchers; the view is recorded)"},
    {"reveal-text", "REASON", "ask for the texts unmasked (dispatchers; the view is recorded)"},
    {"person", "ID", "staff number of the person who looks"},
    {0},
};

const struct cli_command cli_show[] = {
    {"show", "ORDER", 1, 1, "one order's whole way: received, routed and why, handled", options,
     "  wangge show 1\n"
     "  wangge show 1 --json\n"
     "  wangge show 1 --as dispatcher --reveal 'call back about the address'\n",
     run_show},
    {0},
};

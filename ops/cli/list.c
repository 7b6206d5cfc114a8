// wangge list orders|accesses|assignments|cases: pages of what the services hold, one line each.

#include "ops/cli/assignment.h"
#include "ops/cli/cli.h"
#include "ops/cli/order.h"
#include "ops/cli/output.h"
#include "ops/cli/rows.h"
#include "ops/cli/sheet.h"

#include "common/base/clock.h"
#include "common/wire/wire.h"

#include "wangge/v1/intake.pb-c.h"
#include "wangge/v1/routing.pb-c.h"
#include "wangge/v1/tracking.pb-c.h"

#include <string.h>

// A listing: its rows until they are printed.
struct listing {
  struct cli *cli;
  struct cli_table *table;
  int64_t left;
  struct wg_buffer cut;
};

static char *text_of(struct cli *cli, const char *option) {
  const char *text = cli_text(&cli->parsed, option);
  return text != NULL ? (char *)(uintptr_t)text : (char *)(uintptr_t)protobuf_c_empty_string;
}

// cut makes a text fit a terminal; in a file it stays whole.
static const char *cut(struct listing *listing, const char *text, int columns) {
  return cli_cut(text, cli_text(&listing->cli->parsed, "out") != NULL ? 1000 : columns, &listing->cut);
}

static wg_status time_option(struct cli *cli, const char *name, int64_t *at, struct wg_error *error) {
  const char *text = cli_text(&cli->parsed, name);
  if (text == NULL || wg_civil_parse(text, at)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, name, "--%s %s is no time: 2026-11-27 or 2026-11-27 20:39 is wanted", name,
                 text);
}

static wg_status state_option(struct cli *cli, const ProtobufCEnumDescriptor *type, int *state,
                              struct wg_error *error) {
  const char *text = cli_text(&cli->parsed, "state");
  if (text == NULL) return WG_OK;
  *state = wg_enum_value(type, text);
  if (*state > 0) return WG_OK;
  struct wg_buffer names = {0};
  char name[32];
  for (unsigned i = 1; i < type->n_values; i++)
    wg_buffer_printf(&names, "%s%s", i > 1 ? ", " : "", wg_enum_name(type, type->values[i].value, name));
  wg_fail(error, WG_INVALID_ARGUMENT, "state", "--state is one of %s", wg_buffer_cstr(&names));
  wg_buffer_free(&names);
  return error->code;
}

static int show(struct listing *listing, struct cli_listing *all) {
  all->context = listing;
  const int code = cli_list_rows(listing->cli, all, listing->left);
  return code == CLI_DONE && !listing->cli->json ? cli_give_table(listing->cli, listing->table) : code;
}

static int run(struct cli *cli, const char *const *headings, int (*pages)(struct listing *listing)) {
  struct wg_error error = {0};
  struct listing listing = {.cli = cli, .left = 50};
  if (cli_number(&cli->parsed, "limit", 1, 1000000, &listing.left, &error) != WG_OK) return cli_usage(cli, &error);
  if (cli_check_out(cli, &error) != WG_OK) return cli_usage(cli, &error);
  listing.table = cli_table_create(headings);
  int code = pages(&listing);
  cli_table_free(listing.table);
  wg_buffer_free(&listing.cut);
  return code;
}

// --- orders ---

static const char *const order_headings[] = {">ORDER",  "RECEIVED", "DISTRICT", "SOURCE", "KIND",
                                             "URGENCY", "CATEGORY", "TITLE",    NULL};

static void order_row(void *context, const ProtobufCMessage *message) {
  struct listing *listing = context;
  const Wangge__V1__Order *order = (const Wangge__V1__Order *)message;
  char at[32], word[32];
  struct cli_table *table = listing->table;
  cli_table_cell(table, "%lld", (long long)order->order_id);
  cli_table_cell(table, "%s", cli_time(order->received_at, at));
  cli_table_cell(table, "%s", order->district);
  cli_table_cell(table, "%s", order->source);
  cli_table_cell(table, "%s", cli_enum_term(&wangge__v1__order_kind__descriptor, (int)order->kind, word));
  cli_table_cell(table, "%s", cli_enum_term(&wangge__v1__urgency__descriptor, (int)order->urgency, word));
  cli_table_cell(table, "%s", cut(listing, order->category, 36));
  cli_table_cell(table, "%s", cut(listing, order->title[0] != 0 ? order->title : order->text, 50));
}

static int order_pages(struct listing *listing) {
  struct wg_error error = {0};
  Wangge__V1__ListOrdersRequest request = WANGGE__V1__LIST_ORDERS_REQUEST__INIT;
  request.district = text_of(listing->cli, "district");
  request.source = text_of(listing->cli, "source");
  if (time_option(listing->cli, "from", &request.from, &error) != WG_OK ||
      time_option(listing->cli, "to", &request.to, &error) != WG_OK)
    return cli_usage(listing->cli, &error);
  return show(listing, &(struct cli_listing){.service = CLI_INTAKE,
                                             .method = "wangge.v1.Intake/List",
                                             .request = &request.base,
                                             .response = &wangge__v1__list_orders_response__descriptor,
                                             .row = order_row});
}

static int run_orders(struct cli *cli) {
  return run(cli, order_headings, order_pages);
}

// --- full views of personal data ---

static const char *const access_headings[] = {">ORDER", "AT", "DISTRICT", "WHO", "PERSON", "FIELD", "REASON", NULL};

static void access_row(void *context, const ProtobufCMessage *message) {
  struct listing *listing = context;
  const Wangge__V1__PiiAccess *one = (const Wangge__V1__PiiAccess *)message;
  char at[32], word[32];
  struct cli_table *table = listing->table;
  cli_table_cell(table, "%lld", (long long)one->order_id);
  cli_table_cell(table, "%s", cli_time(one->at, at));
  cli_table_cell(table, "%s", one->district);
  cli_table_cell(table, "%s", one->who);
  cli_table_cell(table, "%s", one->acting_person);
  cli_table_cell(table, "%s", wg_enum_name(&wangge__v1__pii_field__descriptor, (int)one->field, word));
  cli_table_cell(table, "%s", cut(listing, one->reason, 60));
}

static int access_pages(struct listing *listing) {
  struct wg_error error = {0};
  Wangge__V1__PiiAccessesRequest request = WANGGE__V1__PII_ACCESSES_REQUEST__INIT;
  request.district = text_of(listing->cli, "district");
  request.who = text_of(listing->cli, "who");
  if (cli_number(&listing->cli->parsed, "order", 1, INT64_MAX, &request.order_id, &error) != WG_OK)
    return cli_usage(listing->cli, &error);
  return show(listing, &(struct cli_listing){.service = CLI_INTAKE,
                                             .method = "wangge.v1.Intake/PiiAccesses",
                                             .request = &request.base,
                                             .response = &wangge__v1__pii_accesses_response__descriptor,
                                             .row = access_row});
}

static int run_accesses(struct cli *cli) {
  cli_as(cli, "operator");
  return run(cli, access_headings, access_pages);
}

// --- assignments ---

static const char *const assignment_headings[] = {">ORDER", "DECIDED", "DISTRICT", "STATE",    "DEPARTMENT",
                                                  "WITH",   "BY",      "RULE",     "CATEGORY", NULL};

static void assignment_row(void *context, const ProtobufCMessage *message) {
  struct listing *listing = context;
  const Wangge__V1__Assignment *one = (const Wangge__V1__Assignment *)message;
  char at[32], word[32];
  struct cli_table *table = listing->table;
  cli_table_cell(table, "%lld", (long long)one->order_id);
  cli_table_cell(table, "%s", cli_time(one->decided_at, at));
  cli_table_cell(table, "%s", one->district);
  cli_table_cell(table, "%s", wg_enum_name(&wangge__v1__assignment_state__descriptor, (int)one->state, word));
  cli_table_cell(table, "%s", one->department);
  cli_table_cell(table, "%s", cli_with(listing->cli, one));
  cli_table_cell(table, "%s", one->decided_by);
  cli_table_cell(table, "%s", one->rule_id);
  cli_table_cell(table, "%s", cut(listing, one->category, 36));
}

static int assignment_pages(struct listing *listing) {
  struct wg_error error = {0};
  Wangge__V1__ListAssignmentsRequest request = WANGGE__V1__LIST_ASSIGNMENTS_REQUEST__INIT;
  request.district = text_of(listing->cli, "district");
  request.department = text_of(listing->cli, "department");
  int state = 0;
  if (state_option(listing->cli, &wangge__v1__assignment_state__descriptor, &state, &error) != WG_OK)
    return cli_usage(listing->cli, &error);
  request.state = (Wangge__V1__AssignmentState)state;
  const char *role = cli_text(&listing->cli->parsed, "role");
  const int part = role != NULL ? wg_enum_value(&wangge__v1__leg_role__descriptor, role) : 0;
  if (part < 0) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "role", "--role is one of lead, assist, child");
    return cli_usage(listing->cli, &error);
  }
  request.role = (Wangge__V1__LegRole)part;
  return show(listing, &(struct cli_listing){.service = CLI_ROUTING,
                                             .method = "wangge.v1.Routing/List",
                                             .request = &request.base,
                                             .response = &wangge__v1__list_assignments_response__descriptor,
                                             .row = assignment_row});
}

static int run_assignments(struct cli *cli) {
  return run(cli, assignment_headings, assignment_pages);
}

// --- cases ---

static const char *const case_headings[] = {">ORDER",  "DUE",      "DISTRICT", "STATE", "DEPARTMENT",
                                            "URGENCY", "CATEGORY", "TITLE",    NULL};

static void case_row(void *context, const ProtobufCMessage *message) {
  struct listing *listing = context;
  const Wangge__V1__Case *one = (const Wangge__V1__Case *)message;
  char at[32], word[32];
  struct cli_table *table = listing->table;
  cli_table_cell(table, "%lld", (long long)one->order_id);
  cli_table_cell(table, "%s", cli_time(one->due_at, at));
  cli_table_cell(table, "%s", one->district);
  cli_table_cell(table, "%s", wg_enum_name(&wangge__v1__case_state__descriptor, (int)one->state, word));
  cli_table_cell(table, "%s", one->department);
  cli_table_cell(table, "%s", cli_enum_term(&wangge__v1__urgency__descriptor, (int)one->urgency, word));
  cli_table_cell(table, "%s", cut(listing, one->category, 36));
  cli_table_cell(table, "%s", cut(listing, one->title, 50));
}

static int case_pages(struct listing *listing) {
  struct wg_error error = {0};
  Wangge__V1__ListCasesRequest request = WANGGE__V1__LIST_CASES_REQUEST__INIT;
  request.district = text_of(listing->cli, "district");
  request.department = text_of(listing->cli, "department");
  int state = 0;
  request.grid = text_of(listing->cli, "grid");
  request.category = text_of(listing->cli, "category");
  request.text = text_of(listing->cli, "text");
  if (state_option(listing->cli, &wangge__v1__case_state__descriptor, &state, &error) != WG_OK ||
      time_option(listing->cli, "due-from", &request.due_from, &error) != WG_OK ||
      time_option(listing->cli, "due-before", &request.due_before, &error) != WG_OK)
    return cli_usage(listing->cli, &error);
  request.state = (Wangge__V1__CaseState)state;
  return show(listing, &(struct cli_listing){.service = CLI_TRACKING,
                                             .method = "wangge.v1.Tracking/List",
                                             .request = &request.base,
                                             .response = &wangge__v1__list_cases_response__descriptor,
                                             .row = case_row});
}

static int run_cases(struct cli *cli) {
  return run(cli, case_headings, case_pages);
}

#define LIMIT                                                                                                          \
  {"limit", "N", "most rows (50)"}, {                                                                                  \
    "out", "FILE", "write a .csv or .xlsx, marked with who exported it and when"                                       \
  }
#define DISTRICT                                                                                                       \
  { "district", "CODE", "only this district" }
static const struct cli_option order_options[] = {DISTRICT,
                                                  {"source", "NAME", "only this source"},
                                                  {"from", "TIME", "received at or after"},
                                                  {"to", "TIME", "received before"},
                                                  LIMIT,
                                                  {0}};
static const struct cli_option access_options[] = {
    DISTRICT, {"order", "ORDER", "only of this order"}, {"who", "NAME", "only by this principal"}, LIMIT, {0}};
static const struct cli_option assignment_options[] = {
    DISTRICT,
    {"department", "CODE", "only this department"},
    {"state", "STATE", "desk, dispatched, signed, return_review, adjudicating, withdrawn"},
    {"role", "NAME", "lead, assist, child: its part in them"},
    LIMIT,
    {0}};
static const struct cli_option case_options[] = {
    DISTRICT,
    {"department", "CODE", "only this department"},
    {"state", "STATE",
     "triage, dispatched, handling, return_review, adjudicating, held, review, follow_up, closed, archived, withdrawn, "
     "void"},
    {"due-from", "TIME", "deadline at or after this time"},
    {"due-before", "TIME", "deadline before this time"},
    {"grid", "CODE", "only this grid, or community (12 digits), or street (9)"},
    {"category", "PATH", "only this category and what is below it"},
    {"text", "WORDS", "titles with all of these words, newest first; needs --district or --grid"},
    LIMIT,
    {0}};

// --- whose export a file is ---

static int run_watermark(struct cli *cli) {
  struct wg_error error = {0};
  enum { LOOKED_AT = 1 << 20 }; // the first row is near
  FILE *file = fopen(cli->parsed.argument[0], "rbe");
  if (file == NULL) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "FILE", "cannot read %s", cli->parsed.argument[0]);
    return cli_usage(cli, &error);
  }
  char *text = wg_arena_alloc(cli->arena, LOOKED_AT), at[32];
  const size_t size = fread(text, 1, LOOKED_AT, file);
  fclose(file);
  struct cli_mark mark;
  if (!cli_mark_find((struct wg_bytes){(const uint8_t *)text, size}, &mark)) {
    wg_fail(&error, WG_NOT_FOUND, "FILE", "no mark in the first MiB (of an .xlsx give its xl/sharedStrings.xml)");
    return cli_complain(cli, &error);
  }
  const char *who = cli_text(&cli->parsed, "who");
  const bool fits = who != NULL && cli_mark_who(who) == mark.who;
  printf("exported %s by %08x%s%s%s\n", cli_time((int64_t)mark.seconds * 1000000, at), mark.who,
         who != NULL ? (fits ? ", which is " : ", which is not ") : "", who != NULL ? who : "", "");
  return who == NULL || fits ? CLI_DONE : CLI_REFUSED;
}

static const struct cli_option watermark_options[] = {{"who", "NAME", "say whether it is this principal's"}, {0}};

const struct cli_command cli_list[] = {
    {"watermark", "FILE", 1, 1, "whose export a file, or a row copied from one, is", watermark_options,
     "  wangge watermark found.csv --who dispatcher\n", run_watermark},
    {"list orders", "", 0, 0, "orders as received, newest first", order_options,
     "  wangge list orders --district 370117 --limit 20\n"
     "  wangge list orders --from 2026-11-01 --json\n"
     "  wangge list orders --limit 1000 --out orders.xlsx\n",
     run_orders},
    {"list accesses", "", 0, 0, "who saw personal data whole, newest first", access_options,
     "  wangge list accesses --order 17\n"
     "  wangge list accesses --who dispatcher --limit 200\n",
     run_accesses},
    {"list assignments", "", 0, 0, "who is responsible, oldest first", assignment_options,
     "  wangge list assignments --state desk\n"
     "  wangge list assignments --department water --as water\n",
     run_assignments},
    {"list cases", "", 0, 0, "cases by deadline, earliest first; any filters together", case_options,
     "  wangge list cases --state handling --due-before 2026-12-01\n"
     "  wangge list cases --grid 370117001 --category 城乡建设/供水供气 --department water\n"
     "  wangge list cases --district 370117 --text '电梯 亲和家园' --limit 20\n",
     run_cases},
    {0},
};

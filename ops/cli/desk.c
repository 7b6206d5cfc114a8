// wangge desk and wangge precedents: what a dispatcher has to decide, and what was adjudicated before.

#include "ops/cli/assignment.h"
#include "ops/cli/cli.h"
#include "ops/cli/output.h"
#include "ops/cli/rows.h"

#include "common/wire/wire.h"

#include <string.h>

static char *text_of(struct cli *cli, const char *option) {
  const char *text = cli_text(&cli->parsed, option);
  return (char *)(uintptr_t)(text != NULL ? text : protobuf_c_empty_string);
}

// joined gives a list of texts joined by " ".
static const char *joined(struct cli *cli, char *const *items, size_t count) {
  const char *text = "";
  for (size_t i = 0; i < count; i++)
    text = wg_arena_printf(cli->arena, "%s%s%s", text, i > 0 ? " " : "", items[i]);
  return text;
}

const char *cli_with(struct cli *cli, const Wangge__V1__Assignment *assignment) {
  const char *text = "";
  for (size_t i = 0; i < assignment->n_legs; i++) {
    const Wangge__V1__Leg *leg = assignment->legs[i];
    if (leg->role == WANGGE__V1__LEG_ROLE__LEG_ROLE_LEAD) continue;
    text = wg_arena_printf(cli->arena, "%s%s%s%s", text, *text ? " " : "",
                           leg->role == WANGGE__V1__LEG_ROLE__LEG_ROLE_CHILD ? "↓" : "+", leg->department);
  }
  return text;
}

struct listing {
  struct cli *cli;
  struct cli_table *table;
  struct wg_buffer cut;
};

// --- desk ---
static const char *const desk_headings[] = {">ORDER",   "RECEIVED", "KIND",  "DEPARTMENT", "WITH",
                                            "CATEGORY", "TITLE",    "CALLS", "WHY",        NULL};

static void desk_row(void *context, const ProtobufCMessage *message) {
  struct listing *listing = context;
  struct cli *cli = listing->cli;
  struct cli_table *table = listing->table;
  struct wg_buffer *cut = &listing->cut;
  const Wangge__V1__DeskItem *item = (const Wangge__V1__DeskItem *)message;
  char at[32], word[32];
  const Wangge__V1__Assignment *one = item->assignment;
  cli_table_cell(table, "%lld", (long long)one->order_id);
  cli_table_cell(table, "%s", cli_time(item->received_at, at));
  cli_table_cell(table, "%s", wg_enum_name(&wangge__v1__desk_kind__descriptor, (int)item->kind, word));
  cli_table_cell(table, "%s", one->department);
  cli_table_cell(table, "%s", cli_with(cli, one));
  cli_table_cell(table, "%s", cli_cut(one->category, 30, cut));
  cli_table_cell(table, "%s", cli_cut(item->title, 30, cut));
  cli_table_cell(table, "%s", joined(cli, item->calls, item->n_calls));
  const char *why = item->why;
  if (item->n_precedents > 0)
    why = wg_arena_printf(cli->arena, "%s [precedent %s: %s]", why, item->precedents[0]->precedent_id,
                          item->precedents[0]->lead);
  cli_table_cell(table, "%s", cli_cut(why, 100, cut));
}

static wg_status desk_kind(struct cli *cli, Wangge__V1__DeskKind *kind, struct wg_error *error) {
  const char *text = cli_text(&cli->parsed, "kind");
  if (text == NULL) return WG_OK;
  const int value = wg_enum_value(&wangge__v1__desk_kind__descriptor, text);
  *kind = (Wangge__V1__DeskKind)value;
  if (value > 0) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, "kind",
                 "--kind is one of unroutable, returned, return_review, adjudication, merge");
}

static int list(struct cli *cli, const char *const *headings, struct cli_listing *all, int64_t limit) {
  struct listing listing = {.cli = cli, .table = cli_table_create(headings)};
  all->context = &listing;
  const int code = cli_list_rows(cli, all, limit);
  if (code == CLI_DONE && !cli->json) cli_table_print(listing.table, stdout);
  cli_table_free(listing.table);
  wg_buffer_free(&listing.cut);
  return code;
}

static int run_desk(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__DeskRequest request = WANGGE__V1__DESK_REQUEST__INIT;
  int64_t limit = 50;
  request.district = text_of(cli, "district");
  if (desk_kind(cli, &request.kind, &error) != WG_OK ||
      cli_number(&cli->parsed, "limit", 1, 1000000, &limit, &error) != WG_OK)
    return cli_usage(cli, &error);
  return list(cli, desk_headings,
              &(struct cli_listing){.service = CLI_ROUTING,
                                    .method = "wangge.v1.Routing/Desk",
                                    .request = &request.base,
                                    .response = &wangge__v1__desk_response__descriptor,
                                    .row = desk_row},
              limit);
}

// --- precedents ---
static const char *const precedent_headings[] = {"PRECEDENT", "DECIDED", "DISTRICT", "CATEGORY", "PLACE",
                                                 "LEAD",      "ASSISTS", "BY",       "BASIS",    NULL};

static void precedent_row(void *context, const ProtobufCMessage *message) {
  struct listing *listing = context;
  struct cli *cli = listing->cli;
  struct cli_table *table = listing->table;
  struct wg_buffer *cut = &listing->cut;
  const Wangge__V1__Precedent *one = (const Wangge__V1__Precedent *)message;
  char at[32];
  cli_table_cell(table, "%s", one->precedent_id);
  cli_table_cell(table, "%s", cli_time(one->decided_at, at));
  cli_table_cell(table, "%s", one->district);
  cli_table_cell(table, "%s", cli_cut(one->category, 36, cut));
  cli_table_cell(table, "%s", one->place);
  cli_table_cell(table, "%s", one->lead);
  cli_table_cell(table, "%s", joined(cli, one->assists, one->n_assists));
  cli_table_cell(table, "%s", one->decided_by);
  cli_table_cell(table, "%s", cli_cut(one->basis, 60, cut));
}

static int run_precedents(struct cli *cli) {
  struct wg_error error = {0};
  Wangge__V1__PrecedentsRequest request = WANGGE__V1__PRECEDENTS_REQUEST__INIT;
  int64_t limit = 50;
  request.district = text_of(cli, "district");
  request.category = text_of(cli, "category");
  request.place = text_of(cli, "place");
  if (cli_number(&cli->parsed, "limit", 1, 1000000, &limit, &error) != WG_OK) return cli_usage(cli, &error);
  return list(cli, precedent_headings,
              &(struct cli_listing){.service = CLI_ROUTING,
                                    .method = "wangge.v1.Routing/Precedents",
                                    .request = &request.base,
                                    .response = &wangge__v1__precedents_response__descriptor,
                                    .row = precedent_row},
              limit);
}

#define LIMIT                                                                                                          \
  { "limit", "N", "most rows (50)" }
#define DISTRICT                                                                                                       \
  { "district", "CODE", "only this district" }
static const struct cli_option desk_options[] = {
    DISTRICT, {"kind", "NAME", "unroutable, returned, return_review, adjudication, merge"}, LIMIT, {0}};
static const struct cli_option precedent_options[] = {DISTRICT,
                                                      {"category", "PATH", "that hold for this category"},
                                                      {"place", "CODE", "that hold for this grid, community or street"},
                                                      LIMIT,
                                                      {0}};

const struct cli_command cli_desk[] = {
    {"desk", "", 0, 0, "what a dispatcher has to decide (派单席), oldest first", desk_options,
     "  wangge desk\n"
     "  wangge desk --kind return_review --json\n",
     run_desk},
    {"precedents", "", 0, 0, "adjudications (裁定先例), newest first", precedent_options,
     "  wangge precedents --category 城乡建设/供水供气 --place 370117001\n", run_precedents},
    {0},
};

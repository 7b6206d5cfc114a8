// wangge themes, themes sweep, theme: what many grids want or suffer alike (同类诉求).

#include "ops/cli/cli.h"
#include "ops/cli/output.h"
#include "ops/cli/rows.h"

#include "common/base/text.h"
#include "common/wire/wire.h"

#include "wangge/v1/routing.pb-c.h"

#define TYPE(name) &wangge__v1__##name##__descriptor

static const char *const theme_headings[] = {">THEME", "FIRST", "NEWEST", ">ORDERS", ">GRIDS", "TITLE", "WHY", NULL};

static void theme_row(void *context, const ProtobufCMessage *message) {
  struct cli_table *table = context;
  const Wangge__V1__Theme *one = (const Wangge__V1__Theme *)message;
  char first[32], last[32];
  struct wg_buffer cut = {0};
  cli_table_cell(table, "%lld", (long long)one->theme_id);
  cli_table_cell(table, "%s", cli_time(one->first_at, first));
  cli_table_cell(table, "%s%s", cli_time(one->swept_at, last), one->ended_at > 0 ? " (ended)" : "");
  cli_table_cell(table, "%d", (int)one->orders);
  cli_table_cell(table, "%d", (int)one->grids);
  cli_table_cell(table, "%s", cli_cut(one->title, 36, &cut));
  cli_table_cell(table, "%s", one->evidence);
  wg_buffer_free(&cut);
}

static int run_themes(struct cli *cli) {
  struct wg_error error = {0};
  int64_t limit = 50, grids = 0;
  Wangge__V1__ThemesRequest request = WANGGE__V1__THEMES_REQUEST__INIT;
  const char *district = cli_text(&cli->parsed, "district");
  if (district != NULL) request.district = (char *)(uintptr_t)district;
  request.ended = cli_given(&cli->parsed, "ended");
  if (cli_number(&cli->parsed, "limit", 1, 1000000, &limit, &error) != WG_OK ||
      cli_number(&cli->parsed, "grids", 1, 100000, &grids, &error) != WG_OK)
    return cli_usage(cli, &error);
  request.min_grids = (int32_t)grids;
  struct cli_table *table = cli_table_create(theme_headings);
  const int code = cli_list_rows(cli,
                                 &(struct cli_listing){.service = CLI_ROUTING,
                                                       .method = "wangge.v1.Routing/Themes",
                                                       .request = &request.base,
                                                       .response = TYPE(themes_response),
                                                       .row = theme_row,
                                                       .context = table},
                                 limit);
  if (code == CLI_DONE && !cli->json) cli_table_print(table, stdout);
  cli_table_free(table);
  return code;
}

static void print_theme(const Wangge__V1__ThemeResponse *response) {
  static const char *const headings[] = {">ORDER", "ROUTED", "GRID", "PLACE", ">SCORE", "CATEGORY", NULL};
  char at[32];
  printf("theme %lld: %s\n%s\n", (long long)response->theme->theme_id, response->theme->title,
         response->theme->evidence);
  struct cli_table *table = cli_table_create(headings);
  for (size_t i = 0; i < response->n_members; i++) {
    const Wangge__V1__ThemeMember *member = response->members[i];
    cli_table_cell(table, "%lld", (long long)member->order_id);
    cli_table_cell(table, "%s", cli_time(member->routed_at, at));
    cli_table_cell(table, "%s", member->grid_code);
    cli_table_cell(table, "%s", member->place_id);
    cli_table_cell(table, "%.3f", member->score);
    cli_table_cell(table, "%s", member->category);
  }
  cli_table_print(table, stdout);
  cli_table_free(table);
}

static int run_theme(struct cli *cli) {
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  Wangge__V1__ThemeRequest request = WANGGE__V1__THEME_REQUEST__INIT;
  const char *id = cli->parsed.argument[0];
  if (!wg_parse_i64(id, &request.theme_id) || request.theme_id <= 0) {
    wg_fail(&error, WG_INVALID_ARGUMENT, "THEME", "THEME %s is no number of a theme", id);
    return cli_usage(cli, &error);
  }
  if (cli_call(cli, CLI_ROUTING, "wangge.v1.Routing/Theme", &request.base, TYPE(theme_response), &message, &error) !=
      WG_OK)
    return cli_complain(cli, &error);
  if (cli->json) cli_print_message(message);
  else print_theme((Wangge__V1__ThemeResponse *)message);
  return CLI_DONE;
}

static int run_sweep(struct cli *cli) {
  struct wg_error error = {0};
  ProtobufCMessage *message = NULL;
  Wangge__V1__SweepThemesRequest request = WANGGE__V1__SWEEP_THEMES_REQUEST__INIT;
  cli_as(cli, "dispatcher");
  if (cli_call(cli, CLI_ROUTING, "wangge.v1.Routing/SweepThemes", &request.base, TYPE(sweep_themes_response), &message,
               &error) != WG_OK)
    return cli_complain(cli, &error);
  if (cli->json) cli_print_message(message);
  else printf("the sweep begins; `wangge themes` shows what it finds\n");
  return CLI_DONE;
}

static const struct cli_option themes_options[] = {{"district", "CODE", "only this district"},
                                                   {"grids", "N", "in at least so many grids"},
                                                   {"ended", NULL, "those that ended too"},
                                                   {"limit", "N", "most rows (50)"},
                                                   {0}};
static const struct cli_option no_options[] = {{0}};

const struct cli_command cli_themes[] = {
    {"themes", "", 0, 0, "what many grids want or suffer alike (同类诉求), newest first", themes_options,
     "  wangge themes --grids 5\n", run_themes},
    {"themes sweep", "", 0, 0, "look for themes now, not only at night", no_options, "  wangge themes sweep\n",
     run_sweep},
    {"theme", "THEME", 1, 1, "one theme with its orders", no_options, "  wangge theme 3\n", run_theme},
    {0},
};

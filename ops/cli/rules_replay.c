// wangge rules replay: past orders through the catalogue in force or a proposed one; counts by
// old and new units: the lead, and those that assist.

#include "ops/cli/output.h"
#include "ops/cli/registry.h"
#include "ops/cli/rules.h"

#include "common/base/clock.h"
#include "common/base/map.h"
#include "common/wire/wire.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 2000 };

struct move {
  const char *from, *to;
  uint64_t count;
  long long example; // an order
};
struct replay {
  struct cli *cli;
  struct wg_map *index; // "from > to" -> move
  struct move **moves;
  size_t count, room;
  uint64_t looked_at, changed, unreadable;
  const char *version;
  struct wg_buffer line;
};

// units gives "lead" or "lead + assist assist" (协办).
static const char *units(const char *lead, char **assists, size_t count, struct wg_arena *arena) {
  const char *text = lead[0] != 0 ? lead : "（派单席）";
  for (size_t i = 0; i < count; i++)
    text = wg_arena_printf(arena, "%s%s%s", text, i == 0 ? " + " : " ", assists[i]);
  return text;
}

static void note(struct replay *replay, const Wangge__V1__ReplayedOrder *order) {
  struct wg_arena *arena = replay->cli->arena;
  const char *from = units(order->old_lead, order->old_assists, order->n_old_assists, arena);
  const char *to = units(order->new_lead, order->new_assists, order->n_new_assists, arena);
  const char *key = wg_arena_printf(arena, "%s > %s", from, to);
  struct move *move = wg_map_get(replay->index, key);
  if (move == NULL) {
    move = wg_arena_zalloc(arena, sizeof *move);
    *move = (struct move){from, to, 0, (long long)order->order_id};
    wg_map_put(replay->index, key, move);
    if (replay->count == replay->room) {
      replay->room = replay->room > 0 ? replay->room * 2 : 64;
      replay->moves = wg_realloc(replay->moves, replay->room * sizeof *replay->moves);
    }
    replay->moves[replay->count++] = move;
  }
  move->count++;
  replay->changed++;
}

static void take_page(struct replay *replay, const Wangge__V1__ReplayRulesResponse *page) {
  replay->version = page->version;
  replay->looked_at += (uint64_t)page->looked_at;
  replay->unreadable += (uint64_t)page->unreadable;
  for (size_t i = 0; i < page->n_changed; i++) {
    note(replay, page->changed[i]);
    if (!replay->cli->json) continue;
    wg_json_message(&replay->line, &page->changed[i]->base);
    cli_print_line(&replay->line);
  }
}

static int by_count(const void *one, const void *two) {
  const struct move *a = *(const struct move *const *)one, *b = *(const struct move *const *)two;
  if (a->count != b->count) return a->count > b->count ? -1 : 1;
  const int from = strcmp(a->from, b->from);
  return from != 0 ? from : strcmp(a->to, b->to);
}

static void print_summary(struct replay *replay) {
  static const char *const headings[] = {"原主办 + 协办", "新主办 + 协办", ">诉求数", ">例", NULL};
  char looked[32], changed[32], count[32];
  if (replay->count > 0) qsort(replay->moves, replay->count, sizeof *replay->moves, by_count);
  if (replay->cli->json) {
    cli_print_json(json_pack("{s:s,s:I,s:I,s:I}", "version", replay->version, "lookedAt", (json_int_t)replay->looked_at,
                             "changed", (json_int_t)replay->changed, "unreadable", (json_int_t)replay->unreadable));
    return;
  }
  if (replay->count > 0) {
    struct cli_table *table = cli_table_create(headings);
    for (size_t i = 0; i < replay->count; i++) {
      cli_table_cell(table, "%s", replay->moves[i]->from);
      cli_table_cell(table, "%s", replay->moves[i]->to);
      cli_table_cell(table, "%s", cli_count(replay->moves[i]->count, count));
      cli_table_cell(table, "%lld", replay->moves[i]->example);
    }
    cli_table_print(table, stdout);
    cli_table_free(table);
  }
  printf("目录版本 %s：试派 %s 件诉求，%s 件会派给别的单位；什么也没有改动\n", replay->version,
         cli_count(replay->looked_at, looked), cli_count(replay->changed, changed));
  if (replay->unreadable > 0) printf("其中 %s 件无法读出\n", cli_count(replay->unreadable, count));
}

static int pages(struct replay *replay, Wangge__V1__ReplayRulesRequest *request) {
  struct wg_error error = {0};
  const int64_t started = wg_monotonic_us();
  do {
    ProtobufCMessage *message = NULL;
    if (cli_call(replay->cli, CLI_ROUTING, "wangge.v1.Routing/ReplayRules", &request->base,
                 &wangge__v1__replay_rules_response__descriptor, &message, &error) != WG_OK) {
      cli_progress_clear();
      return cli_complain(replay->cli, &error);
    }
    const Wangge__V1__ReplayRulesResponse *page = (const Wangge__V1__ReplayRulesResponse *)message;
    take_page(replay, page);
    request->page_token = page->next_page_token;
    const double seconds = (double)(wg_monotonic_us() - started + 1) / 1e6;
    cli_progress("试派", replay->looked_at, 0, (double)replay->looked_at / seconds);
  } while (request->page_token[0] != 0 && !cli_stopped);
  cli_progress_clear();
  print_summary(replay);
  return CLI_DONE;
}

static wg_status time_of(const struct cli *cli, const char *option, int64_t *at, struct wg_error *error) {
  const char *text = cli_text(&cli->parsed, option);
  if (text == NULL || wg_civil_parse(text, at)) return WG_OK;
  return wg_fail(error, WG_INVALID_ARGUMENT, option, "--%s %s is no time: 2026-11-27 or 2026-11-27 20:39 is wanted",
                 option, text);
}

int cli_rules_replay(struct cli *cli) {
  struct wg_error error = {0};
  struct cli_proposal proposal;
  int code = CLI_DONE;
  Wangge__V1__ReplayRulesRequest request = WANGGE__V1__REPLAY_RULES_REQUEST__INIT;
  if (cli_text(&cli->parsed, "since") == NULL)
    wg_fail(&error, WG_INVALID_ARGUMENT, "since", "--since TIME is required: from when on");
  if (error.code != WG_OK || time_of(cli, "since", &request.since, &error) != WG_OK ||
      time_of(cli, "until", &request.until, &error) != WG_OK)
    return cli_usage(cli, &error);
  if (!cli_proposal(cli, &proposal, &code)) return code;
  request.district = cli_field(cli_text(&cli->parsed, "district"));
  request.records = proposal.records;
  request.n_records = proposal.count;
  request.limit = PAGE;
  struct replay replay = {.cli = cli, .index = wg_map_create(), .version = ""};
  code = pages(&replay, &request);
  wg_map_destroy(replay.index);
  wg_buffer_free(&replay.line);
  free(replay.moves);
  return code;
}

// wangge top: the queues, live. Rows that want attention (dead letters; waiting and nobody connected) stand out.

#include "ops/cli/output.h"
#include "ops/cli/queues.h"

#include "common/base/clock.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS_MOST = 4096 };

struct screen {
  char *cell[ROWS_MOST][CLI_QUEUES_COLUMNS];
  bool alarming[ROWS_MOST];
  int rows, first;
  int width[CLI_QUEUES_COLUMNS];
  bool only_alarming;
};

static void clear_rows(struct screen *screen) {
  for (int i = 0; i < screen->rows; i++)
    for (int j = 0; j < CLI_QUEUES_COLUMNS; j++)
      free(screen->cell[i][j]);
  screen->rows = 0;
}

static void add_row(void *context, const char *const cells[CLI_QUEUES_COLUMNS], bool alarming) {
  struct screen *screen = context;
  if (screen->rows == ROWS_MOST || (screen->only_alarming && !alarming)) return;
  for (int i = 0; i < CLI_QUEUES_COLUMNS; i++) {
    screen->cell[screen->rows][i] = wg_strdup(cells[i]);
    int width = cli_width(cells[i]);
    if (width > screen->width[i]) screen->width[i] = width;
  }
  screen->alarming[screen->rows++] = alarming;
}

static void draw_cells(const struct screen *screen, int y, char *const cells[CLI_QUEUES_COLUMNS]) {
  int x = 0;
  for (int i = 0; i < CLI_QUEUES_COLUMNS && x < COLS; i++) {
    const char *heading = cli_queues_headings[i], *text = cells[i];
    bool right = heading[0] == '>';
    int pad = screen->width[i] - cli_width(text);
    struct wg_buffer cut = {0};
    mvaddstr(y, x + (right ? pad : 0), cli_cut(text, COLS - x, &cut));
    wg_buffer_free(&cut);
    x += screen->width[i] + 2;
  }
}

static void draw(struct screen *screen, const struct cli_queues *queues) {
  char now[32];
  erase();
  mvprintw(0, 0, "wangge %s  ", wg_civil_format(wg_now_us(), now));
  for (int i = 0; i < CLI_SERVICES; i++) {
    if (!queues->asked[i]) continue;
    bool up = queues->error[i].code == WG_OK;
    if (!up) attron(A_REVERSE);
    printw("%s: %s", cli_services[i], up ? "up" : wg_status_name(queues->error[i].code));
    attroff(A_REVERSE);
    addstr("  ");
  }
  addstr("(q quit, a only what wants attention, arrows scroll)");
  char *headings[CLI_QUEUES_COLUMNS];
  for (int i = 0; i < CLI_QUEUES_COLUMNS; i++)
    headings[i] = (char *)(uintptr_t)(cli_queues_headings[i] + (cli_queues_headings[i][0] == '>'));
  attron(A_BOLD);
  draw_cells(screen, 2, headings);
  attroff(A_BOLD);
  for (int i = screen->first, y = 3; i < screen->rows && y < LINES; i++, y++) {
    if (screen->alarming[i]) attron(A_REVERSE);
    draw_cells(screen, y, screen->cell[i]);
    attroff(A_REVERSE);
  }
  refresh();
}

static void update(struct cli *cli, struct screen *screen, struct cli_queues *queues) {
  wg_arena_reset(cli->arena);
  cli_queues_ask(cli, queues);
  clear_rows(screen);
  for (int i = 0; i < CLI_QUEUES_COLUMNS; i++)
    screen->width[i] = cli_width(cli_queues_headings[i] + (cli_queues_headings[i][0] == '>'));
  cli_queues_rows(queues, wg_now_us(), add_row, screen);
}

// handle_key: false: quit.
static bool handle_key(struct screen *screen, int key) {
  int page = LINES > 4 ? LINES - 4 : 1;
  switch (key) {
  case 'q':
    return false;
  case 'a':
    screen->only_alarming = !screen->only_alarming;
    break;
  case KEY_DOWN:
    screen->first++;
    break;
  case KEY_UP:
    screen->first--;
    break;
  case KEY_NPAGE:
    screen->first += page;
    break;
  case KEY_PPAGE:
    screen->first -= page;
    break;
  default:
    break;
  }
  if (screen->first > screen->rows - 1) screen->first = screen->rows - 1;
  if (screen->first < 0) screen->first = 0;
  return true;
}

static int run_top(struct cli *cli) {
  struct wg_error error = {0};
  int64_t interval = 1;
  if (cli_number(&cli->parsed, "interval", 1, 3600, &interval, &error) != WG_OK) return cli_usage(cli, &error);
  if (!isatty(STDOUT_FILENO) || cli->json) {
    wg_fail(&error, WG_FAILED_PRECONDITION, NULL, "top needs a terminal; `wangge queues` prints the same once");
    return cli_usage(cli, &error);
  }
  static struct screen screen;
  struct cli_queues queues;
  if (!cli_given(&cli->parsed, "timeout")) cli->timeout_ms = 2000; // a service that is away must not freeze the screen
  if (initscr() == NULL) {
    wg_fail(&error, WG_FAILED_PRECONDITION, NULL, "this terminal is not known to ncurses");
    return cli_usage(cli, &error);
  }
  cbreak();
  noecho();
  curs_set(0);
  keypad(stdscr, TRUE);
  timeout((int)interval * 1000);
  do {
    update(cli, &screen, &queues);
    draw(&screen, &queues);
  } while (!cli_stopped && handle_key(&screen, getch()));
  endwin();
  clear_rows(&screen);
  return CLI_DONE;
}

static const struct cli_option options[] = {
    {"interval", "SECONDS", "between looks (1)"},
    {0},
};

const struct cli_command cli_top[] = {
    {"top", "", 0, 0, "the queues, live", options, "  wangge top\n  wangge top --interval 5\n", run_top},
    {0},
};

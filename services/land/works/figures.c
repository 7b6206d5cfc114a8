// Sums of what was accepted, by village, town or district. A figure is a sum of records or it is not there.
#include "services/land/tender/money.h"
#include "services/land/works/works.h"

#include <inttypes.h>
#include <string.h>

static size_t digits_of(Wangge__V1__FiguresBy by) {
  switch (by) {
  case WANGGE__V1__FIGURES_BY__FIGURES_BY_TOWN:
    return 9;
  case WANGGE__V1__FIGURES_BY__FIGURES_BY_DISTRICT:
    return 6;
  default:
    return 12;
  }
}

static Wangge__V1__LandFigures *make_row(struct wg_arena *arena, const char *area) {
  Wangge__V1__LandFigures *row = wg_arena_alloc(arena, sizeof *row);
  wangge__v1__land_figures__init(row);
  row->area = wg_arena_strdup(arena, area);
  return row;
}

void land_figures_begin(struct land_figures *figures) {
  Wangge__V1__LandFiguresResponse *response = wg_arena_alloc(figures->arena, sizeof *response);
  wangge__v1__land_figures_response__init(response);
  response->total = make_row(figures->arena, figures->request->village);
  figures->response = response;
  figures->capacity = 0;
  figures->village = "";
  figures->row = NULL;
  figures->saving_fen = 0;
}

// settle counts the village that was read last among those that save.
static void settle(struct land_figures *figures) {
  if (figures->saving_fen > 0) {
    figures->row->villages_saving++;
    figures->response->total->villages_saving++;
  }
  figures->saving_fen = 0;
}

// row_of gives the row of a record's area, a new one behind the last when it has none: records come in order.
static Wangge__V1__LandFigures *row_of(struct land_figures *figures, const Wangge__V1__LandRecord *record) {
  Wangge__V1__LandFiguresResponse *response = figures->response;
  const size_t digits = digits_of(figures->request->by);
  Wangge__V1__LandFigures *row = response->n_figures ? response->figures[response->n_figures - 1] : NULL;
  if (!row || strncmp(row->area, record->village, digits) != 0) {
    if (response->n_figures == figures->capacity) {
      const size_t capacity = figures->capacity ? figures->capacity * 2 : 32;
      Wangge__V1__LandFigures **rows = wg_arena_alloc(figures->arena, capacity * sizeof *rows);
      if (response->n_figures) memcpy(rows, response->figures, response->n_figures * sizeof *rows);
      response->figures = rows;
      figures->capacity = capacity;
    }
    row = make_row(figures->arena, wg_arena_printf(figures->arena, "%.*s", (int)digits, record->village));
    response->figures[response->n_figures++] = row;
  }
  if (strcmp(figures->village, record->village) != 0) {
    settle(figures);
    row->villages++;
    response->total->villages++;
    figures->village = wg_arena_strdup(figures->arena, record->village);
    figures->row = row;
  }
  return row;
}

// --- what one record adds ---
static void add_work(Wangge__V1__LandFigures *row, const Wangge__V1__LandWork *work) {
  int64_t area = 0;
  for (size_t i = 0; i < work->n_lines; i++)
    area += work->lines[i]->accepted_area_dm2;
  row->works++;
  row->work_cost_fen += work->actual_cost_fen;
  if (work->kind == WANGGE__V1__WORK_KIND__WORK_KIND_LEVEL) row->levelled_dm2 += area;
  else if (work->kind == WANGGE__V1__WORK_KIND__WORK_KIND_RECLAIM) row->reclaimed_dm2 += area;
  else row->refarmed_dm2 += area;
}

static void add_site(Wangge__V1__LandFigures *row, const Wangge__V1__SitePlan *site) {
  row->markets += site->use == WANGGE__V1__LAND_USE__LAND_USE_FARM_MARKET;
  row->breeding +=
      site->use == WANGGE__V1__LAND_USE__LAND_USE_BREEDING || site->use == WANGGE__V1__LAND_USE__LAND_USE_AQUACULTURE;
  row->camps += site->use == WANGGE__V1__LAND_USE__LAND_USE_CAMP;
  row->tourism += site->use == WANGGE__V1__LAND_USE__LAND_USE_TOURISM;
  row->sites++;
}

static void add_outcome(Wangge__V1__LandFigures *row, const Wangge__V1__Outcome *outcome) {
  row->outcomes++;
  row->kg += outcome->kg;
  row->income_fen += outcome->income_fen;
  row->jobs += outcome->jobs;
}

static void add_planting(Wangge__V1__LandFigures *row, const Wangge__V1__Planting *planting) {
  row->trees_planted += planting->count;
  row->trees_alive += planting->alive;
}

static void add_homestay(Wangge__V1__LandFigures *row, const Wangge__V1__Homestay *homestay) {
  row->homestays++;
  row->homestay_rooms += homestay->rooms;
}

// counts tells whether a record was accepted and still is, and for which day; "": it has none.
static bool counts(const Wangge__V1__LandRecord *record, const char **day) {
  switch ((int)record->body_case) {
  case LAND_KIND(LAND_WORK):
    *day = record->land_work->accepted_on;
    return record->land_work->state == WORK_STATE(ACCEPTED);
  case LAND_KIND(SITE_PLAN):
    *day = record->site_plan->checked_on;
    return record->site_plan->state == SITE_STATE(ADMITTED) || record->site_plan->state == SITE_STATE(OPENED);
  case LAND_KIND(OUTCOME):
    *day = record->outcome->to;
    return record->outcome->state == OUTCOME_STATE(ACCEPTED);
  case LAND_KIND(PLANTING):
    *day = record->planting->accepted_on;
    return record->planting->accepted;
  case LAND_KIND(CLEANING_COST):
    *day = record->cleaning_cost->accepted_on;
    return record->cleaning_cost->accepted;
  case LAND_KIND(HOMESTAY):
    *day = record->homestay->accepted_on;
    return record->homestay->accepted;
  default:
    return false;
  }
}

static void add(Wangge__V1__LandFigures *row, const Wangge__V1__LandRecord *record) {
  switch ((int)record->body_case) {
  case LAND_KIND(LAND_WORK):
    add_work(row, record->land_work);
    break;
  case LAND_KIND(SITE_PLAN):
    add_site(row, record->site_plan);
    break;
  case LAND_KIND(OUTCOME):
    add_outcome(row, record->outcome);
    break;
  case LAND_KIND(PLANTING):
    add_planting(row, record->planting);
    break;
  case LAND_KIND(HOMESTAY):
    add_homestay(row, record->homestay);
    break;
  default:
    row->saving_fen += record->cleaning_cost->budget_fen - record->cleaning_cost->actual_fen;
  }
}

// name_row: a village that has something in it is called by its name.
static void name_row(const struct land_figures *figures, const Wangge__V1__LandRecord *record) {
  const Wangge__V1__LandFiguresResponse *response = figures->response;
  if (!response->n_figures || strcmp(response->figures[response->n_figures - 1]->area, record->village) != 0) return;
  response->figures[response->n_figures - 1]->name = wg_arena_strdup(figures->arena, record->village_info->name);
}

void land_figures_add(struct land_figures *figures, const Wangge__V1__LandRecord *record) {
  const Wangge__V1__LandFiguresRequest *request = figures->request;
  const char *day = "";
  if (record->ended) return;
  if ((int)record->body_case == LAND_KIND(VILLAGE_INFO)) {
    name_row(figures, record);
    return;
  }
  if (!counts(record, &day)) return;
  if (*request->from && strcmp(day, request->from) < 0) return; // days compare as texts
  if (*request->to && (!*day || strcmp(day, request->to) > 0)) return;
  add(row_of(figures, record), record);
  add(figures->response->total, record);
  if ((int)record->body_case == LAND_KIND(CLEANING_COST))
    figures->saving_fen += record->cleaning_cost->budget_fen - record->cleaning_cost->actual_fen;
}

// --- for people ---
// "18.33 ha = 274.95 mu"
static char *area_text(struct wg_arena *arena, int64_t area_dm2) {
  const int64_t ha = (area_dm2 + 5000) / 10000, mu = land_mu_hundredths(area_dm2);
  return wg_arena_printf(arena, "%" PRId64 ".%02" PRId64 " ha = %" PRId64 ".%02" PRId64 " mu", ha / 100, ha % 100,
                         mu / 100, mu % 100);
}

static void set_texts(struct wg_arena *arena, Wangge__V1__LandFigures *row) {
  row->levelled = area_text(arena, row->levelled_dm2);
  row->reclaimed = area_text(arena, row->reclaimed_dm2);
  row->refarmed = area_text(arena, row->refarmed_dm2);
}

void land_figures_end(struct land_figures *figures) {
  settle(figures);
  for (size_t i = 0; i < figures->response->n_figures; i++)
    set_texts(figures->arena, figures->response->figures[i]);
  set_texts(figures->arena, figures->response->total);
}

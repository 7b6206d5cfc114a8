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
    row->villages++;
    response->total->villages++;
    figures->village = wg_arena_strdup(figures->arena, record->village);
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
}

static void add_outcome(Wangge__V1__LandFigures *row, const Wangge__V1__Outcome *outcome) {
  row->outcomes++;
  row->kg += outcome->kg;
  row->income_fen += outcome->income_fen;
  row->jobs += outcome->jobs;
}

// day_of gives the day a record counts for, "" when it does not count at all.
static const char *day_of(const Wangge__V1__LandRecord *record) {
  switch ((int)record->body_case) {
  case LAND_KIND(LAND_WORK):
    return record->land_work->state == WORK_STATE(ACCEPTED) ? record->land_work->accepted_on : "";
  case LAND_KIND(SITE_PLAN):
    return record->site_plan->state == SITE_STATE(ADMITTED) || record->site_plan->state == SITE_STATE(OPENED)
               ? record->site_plan->checked_on
               : "";
  case LAND_KIND(OUTCOME):
    return record->outcome->state == OUTCOME_STATE(ACCEPTED) ? record->outcome->to : "";
  default:
    return "";
  }
}

static void add(Wangge__V1__LandFigures *row, const Wangge__V1__LandRecord *record) {
  if ((int)record->body_case == LAND_KIND(LAND_WORK)) add_work(row, record->land_work);
  else if ((int)record->body_case == LAND_KIND(SITE_PLAN)) add_site(row, record->site_plan);
  else add_outcome(row, record->outcome);
}

void land_figures_add(struct land_figures *figures, const Wangge__V1__LandRecord *record) {
  const Wangge__V1__LandFiguresRequest *request = figures->request;
  const char *day = day_of(record);
  if (!*day || record->ended) return;
  if (*request->from && strcmp(day, request->from) < 0) return; // days compare as texts
  if (*request->to && strcmp(day, request->to) > 0) return;
  add(row_of(figures, record), record);
  add(figures->response->total, record);
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
  for (size_t i = 0; i < figures->response->n_figures; i++)
    set_texts(figures->arena, figures->response->figures[i]);
  set_texts(figures->arena, figures->response->total);
}

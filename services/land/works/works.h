// Works, site plans and outcomes: what the files of this topic share.
#pragma once

#include "services/land/notice/notices.h" // days, hashes of files
#include "services/land/works/use.h"

#include "wangge/v1/land_notice.pb-c.h"

LAND_MEMBER(LandWork, land_work)
LAND_MEMBER(SitePlan, site_plan)
LAND_MEMBER(Outcome, outcome)

enum {
  WORK_NAME_BYTES = 128,
  WORK_LINES = 1000,
  WORK_DOCS = 64,
};

#define WORK_STATE(NAME) WANGGE__V1__WORK_STATE__WORK_STATE_##NAME
#define SITE_STATE(NAME) WANGGE__V1__SITE_PLAN_STATE__SITE_PLAN_STATE_##NAME
#define OUTCOME_STATE(NAME) WANGGE__V1__OUTCOME_STATE__OUTCOME_STATE_##NAME

extern const struct land_move LAND_WORK_MOVES[], LAND_SITE_MOVES[], LAND_OUTCOME_MOVES[];
extern const size_t LAND_WORK_MOVE_COUNT, LAND_SITE_MOVE_COUNT, LAND_OUTCOME_MOVE_COUNT;
extern const struct land_states LAND_WORKS_STATES[]; // the same, to be printed

// A parcel as works see it (parcel.c).
struct land_plot {
  int64_t adopted_dm2; // 0: no area has been adopted
  const char *standard, *class_code;
  bool basic_farmland;
};
bool land_plot_of(const struct land_write *write, const char *parcel_id, struct land_plot *plot);

// --- decide functions ---
LAND_DECIDE(plan_work);
LAND_DECIDE(move_work);
LAND_DECIDE(accept_work);
LAND_DECIDE(propose_site);
LAND_DECIDE(admit_site);
LAND_DECIDE(move_site);
LAND_DECIDE(put_use_rule);
LAND_DECIDE(report_outcome);
LAND_DECIDE(accept_outcome);

// Who may make which move is checked before the call enters a batch.
wg_status land_check_move_work(const struct wg_principal *caller, const ProtobufCMessage *request,
                               struct wg_error *error);

// --- figures (figures.c) ---
// land_figures_add adds one accepted record of kind land_work, site_plan, outcome, planting, cleaning_cost or homestay
// to the row of its area; what is not accepted, or lies outside the days asked for, adds nothing. A village_info,
// behind the others of its village, names the village's row.
struct land_figures {
  struct wg_arena *arena;
  const Wangge__V1__LandFiguresRequest *request;
  Wangge__V1__LandFiguresResponse *response;
  size_t capacity;
  const char *village;          // of the record before, to count villages
  Wangge__V1__LandFigures *row; // it is in
  int64_t saving_fen;           // of its cleaning so far
};
void land_figures_begin(struct land_figures *figures);
// Records come village by village, in order.
void land_figures_add(struct land_figures *figures, const Wangge__V1__LandRecord *record);
void land_figures_end(struct land_figures *figures); // texts, total

// --- reading calls (read.c) ---
wg_status land_check_use_rules(const struct wg_principal *caller, const ProtobufCMessage *request,
                               struct wg_error *error);
wg_status land_read_use_rules(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);
wg_status land_check_figures(const struct wg_principal *caller, const ProtobufCMessage *request,
                             struct wg_error *error);
wg_status land_read_figures(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);

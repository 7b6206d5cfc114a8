// Decide functions of the survey, by file. Inside the topic.
#pragma once

#include "services/land/survey/survey.h"

#include "wangge/v1/land_survey.pb-c.h"

struct land_candidate;
// put.c
wg_status land_put_survey_task(struct land_write *write, struct wg_error *error);
wg_status land_import_parcels(struct land_write *write, struct wg_error *error);
wg_status land_put_parcel(struct land_write *write, struct wg_error *error);
void land_candidate_write(struct land_write *write, const struct land_candidate *candidate);
// sign.c
wg_status land_sign_neighbour(struct land_write *write, struct wg_error *error);
wg_status land_explain_flag(struct land_write *write, struct wg_error *error);
wg_status land_put_rights(struct land_write *write, struct wg_error *error);
// lineage.c
wg_status land_split_parcel(struct land_write *write, struct wg_error *error);
wg_status land_merge_parcels(struct land_write *write, struct wg_error *error);
// move.c
wg_status land_move_parcels(struct land_write *write, struct wg_error *error);

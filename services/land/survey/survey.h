// Topic: survey and base ledger (底数台账). What other topics need of parcels.
//
// Pure parts without the ledger (library wangge-land-survey, also for the command): outline.h, check.h, measure.h,
// datum.h, fabric.h, land_class.h, rows.h.
#pragma once

#include "services/land/action.h"

LAND_MEMBER(SurveyTask, survey_task)
LAND_MEMBER(Parcel, parcel)

extern const struct land_move LAND_PARCEL_MOVES[]; // the way of a parcel (move.c)
extern const size_t LAND_PARCEL_MOVE_COUNT;
extern const struct land_states LAND_PARCEL_STATES[]; // the same and what follows of others, to be printed

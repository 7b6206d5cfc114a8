// Topic: survey and base ledger. Its calls and what of it lies on the map.
#include "services/land/topic.h"
#include "services/land/survey/actions.h"

#include "services/land/shape.h"

static const struct land_action ACTIONS[] = {
    {"put_survey_task", &wangge__v1__put_survey_task_request__descriptor, land_put_survey_task},
    {"import_parcels", &wangge__v1__import_parcels_request__descriptor, land_import_parcels},
    {"put_parcel", &wangge__v1__put_parcel_request__descriptor, land_put_parcel},
    {"sign_neighbour", &wangge__v1__sign_neighbour_request__descriptor, land_sign_neighbour},
    {"explain_flag", &wangge__v1__explain_flag_request__descriptor, land_explain_flag},
    {"put_rights", &wangge__v1__put_rights_request__descriptor, land_put_rights},
    {"split_parcel", &wangge__v1__split_parcel_request__descriptor, land_split_parcel},
    {"merge_parcels", &wangge__v1__merge_parcels_request__descriptor, land_merge_parcels},
    {"move_parcels", &wangge__v1__move_parcels_request__descriptor, land_move_parcels},
    {NULL},
};

static const struct wg_method METHODS[] = {
    LAND_METHOD_WRITE("LandSurvey/PutSurveyTask", put_survey_task, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandSurvey/ImportParcels", import_parcels, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandSurvey/PutParcel", put_parcel, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandSurvey/SignNeighbour", sign_neighbour, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandSurvey/ExplainFlag", explain_flag, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandSurvey/PutRights", put_rights, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandSurvey/SplitParcel", split_parcel, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandSurvey/MergeParcels", merge_parcels, LAND_KEEPERS),
    LAND_METHOD_WRITE("LandSurvey/MoveParcels", move_parcels, LAND_KEEPERS | WG_ROLE_TOWNSHIP),
    {.name = NULL},
};

static struct wg_bytes parcel_wkb(const Wangge__V1__LandRecord *record, struct wg_arena *arena) {
  return land_wkb_of_wkt(record->parcel->geom, arena);
}
static const struct land_shape SHAPES[] = {{LAND_KIND(PARCEL), parcel_wkb}, {0, NULL}};

const struct land_topic LAND_SURVEY_TOPIC = {
    .methods = METHODS, .actions = ACTIONS, .shapes = SHAPES, .states = LAND_PARCEL_STATES};

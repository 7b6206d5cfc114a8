// Calls of the land survey on a village's book in memory: what the service does between load and store.
#pragma once

#include "services/land/base.h"
#include "services/land/survey/actions.h"
#include "services/land/topic.h"
#include "tests/unit/unit.h"

#define SURVEY_VILLAGE "131102100201"
// 1.8 km × 2.2 km about 115.70 E 37.74 N
#define SURVEY_BOUNDARY "POLYGON ((115.69 37.73,115.71 37.73,115.71 37.75,115.69 37.75,115.69 37.73))"

struct survey_calls {
  struct wg_arena *arena;
  struct wg_book *book;
  int64_t seq;
};
void survey_calls_open(struct survey_calls *calls);
void survey_calls_close(struct survey_calls *calls);
// survey_call decides a request whose first field is `write` (made when NULL); when it is not refused the book has what
// it changed. `error` may be NULL: the call must be WG_OK.
struct land_write *survey_call(struct survey_calls *calls, ProtobufCMessage *request, struct wg_error *error);
void survey_village(struct survey_calls *calls, const char *boundary);
// survey_task puts a task of RTK in CGCS2000 but for what is given.
void survey_task(struct survey_calls *calls, const char *id, int epsg, Wangge__V1__Datum datum);
Wangge__V1__ParcelInput *survey_input(struct survey_calls *calls, const char *id, const char *wkt);
// survey_square: WKT in degrees of a square of `size` metres whose south-west corner lies x, y metres from the middle
// of the village, on EPSG:4527.
char *survey_square(struct survey_calls *calls, double x, double y, double size);
char *survey_rectangle(struct survey_calls *calls, double x, double y, double width, double height);
struct land_write *survey_import(struct survey_calls *calls, const char *task, Wangge__V1__ParcelInput **rows,
                                 size_t count);
const Wangge__V1__LandFinding *survey_finding(const struct land_write *write, const char *code); // NULL: none
const Wangge__V1__Parcel *survey_parcel(const struct survey_calls *calls, const char *id);       // NULL: not in force

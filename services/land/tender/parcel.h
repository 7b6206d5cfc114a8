// Parcels as tenders and contracts see them: what survey's records say, in the few words that are needed here.
#pragma once

#include "services/land/action.h"

struct tender_parcel {
  const char *id;
  bool confirmed;       // CONFIRMED, so surveyed, signed by its neighbours and posted
  bool known;           // in force
  int32_t confirmed_on; // INT32_MIN: not, or not known
  int64_t area_dm2;     // adopted
  const char *standard, *class_code;
  bool basic_farmland;
  const char *boundary; // WKT, EPSG:4490
};
// tender_parcel: false when the village has no such parcel in force.
bool tender_parcel(const struct land_write *write, const char *id, struct tender_parcel *parcel);

// Who occupied it as of the survey, for how long as of `day`, and whether back rent was settled.
struct tender_occupation {
  int64_t days;
  bool settled;
};
struct tender_occupation tender_occupied(const struct land_write *write, const char *parcel_id, const char *party,
                                         int32_t day);
// tender_descends: `parcel_id` is `ancestor`, or comes from it by splits and merges and it gives at least half of the
// area.
bool tender_descends(const struct land_write *write, const char *parcel_id, const char *ancestor);

// How a part of a parcel, or a whole one, lies to another parcel. Computed on the village's plane.
struct tender_lie {
  int64_t shared_dm;   // boundary within 0.10 m of it
  int64_t distance_mm; // 0: they touch
};
// False (wg_fail): a geometry is broken or beyond the plane.
wg_status tender_lie(const struct land_write *write, const char *boundary, const char *other, struct tender_lie *lie,
                     struct wg_error *error);
// Of a part of a parcel: its area, whether it lies inside the parcel (0.02 m × boundary may be outside), and whether
// two parts overlap by more than that.
wg_status tender_part(const struct land_write *write, const char *boundary, const char *parcel_boundary,
                      int64_t *area_dm2, bool *inside, struct wg_error *error);
bool tender_parts_meet(const struct land_write *write, const char *a, const char *b);
bool tender_half_inside(const struct land_write *write, const char *boundary, const char *other); // of its area

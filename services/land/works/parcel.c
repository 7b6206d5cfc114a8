// Parcels as works see them.
#include "services/land/survey/survey.h"
#include "services/land/works/works.h"

bool land_plot_of(const struct land_write *write, const char *parcel_id, struct land_plot *plot) {
  const Wangge__V1__Parcel *parcel = LAND_GET(write, PARCEL, parcel, parcel_id);
  if (!parcel) return false;
  *plot = (struct land_plot){
      .adopted_dm2 = parcel->area_adopted_dm2,
      .standard = parcel->land_class ? parcel->land_class->standard : "",
      .class_code = parcel->land_class ? parcel->land_class->code : "",
      .basic_farmland = parcel->basic_farmland,
  };
  return true;
}

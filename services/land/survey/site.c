// Where a village's parcels are checked (intake.h).
#include "services/land/survey/intake.h"

#include "services/land/base.h"

wg_status land_site_open(struct land_write *write, const char *task_id, struct land_site *site,
                         struct wg_error *error) {
  *site = (struct land_site){.village = LAND_GET(write, VILLAGE_INFO, village_info, LAND_VILLAGE_ID),
                             .task_id = task_id ? task_id : ""};
  if (!site->village)
    return land_refuse(write, (struct land_what){.code = "village.missing",
                                                 .pointer = "/write/village",
                                                 .zh = "本村还没有建立台账，请先登记村界和平面坐标系（PutVillage）。",
                                                 .en = "The village is not set up yet: PutVillage comes first."});
  wg_status status = land_plane(site->village->plane_epsg, &site->plane, error);
  if (status != WG_OK) return status;
  site->territory = land_territory_create(site->village->boundary, site->plane);
  if (!task_id) return WG_OK;
  site->task = LAND_GET(write, SURVEY_TASK, survey_task, task_id);
  if (!site->task) return land_unknown(write, "/survey_task", LAND_KIND(SURVEY_TASK), task_id);
  site->system = land_system(site->task->source_epsg);
  return site->system.kind == LAND_SYSTEM_PLANE ? land_plane(site->system.epsg, &site->from, error) : WG_OK;
}

void land_site_close(struct land_site *site) {
  land_territory_destroy(site->territory);
  site->territory = NULL;
}

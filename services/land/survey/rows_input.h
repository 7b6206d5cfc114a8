// Rows of a file as parcels to be imported.
#pragma once

#include "services/land/survey/rows.h"

#include "wangge/v1/land_survey.pb-c.h"

// land_rows_inputs reads the columns id, name, dk_code, bdc_code, class_standard, class_code, class_name, idle_kind,
// layer, ownership, grade, basic_farmland, area_surveyed_m2, area_contract_m2, area_original_m2, area_basis,
// area_waiver, hole_reason, holder, declared_east … north, points (JSON of BoundaryPoint); also by their names in NY/T
// 2539 exchange files (DKBM, DKMC, DLBM, DLMC, SYQXZ, DLDJ, SFJBNT, SCMJ, HTMJ, YHTMJ, CBFMC, DKDZ, DKNZ, DKXZ, DKBZ)
// and in Chinese. `standard`: of classes whose row names none. Areas are m². Faults row.value at "/parcels/3/grade";
// other columns are left alone. The inputs point into the rows.
Wangge__V1__ParcelInput **land_rows_inputs(const struct land_rows *rows, const char *standard, struct wg_arena *arena,
                                           struct land_faults *faults);

// Rows as what ImportParcels takes: the columns of NY/T 2539 exchange files (DKBM, DKMC, DLBM, SCMJ …) and plain names.
#include "services/land/survey/rows_input.h"

#include "common/wire/wire.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAMES(...)                                                                                                     \
  (const char *const[]) {                                                                                              \
    __VA_ARGS__, NULL                                                                                                  \
  }

static char *own(const char *text) {
  return (char *)(uintptr_t)text; // rows live as long as the inputs
}

struct filling {
  const struct land_row *row;
  struct land_faults *faults;
  struct wg_arena *arena;
};

static void refuse(const struct filling *filling, const char *what, const char *value) {
  land_fault(filling->faults, "row.value", wg_arena_printf(filling->arena, "/%s", what),
             wg_arena_printf(filling->arena, "第%zu行的%s“%s”不能识别。", filling->row->line, what, value),
             wg_arena_printf(filling->arena, "Row %zu: %s \"%s\" is not understood.", filling->row->line, what, value));
}

// Square metres with decimals as dm².
static int64_t area(const struct filling *filling, const char *what, const char *const *names) {
  const char *text = land_row_get(filling->row, names);
  char *end;
  double metres = strtod(text, &end);
  if (!*text) return 0;
  if (*end == 0 && isfinite(metres) && fabs(metres) < 1e10) return (int64_t)llround(metres * 100);
  refuse(filling, what, text);
  return 0;
}

static int number(const struct filling *filling, const char *what, const char *const *names) {
  const char *text = land_row_get(filling->row, names);
  char *end;
  long value = strtol(text, &end, 10);
  if (!*text) return 0;
  if (*end == 0 && labs(value) < 1000000) return (int)value;
  refuse(filling, what, text);
  return 0;
}

static int choice(const struct filling *filling, const char *what, const char *const *names,
                  const ProtobufCEnumDescriptor *type, const char *const *chinese) {
  const char *text = land_row_get(filling->row, names);
  if (!*text) return 0;
  for (int i = 0; chinese && chinese[i]; i++)
    if (strcmp(chinese[i], text) == 0) return i + 1;
  int value = wg_enum_value(type, text);
  if (value >= 0) return value;
  refuse(filling, what, text);
  return 0;
}

static bool yes(const struct filling *filling, const char *const *names) { // NY/T 2539: 1 是, 2 否
  const char *text = land_row_get(filling->row, names);
  if (strcmp(text, "1") == 0 || strcmp(text, "是") == 0 || strcmp(text, "true") == 0) return true;
  if (*text && strcmp(text, "0") != 0 && strcmp(text, "2") != 0 && strcmp(text, "否") != 0 &&
      strcmp(text, "false") != 0)
    refuse(filling, "basic_farmland", text);
  return false;
}

// points reads what is said of boundary points: [{"number":1,"marker":"钢钉","line":"田埂"}].
static void points(const struct filling *filling, Wangge__V1__ParcelInput *input) {
  const char *text = land_row_get(filling->row, NAMES("points", "界址点"));
  if (!*text) return;
  struct wg_error error;
  json_t *array = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
  const size_t count = json_array_size(array);
  bool good = json_is_array(array);
  input->points = wg_arena_alloc(filling->arena, (count + 1) * sizeof(Wangge__V1__BoundaryPoint *));
  for (size_t i = 0; i < count && good; i++) {
    ProtobufCMessage *point = NULL;
    good = wg_json_read(&wangge__v1__boundary_point__descriptor, json_array_get(array, i), filling->arena, &point,
                        &error) == WG_OK;
    input->points[i] = (Wangge__V1__BoundaryPoint *)point;
  }
  input->n_points = good ? count : 0;
  json_decref(array);
  if (!good) refuse(filling, "points", text);
}

static void fill(const struct filling *filling, const char *standard, Wangge__V1__ParcelInput *input) {
  static const char *const idle[] = {"撂荒地", "临占地", "边角地", "设施用地", "坑塘", "其他", NULL};
  const struct land_row *row = filling->row;
  const char *id = land_row_get(row, NAMES("id", "编号", "地块编号", "dkbm", "dk_code"));
  input->id = own(*id ? id : row->id);
  input->geometry = own(row->wkt);
  input->name = own(land_row_get(row, NAMES("name", "名称", "dkmc")));
  input->dk_code = own(land_row_get(row, NAMES("dk_code", "dkbm")));
  input->bdc_code = own(land_row_get(row, NAMES("bdc_code", "bdcdyh")));
  input->holder = own(land_row_get(row, NAMES("holder", "承包方", "cbfmc")));
  input->hole_reason = own(land_row_get(row, NAMES("hole_reason")));
  input->area_waiver = own(land_row_get(row, NAMES("area_waiver")));
  input->declared_east = own(land_row_get(row, NAMES("declared_east", "东至", "dkdz")));
  input->declared_south = own(land_row_get(row, NAMES("declared_south", "南至", "dknz")));
  input->declared_west = own(land_row_get(row, NAMES("declared_west", "西至", "dkxz")));
  input->declared_north = own(land_row_get(row, NAMES("declared_north", "北至", "dkbz")));
  input->layer =
      (Wangge__V1__ParcelLayer)choice(filling, "layer", NAMES("layer"), &wangge__v1__parcel_layer__descriptor, NULL);
  input->idle_kind = (Wangge__V1__IdleKind)choice(filling, "idle_kind", NAMES("idle_kind", "闲置类型"),
                                                  &wangge__v1__idle_kind__descriptor, idle);
  input->area_basis = (Wangge__V1__AreaBasis)choice(filling, "area_basis", NAMES("area_basis"),
                                                    &wangge__v1__area_basis__descriptor, NULL);
  input->ownership = number(filling, "ownership", NAMES("ownership", "syqxz"));
  input->grade = number(filling, "grade", NAMES("grade", "dldj"));
  input->basic_farmland = yes(filling, NAMES("basic_farmland", "sfjbnt"));
  input->area_surveyed_dm2 = area(filling, "area_surveyed_m2", NAMES("area_surveyed_m2", "实测面积", "scmj"));
  input->area_contract_dm2 = area(filling, "area_contract_m2", NAMES("area_contract_m2", "合同面积", "htmj"));
  input->area_original_dm2 = area(filling, "area_original_m2", NAMES("area_original_m2", "原合同面积", "yhtmj"));
  points(filling, input);
  input->land_class = wg_arena_alloc(filling->arena, sizeof *input->land_class);
  wangge__v1__land_class__init(input->land_class);
  const char *own_standard = land_row_get(row, NAMES("class_standard", "地类标准"));
  input->land_class->standard = own(*own_standard ? own_standard : standard);
  input->land_class->code = own(land_row_get(row, NAMES("class_code", "地类编码", "dlbm")));
  input->land_class->name = own(land_row_get(row, NAMES("class_name", "地类名称", "dlmc")));
}

Wangge__V1__ParcelInput **land_rows_inputs(const struct land_rows *rows, const char *standard, struct wg_arena *arena,
                                           struct land_faults *faults) {
  Wangge__V1__ParcelInput **inputs = wg_arena_alloc(arena, (rows->count + 1) * sizeof *inputs);
  for (size_t i = 0; i < rows->count; i++) {
    inputs[i] = wg_arena_alloc(arena, sizeof *inputs[i]);
    wangge__v1__parcel_input__init(inputs[i]);
    faults->pointer = wg_arena_printf(arena, "/parcels/%zu", i);
    fill(&(struct filling){&rows->row[i], faults, arena}, standard, inputs[i]);
  }
  faults->pointer = "";
  return inputs;
}

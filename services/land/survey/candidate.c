// One row: its attributes and its geometry (intake.h).
#include "services/land/survey/intake.h"

#include "common/base/text.h"
#include "common/wire/wire.h"
#include "services/land/survey/land_class.h"
#include "services/land/survey/measure.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 128, TEXT_BYTES = 512, POINTS_MOST = 10000 };

// --- texts ---
// Characters that do not show and change how what is beside them is read: names with them are not what they look like.
static bool has_hidden(const char *text) {
  for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
    if (at[0] == 0xe2 && at[1] == 0x80 && ((at[2] >= 0x8b && at[2] <= 0x8f) || (at[2] >= 0xaa && at[2] <= 0xae)))
      return true;                                                                     // U+200B–200F, U+202A–202E
    if (at[0] == 0xe2 && at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9) return true; // U+2066–2069
    if (at[0] == 0xef && at[1] == 0xbb && at[2] == 0xbf) return true;                  // U+FEFF
  }
  return false;
}

static void check_text(struct land_faults *faults, const char *field, const char *text, size_t most, bool required) {
  struct wg_error error;
  int flags = WG_TEXT_ONE_LINE | WG_TEXT_PLAIN | (required ? WG_TEXT_REQUIRED : 0);
  const char *pointer = wg_arena_printf(faults->arena, "/%s", field);
  if (wg_text_check(text, most, flags, field, &error) != WG_OK)
    land_fault(
        faults, "parcel.text", pointer,
        wg_arena_printf(faults->arena, "%s不合要求：必须是不超过%zu字节的一行文字，不含控制字符和标记。", field, most),
        wg_arena_printf(faults->arena, "%s %s.", field, error.message));
  else if (has_hidden(text))
    land_fault(faults, "parcel.hidden_character", pointer,
               wg_arena_printf(faults->arena, "%s含有看不见的字符（零宽或改变书写方向），请删去。", field),
               wg_arena_printf(faults->arena, "%s has characters that do not show (zero width, direction).", field));
}

static void check_range(struct land_faults *faults, const char *field, bool good, const char *zh, const char *en) {
  if (!good) land_fault(faults, "parcel.range", wg_arena_printf(faults->arena, "/%s", field), zh, en);
}

static void check_codes(const Wangge__V1__ParcelInput *input, struct land_faults *faults) {
  if (*input->dk_code && !land_dk_code_valid(input->dk_code)) {
    bool is_zd = strlen(input->dk_code) == 19 && strspn(input->dk_code, "0123456789") == 12;
    land_fault(faults, "code.dk", "/dk_code",
               is_zd ? "这是宗地代码（第13、14位为字母，GB/T 37346），不是地块代码；地块代码为19位数字。"
                     : "地块代码应为19位数字：14位发包方编码加5位顺序号。",
               is_zd ? "This is a code of a cadastral parcel (GB/T 37346); a field code has 19 digits."
                     : "A field code has 19 digits: 14 of the issuer and 5.")
        ->rule = "GB/T 35958-2018";
  }
  if (*input->bdc_code && !land_bdc_code_valid(input->bdc_code))
    land_fault(
        faults, "code.bdc", "/bdc_code",
        "不动产单元代码应为28位：6+3+3位数字、2位特征码、5位顺序号、定着物1位（F、L、Q、W）和8位单元号（W后为8个0）。",
        "A real estate unit code has 28 characters in 7 levels: 6+3+3 digits, 2 letters, 5 digits, F, L, Q or W, 8.")
        ->rule = "GB/T 37346-2019";
}

static void check_attributes(const Wangge__V1__ParcelInput *input, struct land_faults *faults) {
  check_text(faults, "id", input->id, 64, true);
  check_text(faults, "name", input->name, NAME_BYTES, false);
  check_text(faults, "holder", input->holder, NAME_BYTES, false);
  check_text(faults, "hole_reason", input->hole_reason, TEXT_BYTES, false);
  check_text(faults, "area_waiver", input->area_waiver, TEXT_BYTES, false);
  const char *declared[] = {input->declared_east, input->declared_south, input->declared_west, input->declared_north};
  static const char *const fields[] = {"declared_east", "declared_south", "declared_west", "declared_north"};
  for (size_t i = 0; i < 4; i++)
    check_text(faults, fields[i], declared[i], TEXT_BYTES, false);
  check_codes(input, faults);
  check_range(faults, "idle_kind", input->idle_kind <= WANGGE__V1__IDLE_KIND__IDLE_KIND_OTHER, "闲置类型不认识。",
              "Unknown kind of idle land.");
  check_range(faults, "layer", input->layer <= WANGGE__V1__PARCEL_LAYER__PARCEL_LAYER_HOMESTEAD, "图层不认识。",
              "Unknown layer.");
  check_range(faults, "ownership", input->ownership == 0 || land_ownership_valid(input->ownership),
              "所有权性质应为10（国有）或30–34（集体）。", "Ownership is 10 (state) or 30 to 34 (collective).");
  check_range(faults, "grade", input->grade >= 0 && input->grade <= 10, "地力等级应为1–10。", "Grades are 1 to 10.");
  const int64_t most = INT64_C(100000000000); // 1,000 km²
  const int64_t areas[] = {input->area_surveyed_dm2, input->area_contract_dm2, input->area_original_dm2};
  static const char *const area_fields[] = {"area_surveyed_dm2", "area_contract_dm2", "area_original_dm2"};
  for (size_t i = 0; i < 3; i++)
    check_range(faults, area_fields[i], areas[i] >= 0 && areas[i] <= most, "面积不能为负，也不能超过1,000平方公里。",
                "An area is not negative and at most 1,000 km².");
  check_range(faults, "points", input->n_points <= POINTS_MOST, "界址点说明过多。", "Too many boundary points.");
}

static void take_class(const Wangge__V1__ParcelInput *input, Wangge__V1__Parcel *parcel, struct wg_arena *arena,
                       struct land_faults *faults) {
  static const Wangge__V1__LandClass none = WANGGE__V1__LAND_CLASS__INIT; // a fault of its own
  if (!input->land_class && parcel->land_class) return;
  const Wangge__V1__LandClass *given = input->land_class ? input->land_class : &none;
  const struct land_class *found = land_class_check(given->standard, given->code, given->name, arena, faults);
  if (!found) return;
  parcel->land_class = wg_arena_alloc(arena, sizeof *parcel->land_class);
  wangge__v1__land_class__init(parcel->land_class);
  parcel->land_class->standard = given->standard;
  parcel->land_class->code = given->code;
  parcel->land_class->name = (char *)(uintptr_t)found->zh;
}

// take_attributes: what is given replaces what stands; with a geometry all of it, without only what is not empty.
static void take_attributes(const Wangge__V1__ParcelInput *input, bool all, Wangge__V1__Parcel *parcel) {
#define TEXT(FIELD)                                                                                                    \
  if (all || *input->FIELD) parcel->FIELD = input->FIELD
#define NUMBER(FIELD)                                                                                                  \
  if (all || input->FIELD) parcel->FIELD = input->FIELD
  TEXT(name);
  TEXT(dk_code);
  TEXT(bdc_code);
  TEXT(area_waiver);
  TEXT(hole_reason);
  TEXT(holder);
  NUMBER(layer);
  NUMBER(idle_kind);
  NUMBER(ownership);
  NUMBER(grade);
  NUMBER(basic_farmland);
  NUMBER(area_surveyed_dm2);
  NUMBER(area_contract_dm2);
  NUMBER(area_original_dm2);
  NUMBER(area_basis);
#undef TEXT
#undef NUMBER
  if (!parcel->layer) parcel->layer = WANGGE__V1__PARCEL_LAYER__PARCEL_LAYER_COLLECTIVE;
  if (all || input->n_points) {
    parcel->points = input->points;
    parcel->n_points = input->n_points;
  }
}

// --- geometry ---
static void convert(const struct land_site *site, struct land_outline *given) {
  struct land_point (*back)(struct land_point) =
      site->task->datum == WANGGE__V1__DATUM__DATUM_GCJ02  ? land_gcj02_to_degrees
      : site->task->datum == WANGGE__V1__DATUM__DATUM_BD09 ? land_bd09_to_degrees
                                                           : NULL;
  for (size_t r = 0; back && r < given->count; r++)
    for (size_t i = 0; i < given->ring[r].count; i++)
      given->ring[r].point[i] = back(given->ring[r].point[i]);
}

static bool take_geometry(struct land_write *write, const struct land_site *site, struct land_candidate *candidate) {
  struct wg_arena *arena = write->arena;
  struct land_faults *faults = &candidate->faults;
  struct land_outline *given = land_outline_read(candidate->input->geometry, arena, faults);
  if (!given || !land_axes_check(given, site->system, site->territory, arena, faults)) return false;
  convert(site, given);
  if (!land_drawing_make(&candidate->drawing, given, site->from, site->plane, arena, faults) ||
      !land_drawing_check(&candidate->drawing, site->plane, arena, faults)) {
    candidate->drawing.plane = NULL;
    return false;
  }
  if (candidate->drawing.plane->count > 1 && !*candidate->parcel->hole_reason) {
    land_fault(faults, "geometry.hole", "/hole_reason",
               "图形中有扣除部分（内环）：请说明扣除原因，或把它作为地块一并提交。",
               "The geometry has a hole: say why it is not part of the parcel.");
    return false;
  }
  Wangge__V1__Parcel *parcel = candidate->parcel;
  parcel->geom = land_outline_write(candidate->drawing.degrees, arena);
  parcel->area_ellipsoid_dm2 = land_area_dm2(land_area_m2(candidate->drawing.degrees));
  parcel->area_plane_dm2 = land_area_dm2(land_outline_area(candidate->drawing.plane));
  parcel->perimeter_dm = land_length_dm(land_outline_length(candidate->drawing.plane));
  parcel->survey_task = (char *)(uintptr_t)site->task_id;
  struct land_box box = land_outline_box(candidate->drawing.degrees);
  parcel->west = box.west;
  parcel->south = box.south;
  parcel->east = box.east;
  parcel->north = box.north;
  return true;
}

// --- areas ---
static int64_t area_of(const Wangge__V1__Parcel *parcel, Wangge__V1__AreaBasis basis) {
  switch (basis) {
  case WANGGE__V1__AREA_BASIS__AREA_BASIS_ELLIPSOID:
    return parcel->area_ellipsoid_dm2;
  case WANGGE__V1__AREA_BASIS__AREA_BASIS_PLANE:
    return parcel->area_plane_dm2;
  case WANGGE__V1__AREA_BASIS__AREA_BASIS_SURVEYED:
    return parcel->area_surveyed_dm2;
  case WANGGE__V1__AREA_BASIS__AREA_BASIS_CONTRACT:
    return parcel->area_contract_dm2;
  case WANGGE__V1__AREA_BASIS__AREA_BASIS_ORIGINAL:
    return parcel->area_original_dm2;
  default:
    return 0;
  }
}

void land_flag_set(Wangge__V1__Parcel *parcel, const char *code, const char *detail, struct wg_arena *arena) {
  Wangge__V1__ParcelFlag **flags = wg_arena_alloc(arena, (parcel->n_flags + 1) * sizeof(Wangge__V1__ParcelFlag *));
  if (parcel->n_flags) memcpy(flags, parcel->flags, parcel->n_flags * sizeof(Wangge__V1__ParcelFlag *));
  Wangge__V1__ParcelFlag *flag = wg_arena_alloc(arena, sizeof *flag);
  wangge__v1__parcel_flag__init(flag);
  flag->code = (char *)(uintptr_t)code;
  flag->detail = (char *)(uintptr_t)detail;
  flags[parcel->n_flags++] = flag;
  parcel->flags = flags;
}

void land_flag_drop(Wangge__V1__Parcel *parcel, const char *code) {
  size_t kept = 0;
  for (size_t i = 0; i < parcel->n_flags; i++)
    if (strcmp(parcel->flags[i]->code, code) != 0) parcel->flags[kept++] = parcel->flags[i];
  parcel->n_flags = kept;
}

static void adopt_area(struct land_write *write, struct land_candidate *candidate) {
  Wangge__V1__Parcel *parcel = candidate->parcel;
  struct land_faults *faults = &candidate->faults;
  struct wg_arena *arena = write->arena;
  if (!parcel->area_basis)
    parcel->area_basis = parcel->area_surveyed_dm2 ? WANGGE__V1__AREA_BASIS__AREA_BASIS_SURVEYED
                                                   : WANGGE__V1__AREA_BASIS__AREA_BASIS_ELLIPSOID;
  parcel->area_adopted_dm2 = area_of(parcel, parcel->area_basis);
  land_flag_drop(parcel, "area.mismatch");
  if (parcel->area_adopted_dm2 <= 0) {
    land_fault(faults, "area.basis", "/area_basis", "采用面积的依据没有对应的面积值。",
               "The basis of the adopted area names an area that is not stated.");
    return;
  }
  int64_t tolerance = land_area_tolerance_dm2(parcel->area_ellipsoid_dm2, parcel->perimeter_dm,
                                              land_policy(write, "area.tolerance_permille"),
                                              land_policy(write, "area.tolerance_width_cm"));
  int64_t difference = llabs(parcel->area_adopted_dm2 - parcel->area_ellipsoid_dm2);
  if (difference <= tolerance || *parcel->area_waiver) return;
  const struct land_unit_slip *slip = land_unit_slip(parcel->area_adopted_dm2, parcel->area_ellipsoid_dm2, tolerance);
  char adopted[32], measured[32], allowed[32];
  land_mu_text(parcel->area_adopted_dm2, adopted);
  land_mu_text(parcel->area_ellipsoid_dm2, measured);
  land_mu_text(tolerance, allowed);
  const char *zh = wg_arena_printf(arena, "采用面积%s亩与图形面积%s亩相差超过容差%s亩%s%s。", adopted, measured,
                                   allowed, slip ? "；像是" : "", slip ? slip->zh : "");
  const char *en =
      wg_arena_printf(arena, "The adopted area of %s mu and the measured %s mu differ by more than %s mu%s%s.", adopted,
                      measured, allowed, slip ? "; it looks as if " : "", slip ? slip->en : "");
  struct land_fault *fault = land_remark(faults, WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_WARNING, "area.mismatch",
                                         "/area_surveyed_dm2", zh, en);
  if (slip)
    fault->suggestion =
        wg_arena_printf(arena, "%" PRId64, (int64_t)((double)parcel->area_adopted_dm2 * slip->factor + 0.5));
  land_flag_set(parcel, "area.mismatch", zh, arena);
}

Wangge__V1__Parcel *land_parcel_copy(const Wangge__V1__Parcel *parcel, struct wg_arena *arena) {
  struct wg_bytes packed = wg_pack(&parcel->base, arena);
  Wangge__V1__Parcel *copy = wangge__v1__parcel__unpack(wg_arena_protobuf(arena), packed.size, packed.data);
  assert(copy && "a parcel that was packed a moment ago");
  return copy;
}

void land_candidate_read(struct land_write *write, const struct land_site *site, const Wangge__V1__Parcel *stands,
                         struct land_candidate *candidate) {
  const Wangge__V1__ParcelInput *input = candidate->input;
  candidate->faults = (struct land_faults){.arena = write->arena, .pointer = candidate->pointer};
  candidate->piece = SIZE_MAX;
  candidate->parcel =
      stands ? land_parcel_copy(stands, write->arena) : wg_arena_alloc(write->arena, sizeof *candidate->parcel);
  if (!stands) wangge__v1__parcel__init(candidate->parcel);
  check_attributes(input, &candidate->faults);
  bool drawn = *input->geometry != 0 || !stands;
  take_attributes(input, drawn, candidate->parcel);
  take_class(input, candidate->parcel, write->arena, &candidate->faults);
  if (drawn && !take_geometry(write, site, candidate)) return;
  adopt_area(write, candidate);
  if (!drawn) return;
  bool known = site->territory && site->task->datum != WANGGE__V1__DATUM__DATUM_UNSPECIFIED;
  candidate->parcel->state =
      known ? WANGGE__V1__PARCEL_STATE__PARCEL_STATE_SURVEYED : WANGGE__V1__PARCEL_STATE__PARCEL_STATE_DRAFT;
}

#include "services/land/survey/fault.h"

#include <string.h>

struct land_fault *land_remark(struct land_faults *faults, Wangge__V1__LandSeverity severity, const char *code,
                               const char *at, const char *zh, const char *en) {
  if (faults->count == faults->capacity) {
    faults->capacity = faults->capacity ? 2 * faults->capacity : 4;
    struct land_fault *grown = wg_arena_alloc(faults->arena, faults->capacity * sizeof *grown);
    if (faults->count) memcpy(grown, faults->fault, faults->count * sizeof *grown);
    faults->fault = grown;
  }
  const char *above = faults->pointer ? faults->pointer : "";
  faults->fault[faults->count] = (struct land_fault){
      .code = code,
      .severity = severity,
      .status = WG_INVALID_ARGUMENT,
      .pointer = at && *at ? wg_arena_printf(faults->arena, "%s%s", above, at) : above,
      .zh = zh,
      .en = en,
  };
  if (severity == WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_ERROR) faults->error = true;
  return &faults->fault[faults->count++];
}

struct land_fault *land_fault(struct land_faults *faults, const char *code, const char *at, const char *zh,
                              const char *en) {
  return land_remark(faults, WANGGE__V1__LAND_SEVERITY__LAND_SEVERITY_ERROR, code, at, zh, en);
}

const struct land_fault *land_fault_find(const struct land_faults *faults, const char *code) {
  for (size_t i = 0; i < faults->count; i++)
    if (strcmp(faults->fault[i].code, code) == 0) return &faults->fault[i];
  return NULL;
}

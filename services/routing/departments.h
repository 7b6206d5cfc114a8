// The departments (承办单位) that orders can be given to, each of one district. Built from the registry's records of
// kind `department`; immutable, replaced whole.
#pragma once

#include "common/base/status.h"

#include "wangge/v1/registry.pb-c.h"

enum routing_level {
  ROUTING_LEVEL_DISTRICT = 1,
  ROUTING_LEVEL_STREET,
  ROUTING_LEVEL_COMMUNITY,
  ROUTING_LEVEL_GRID,
};

struct routing_department {
  const char *district, *code, *name;
  enum routing_level level;
};

struct routing_departments;
// routing_departments_build leaves records of other kinds alone. INVALID_ARGUMENT names a department whose level is
// none of district, street, community and grid.
wg_status routing_departments_build(const Wangge__V1__Record *const *records, size_t count,
                                    struct routing_departments **departments, struct wg_error *error);
void routing_departments_close(struct routing_departments *departments); // NULL is allowed
// NULL: the district has no such department.
const struct routing_department *routing_department_find(const struct routing_departments *departments,
                                                         const char *district, const char *code);
size_t routing_departments_count(const struct routing_departments *departments);
// routing_department_check refuses an unknown code: INVALID_ARGUMENT names `field` and codes that are known.
wg_status routing_department_check(const struct routing_departments *departments, const char *district,
                                   const char *code, const char *field, struct wg_error *error);

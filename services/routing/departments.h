// The departments (承办单位) that orders can be given to.
//
// An INI file: a section per department code (1 to 64 of [a-z0-9._-]) with
//   name    required, for people
//   parent  optional, code of another section that is not on a lower level
//   level   required: district, street, community or grid
// A file with an error is refused whole; the error names its line.
#pragma once

#include "common/base/status.h"

enum routing_level {
  ROUTING_LEVEL_DISTRICT = 1,
  ROUTING_LEVEL_STREET,
  ROUTING_LEVEL_COMMUNITY,
  ROUTING_LEVEL_GRID,
};

struct routing_department {
  char code[65];
  char *name;
  char parent[65]; // "" when none
  enum routing_level level;
  int line; // of its first key
};

struct routing_departments;
wg_status routing_departments_open(const char *path, struct routing_departments **departments, struct wg_error *error);
void routing_departments_close(struct routing_departments *departments); // NULL is allowed
// NULL: there is no such department.
const struct routing_department *routing_department_find(const struct routing_departments *departments,
                                                         const char *code);
size_t routing_departments_count(const struct routing_departments *departments);
// routing_department_check refuses an unknown code: INVALID_ARGUMENT names `field` and codes that are known.
wg_status routing_department_check(const struct routing_departments *departments, const char *code, const char *field,
                                   struct wg_error *error);

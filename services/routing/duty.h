// Which categories are a department's duty (应由职能部门办理): their orders never go to a grid for handling.
//
// Built from the registry's records of kind `category`. A category without a record of its own is as the nearest one
// above it; where schemes of a district disagree about a path, it is a department's duty.
#pragma once

#include "wangge/v1/registry.pb-c.h"

#include <stdbool.h>

struct routing_duties;
// Records of other kinds are not looked at.
struct routing_duties *routing_duties_build(const Wangge__V1__Record *const *records, size_t count);
void routing_duties_close(struct routing_duties *duties); // NULL is allowed
// routing_department_duty: `duties` NULL: nothing is.
bool routing_department_duty(const struct routing_duties *duties, const char *district, const char *category);

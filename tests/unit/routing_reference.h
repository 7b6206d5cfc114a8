// The reference data of tests with a database of routing.
#pragma once

#include "tests/unit/records.h"
#include "tests/unit/service_fixture.h"

#include "services/routing/routing.h"

// routing_take_reference gives the service the records of the tests' folder, and rules of a second district.
static inline void routing_take_reference(void *service) {
  struct wg_error error = {0};
  struct records *records = records_create();
  records_add_file(records, "department", WANGGE_SHARE "/tests/harness/reference/department.csv");
  records_add_file(records, "category", WANGGE_SHARE "/tests/harness/reference/category.csv");
  records_add_file(records, "dispatch_rule", WANGGE_SHARE "/tests/harness/reference/dispatch_rule.csv");
  records_add(records, "department",
              "code,district,name,level\nwater,131102,供水,district\ntraffic,131102,交通,district\n");
  records_add(
      records, "dispatch_rule",
      "code,district,rank,category_prefix,lead\nT1,131102,1,城乡建设/供水,water\nT3,131102,2,交通运输,traffic\n");
  const struct wg_reference_set set = {.records = (const Wangge__V1__Record *const *)records->record,
                                       .count = records->count};
  fixture_must(routing_records(service, &set, &error), &error);
  records_destroy(records);
}

// What tests of intake share: reference data made in memory, a caller, and an order that breaks no rule.
#pragma once

#include "common/bus/bus.h"
#include "services/intake/reference.h"

#include "wangge/v1/intake.pb-c.h"

#include <stdlib.h>

#define FIXTURE_NOW INT64_C(1764230400000000) // 2025-11-27 08:00 UTC

static inline struct intake_reference *fixture_reference(void) {
  Wangge__V1__District districts[2] = {WANGGE__V1__DISTRICT__INIT, WANGGE__V1__DISTRICT__INIT};
  Wangge__V1__Category categories[2] = {WANGGE__V1__CATEGORY__INIT, WANGGE__V1__CATEGORY__INIT};
  Wangge__V1__Record rows[6] = {WANGGE__V1__RECORD__INIT, WANGGE__V1__RECORD__INIT, WANGGE__V1__RECORD__INIT,
                                WANGGE__V1__RECORD__INIT, WANGGE__V1__RECORD__INIT, WANGGE__V1__RECORD__INIT};
  const Wangge__V1__Record *records[6];
  for (int i = 0; i < 4; i++) {
    rows[i].district = rows[i].code = (char *)(i % 2 == 0 ? "370117" : "131102");
    rows[i].body_case = i < 2 ? WANGGE__V1__RECORD__BODY_NET_DISTRICT : WANGGE__V1__RECORD__BODY_CATEGORY;
    if (i < 2) rows[i].net_district = &districts[i];
    else rows[i].category = &categories[i - 2];
    if (i >= 2) categories[i - 2].path = (char *)"城乡建设/供水供气/停水";
    records[i] = &rows[i];
  }
  districts[0].name = (char *)"钢城区", districts[1].name = (char *)"桃城区";
  districts[0].min_lon = 117.62, districts[0].max_lon = 118.00, districts[1].min_lon = 115.38,
  districts[1].max_lon = 115.92;
  districts[0].min_lat = 35.98, districts[0].max_lat = 36.28, districts[1].min_lat = 37.58,
  districts[1].max_lat = 37.92;
  Wangge__V1__Station station = WANGGE__V1__STATION__INIT;
  Wangge__V1__MessageGroup group = WANGGE__V1__MESSAGE_GROUP__INIT;
  char *grids[] = {(char *)"370117001003001", (char *)"370117001003002"};
  station.grids = grids, station.n_grids = 2;
  group.grid = grids[0];
  rows[4].district = rows[5].district = (char *)"370117";
  rows[4].code = (char *)"S01", rows[4].body_case = WANGGE__V1__RECORD__BODY_STATION, rows[4].station = &station;
  rows[5].code = (char *)"G01", rows[5].body_case = WANGGE__V1__RECORD__BODY_MESSAGE_GROUP;
  rows[5].message_group = &group;
  records[4] = &rows[4], records[5] = &rows[5];
  struct intake_reference *reference = NULL;
  struct wg_error error = {0};
  if (intake_reference_build(records, 6, &reference, &error) != WG_OK) abort();
  return reference;
}

static inline struct wg_principal fixture_source(const char *name) {
  struct wg_principal caller = {.roles = WG_ROLE_SOURCE, .default_channel = WANGGE__V1__CHANNEL__CHANNEL_HOTLINE_12345};
  snprintf(caller.name, sizeof caller.name, "%s", name);
  return caller;
}

// Texts are literals: a test replaces the pointer, never the characters.
static inline Wangge__V1__NewOrder fixture_order(const char *external_id) {
  Wangge__V1__NewOrder order = WANGGE__V1__NEW_ORDER__INIT;
  order.external_id = (char *)external_id;
  order.district = (char *)"370117";
  order.kind = WANGGE__V1__ORDER_KIND__ORDER_KIND_HELP;
  order.category = (char *)"城乡建设/供水供气/停水";
  order.title = (char *)"小区停水";
  order.text = (char *)"从昨天早上开始停水，请问什么时候恢复？";
  order.address = (char *)"钢城区艾山街道铁流花园3号楼";
  order.grid_code = (char *)"370117001003002";
  order.occurred_at = FIXTURE_NOW - INT64_C(3600000000);
  return order;
}

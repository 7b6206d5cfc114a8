// What tests of intake share: reference data made in memory, a caller, and an order that breaks no rule.
#pragma once

#include "common/bus/bus.h"
#include "services/intake/reference.h"

#include "wangge/v1/intake.pb-c.h"

#define FIXTURE_NOW INT64_C(1764230400000000) // 2025-11-27 08:00 UTC

static inline struct intake_reference *fixture_reference(void) {
  struct intake_reference *reference = wg_zalloc(sizeof *reference);
  reference->districts = wg_zalloc(2 * sizeof *reference->districts);
  reference->districts[0] = (struct intake_district){"370117", "钢城区", 117.62, 118.00, 35.98, 36.28};
  reference->districts[1] = (struct intake_district){"131102", "桃城区", 115.38, 115.92, 37.58, 37.92};
  reference->district_count = 2;
  snprintf(reference->served, sizeof reference->served, "370117 钢城区, 131102 桃城区");
  snprintf(reference->first_levels, sizeof reference->first_levels, "城乡建设");
  reference->categories = wg_map_create();
  wg_map_put(reference->categories, "城乡建设", "");
  wg_map_put(reference->categories, "城乡建设/供水供气", "");
  wg_map_put(reference->categories, "城乡建设/供水供气/停水", "");
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

// See policy.h. What is law and what is custom that a person has to confirm is said in `source`.
#include "services/land/policy.h"

#include <string.h>

#define CUSTOM "custom, not confirmed: set it by a decision"

const struct land_policy_value LAND_POLICY_VALUES[] = {
    {"notice.survey_days", 7, 1, 90, "day", "调查结果公示天数", CUSTOM},
    {"notice.plan_days", 15, 1, 90, "day", "承包方案公示天数", "农村土地承包合同管理办法 (in force 2023-05-01)"},
    {"notice.result_days", 7, 1, 90, "day", "承包结果公示天数", CUSTOM},
    {"notice.change_days", 7, 1, 90, "day", "变更公示天数", CUSTOM},
    {"objection.appeal_days", 15, 1, 90, "day", "对异议答复申请复核的期限", CUSTOM},
    {"vote.share_n", 2, 1, 100, "of vote.share_d", "表决通过的份额(分子)",
     "农村土地承包合同管理办法; 农村集体经济组织法 (in force 2025-05-01)"},
    {"vote.share_d", 3, 1, 100, "parts", "表决通过的份额(分母)",
     "农村土地承包合同管理办法; 农村集体经济组织法 (in force 2025-05-01)"},
    {"vote.four_steps", 1, 0, 1, "0/1", "四议两公开按顺序进行", "四议两公开工作法"},
    {"outsider.township_approval", 1, 0, 1, "0/1", "本集体以外承包须报乡镇批准", "农村土地承包法 52"},
    {"term.farm_years", 30, 1, 70, "year", "其他方式承包耕地最长年限",
     "village cap; 农村土地承包法 21 speaks of households"},
    {"term.forest_years", 70, 1, 70, "year", "林地最长年限", "农村土地承包法 21"},
    {"term.grass_years", 50, 1, 70, "year", "草地最长年限", "农村土地承包法 21"},
    {"term.lease_years", 20, 1, 20, "year", "房屋及非农租赁最长年限", "民法典 705"},
    {"idle.alert_days", 730, 30, 3650, "day", "连续撂荒提醒天数", "农村土地承包法 42"},
    {"area.tolerance_permille", 10, 0, 1000, "‰", "采用面积与椭球面积之差", "land ledger: max(1 %, 0.2 m × perimeter)"},
    {"area.tolerance_width_cm", 20, 0, 1000, "cm", "面积容差的边界宽度", "land ledger: max(1 %, 0.2 m × perimeter)"},
    {"rank.near_bin_m", 50, 1, 10000, "m", "从近原则的距离分档", "land ledger"},
    {"import.parcels_most", 20000, 1, 100000, "parcel", "一次导入的最多地块数", "land ledger"},
};
const size_t LAND_POLICY_COUNT = sizeof LAND_POLICY_VALUES / sizeof *LAND_POLICY_VALUES;

const struct land_policy_value *land_policy_find(const char *name) {
  for (size_t i = 0; i < LAND_POLICY_COUNT; i++) {
    if (strcmp(LAND_POLICY_VALUES[i].name, name) == 0) return &LAND_POLICY_VALUES[i];
  }
  return NULL;
}

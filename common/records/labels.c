// Chinese labels and marks of every kind, field and enum value of the registry. The terms are those of the field
// (网格化治理, 12345 工单); the order of the kinds is the one in which their references resolve.

#include "common/records/labels.h"

#include "wangge/v1/registry.pb-c.h"

#include <stddef.h>

#define LON "lon", "经度", .most = 136
#define LAT "lat", "纬度", .most = 54
#define ALIASES "aliases", "别名"
#define BOUNDARY "boundary", "边界", WG_MARK_WKT
#define LEVELS "district=区 street=街道 community=社区 grid=网格"

static const struct wg_field_label district[] = {
    {"name", "名称", WG_MARK_REQUIRED},   {BOUNDARY},
    {"min_lon", "最小经度", .most = 136}, {"max_lon", "最大经度", .most = 136},
    {"min_lat", "最小纬度", .most = 54},  {"max_lat", "最大纬度", .most = 54},
};
static const struct wg_field_label street[] = {{"name", "名称", WG_MARK_REQUIRED}, {BOUNDARY}};
static const struct wg_field_label community[] = {
    {"name", "名称", WG_MARK_REQUIRED},
    {"kind", "类型", WG_MARK_REQUIRED},
    {BOUNDARY},
    {"founded_on", "成立日期", WG_MARK_DATE},
    {ALIASES},
};
static const struct wg_field_label grid[] = {
    {"name", "名称", WG_MARK_REQUIRED},     {"kind", "类型", WG_MARK_REQUIRED}, {BOUNDARY},
    {"households", "户数", .most = 100000}, {"households_reason", "户数说明"},  {ALIASES},
};
static const struct wg_field_label department[] = {
    {"name", "名称", WG_MARK_REQUIRED},
    {"parent", "上级部门", .references = "department"},
    {"level", "层级", .choices = LEVELS},
};
static const struct wg_field_label category[] = {
    {"scheme", "分类体系", WG_MARK_REQUIRED},
    {"path", "分类路径", WG_MARK_REQUIRED},
    {"scheme_code", "体系编码"},
    {"department_duty", "职能部门办理"},
    {"samples", "示例词"},
};
static const struct wg_field_label calendar_year[] = {
    {"notice", "放假通知", WG_MARK_REQUIRED},
    {"working_days", "工作日数", .most = 366},
};
static const struct wg_field_label calendar_day[] = {
    {"kind", "类型", WG_MARK_REQUIRED, .choices = "WORK=上班 REST=放假"},
    {"reason", "事由"},
    {"notice", "放假通知"},
};
static const struct wg_field_label principal[] = {
    {"key", "公钥"},
    {"previous_keys", "曾用公钥"},
    {"roles", "角色", WG_MARK_REQUIRED},
    {"departments", "承办单位", .references = "department grid"},
    {"districts", "区"},
    {"revoked", "已吊销"},
    {"channel", "渠道"},
    {"areas", "管理范围"},
    {"origins", "移交来源", .references = "station message_group"},
};
static const struct wg_field_label building[] = {
    {"grid", "网格", WG_MARK_REQUIRED, .references = "grid"},
    {"name", "名称", WG_MARK_REQUIRED},
    {"estate", "小区"},
    {"address", "地址"},
    {"households", "户数", .most = 10000},
    {LON},
    {LAT},
    {ALIASES},
};
static const struct wg_field_label household[] = {
    {"building", "楼院", WG_MARK_REQUIRED, .references = "building"},
    {"door", "门牌", WG_MARK_REQUIRED | WG_MARK_PERSONAL},
    {"residents", "人数", .most = 1000},
    {"tags", "标签", WG_MARK_PERSONAL},
};
static const struct wg_field_label place[] = {
    {"name", "名称", WG_MARK_REQUIRED},
    {"kind", "类型", WG_MARK_REQUIRED},
    {ALIASES},
    {"grids", "所在网格", .references = "grid"},
    {"community", "所在社区", .references = "community"},
    {LON},
    {LAT},
};
static const struct wg_field_label party_org[] = {
    {"name", "名称", WG_MARK_REQUIRED},
    {"kind", "类型", WG_MARK_REQUIRED},
    {"parent", "上级党组织", .references = "party_org"},
    {"area", "所在区域", WG_MARK_REQUIRED, .references = "district street community grid"},
    {"buildings", "联系楼院", .references = "building"},
};
static const struct wg_field_label partner_unit[] = {
    {"name", "名称", WG_MARK_REQUIRED},
    {"community", "共建社区", WG_MARK_REQUIRED, .references = "community"},
    {"kind", "类型"},
    {"address", "地址"},
};
static const struct wg_field_label post_grade[] = {
    {"post", "岗位", WG_MARK_REQUIRED},
    {"grade", "等级", WG_MARK_REQUIRED, .least = 1, .most = 99},
    {"name", "名称"},
};
static const struct wg_field_label person[] = {
    {"name", "姓名", WG_MARK_REQUIRED | WG_MARK_PERSONAL},
    {"phone", "电话", WG_MARK_PERSONAL},
    {"party_member", "党员"},
    {"dual_registered", "双报到党员"},
    {"unit", "所属单位", .references = "partner_unit department"},
    {"grade", "岗位等级", .references = "post_grade"},
};
static const struct wg_field_label station[] = {
    {"name", "名称", WG_MARK_REQUIRED},
    {"grids", "服务网格", WG_MARK_REQUIRED, .references = "grid"},
    {"address", "地址"},
    {LON},
    {LAT},
    {"phone", "电话"},
    {"opening_hours", "开放时间"},
};
static const struct wg_field_label posting[] = {
    {"person", "人员", WG_MARK_REQUIRED, .references = "person"},
    {"role", "岗位", WG_MARK_REQUIRED},
    {"area", "任职区域", WG_MARK_REQUIRED, .references = "grid community station street"},
    {"from", "任职起", WG_MARK_REQUIRED | WG_MARK_DATE},
    {"to", "任职止", WG_MARK_DATE},
};
static const struct wg_field_label staffing_rule[] = {
    {"role", "岗位", WG_MARK_REQUIRED},
    {"level", "层级", WG_MARK_REQUIRED, .choices = "grid=网格 community=社区 street=街道 station=驿站"},
    {"required_min", "最少人数", .most = 1000},
    {"required_max", "最多人数", .most = 1000},
    {"must_be_dual_registered", "须为双报到党员"},
    {"basis", "依据"},
};
static const struct wg_field_label training[] = {
    {"topic", "培训内容", WG_MARK_REQUIRED},
    {"held_on", "培训日期", WG_MARK_REQUIRED | WG_MARK_DATE},
    {"hours", "学时", .most = 1000},
    {"people", "参训人员", .references = "person"},
};
static const struct wg_field_label station_asset[] = {
    {"station", "驿站", WG_MARK_REQUIRED, .references = "station"},
    {"kind", "类型", WG_MARK_REQUIRED},
    {"name", "名称", WG_MARK_REQUIRED},
    {"quantity", "数量", .most = 100000},
    {"expires_on", "有效期至", WG_MARK_DATE},
    {"checked_on", "清点日期", WG_MARK_DATE},
};
static const struct wg_field_label station_turn[] = {
    {"station", "驿站", WG_MARK_REQUIRED, .references = "station"},
    {"person", "值班人员", WG_MARK_REQUIRED, .references = "person"},
    {"on", "值班日期", WG_MARK_REQUIRED | WG_MARK_DATE},
    {"from", "开始时间", WG_MARK_REQUIRED | WG_MARK_TIME},
    {"to", "结束时间", WG_MARK_REQUIRED | WG_MARK_TIME},
};
static const struct wg_field_label agreement[] = {
    {"unit", "共建单位", WG_MARK_REQUIRED, .references = "partner_unit"},
    {"community", "社区", WG_MARK_REQUIRED, .references = "community"},
    {"signed_on", "签订日期", WG_MARK_REQUIRED | WG_MARK_DATE},
    {"ends_on", "到期日期", WG_MARK_DATE},
};
static const struct wg_field_label agreement_item[] = {
    {"agreement", "共建协议", WG_MARK_REQUIRED, .references = "agreement"},
    {"text", "事项", WG_MARK_REQUIRED | WG_MARK_LINES},
    {"due_on", "应完成日期", WG_MARK_DATE},
    {"done_on", "完成日期", WG_MARK_DATE},
    {"evidence", "佐证", WG_MARK_LINES},
};
static const struct wg_field_label contact_card[] = {
    {"person", "党员", WG_MARK_REQUIRED, .references = "person"},
    {"household", "联系户", WG_MARK_REQUIRED, .references = "household"},
    {"given_on", "发放日期", WG_MARK_DATE},
};
static const struct wg_field_label message_group[] = {
    {"name", "名称", WG_MARK_REQUIRED},
    {"grid", "网格", WG_MARK_REQUIRED, .references = "grid"},
    {"manager", "群主", .references = "person"},
    {"members", "成员数", .most = 100000},
};
static const struct wg_field_label duty_template[] = {
    {"name", "名称", WG_MARK_REQUIRED},
    {"trigger", "触发方式", WG_MARK_REQUIRED},
    {"every", "间隔", .most = 1000},
    {"on", "日", .most = 31},
    {"starts_on", "开始日期", WG_MARK_DATE},
    {"ends_on", "结束日期", WG_MARK_DATE},
    {"event", "事件"},
    {"before_days", "提前天数", .most = 366},
    {"level", "层级", .choices = "grid=网格 community=社区 station=驿站"},
    {"area", "区域前缀"},
    {"category", "工单分类", WG_MARK_REQUIRED, .references = "category"},
    {"title", "工单标题", WG_MARK_REQUIRED},
    {"text", "工单内容", WG_MARK_LINES},
    {"channel", "工单渠道"},
    {"role", "执行岗位"},
};
static const struct wg_field_label list_item[] = {
    {"list", "清单", WG_MARK_REQUIRED},
    {"area", "适用区域", WG_MARK_REQUIRED, .references = "district street community"},
    {"name", "名称", WG_MARK_REQUIRED},
    {"basis", "依据", WG_MARK_LINES},
    {"who", "责任主体"},
    {"text", "内容", WG_MARK_LINES},
    {"contact", "联系方式"},
    {"steps", "流程"},
    {"disclosure", "公开状态"},
    {"disclosed_on", "公开日期", WG_MARK_DATE},
};
static const struct wg_field_label standard_response[] = {
    {"title", "名称", WG_MARK_REQUIRED},
    {"text", "答复内容", WG_MARK_REQUIRED | WG_MARK_LINES},
    {"category_prefix", "分类前缀"},
};
static const struct wg_field_label dispatch_rule[] = {
    {"rank", "顺序", .most = 1000000000},
    {"category_prefix", "分类前缀"},
    {"area", "区域"},
    {"place_text", "地址含"},
    {"channel", "渠道"},
    {"kind", "诉求类型"},
    {"urgency", "紧急程度"},
    {"source", "来源"},
    {"valid_from", "生效日期", WG_MARK_DATE},
    {"valid_to", "失效日期", WG_MARK_DATE},
    {"from_minute", "起始分钟", .most = 1440},
    {"to_minute", "结束分钟", .most = 1440},
    {"parcel_ownership", "地块权属", .choices = "state=国有 collective=集体"},
    {"lead", "主办", WG_MARK_REQUIRED, .references = "department"},
    {"assists", "协办", .references = "department"},
    {"note", "备注", WG_MARK_LINES},
};

#define KIND(name, text)                                                                                               \
  { &wangge__v1__##name##__descriptor, (text), (name), sizeof(name) / sizeof((name)[0]) }
const struct wg_kind_label wg_kind_labels[] = {
    KIND(district, "区"),
    KIND(street, "街道"),
    KIND(community, "社区"),
    KIND(grid, "网格"),
    KIND(department, "部门"),
    KIND(category, "诉求分类"),
    KIND(calendar_year, "日历年度"),
    KIND(calendar_day, "节假日"),
    KIND(building, "楼院"),
    KIND(household, "户"),
    KIND(place, "地名"),
    KIND(party_org, "党组织"),
    KIND(partner_unit, "共建单位"),
    KIND(post_grade, "岗位等级"),
    KIND(person, "人员"),
    KIND(station, "驿站"),
    KIND(posting, "任职"),
    KIND(staffing_rule, "配备标准"),
    KIND(training, "培训"),
    KIND(station_asset, "驿站物品"),
    KIND(station_turn, "驿站值班"),
    KIND(agreement, "共建协议"),
    KIND(agreement_item, "协议事项"),
    KIND(contact_card, "联系卡"),
    KIND(message_group, "微信群"),
    KIND(principal, "接入主体"),
    KIND(duty_template, "任务模板"),
    KIND(list_item, "清单事项"),
    KIND(standard_response, "标准答复"),
    KIND(dispatch_rule, "派单规则"),
};
const size_t wg_kind_label_count = sizeof wg_kind_labels / sizeof wg_kind_labels[0];

static const char *const community_kind[] = {"社区", "村"};
static const char *const grid_kind[] = {"基础网格", "专属网格"};
static const char *const place_kind[] = {"小区", "道路", "广场公园", "学校", "市场商场", "其他设施"};
static const char *const party_org_kind[] = {"党委", "党总支", "党支部", "党小组"};
static const char *const post_role[] = {"网格长",     "专职网格员",   "兼职网格员", "社会工作力量",
                                        "社区工作者", "驿站值班人员", "兼职委员",   "网格党支部书记"};
static const char *const duty_trigger[] = {"按天", "按周", "按月", "事件", "到期"};
static const char *const reference_list[] = {"小微权力清单", "职责清单", "服务清单"};
static const char *const disclosure[] = {"草稿", "已公开", "已撤下"};
static const char *const channel[] = {"12345热线", "巡查走访", "回访",     "主题党日", "网上问卷", "驿站来访",
                                      "微信群",    "联系卡",   "部门移交", "Open311",  "土地台账"};
static const char *const order_kind[] = {"咨询", "求助", "投诉", "举报", "建议", "表扬"};
static const char *const urgency[] = {"一般", "紧急", "特急"};

#define VALUES(name)                                                                                                   \
  { &wangge__v1__##name##__descriptor, (name), sizeof(name) / sizeof((name)[0]) }
const struct wg_enum_label wg_enum_labels[] = {
    VALUES(community_kind), VALUES(grid_kind),    VALUES(place_kind), VALUES(party_org_kind),
    VALUES(post_role),      VALUES(duty_trigger), VALUES(disclosure), VALUES(reference_list),
    VALUES(channel),        VALUES(order_kind),   VALUES(urgency),
};
const size_t wg_enum_label_count = sizeof wg_enum_labels / sizeof wg_enum_labels[0];

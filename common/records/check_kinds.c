// Rules of single kinds that one record alone can break.

#include "common/records/cell.h"

#include "common/base/text.h"
#include "common/bus/bus.h"

#include <string.h>

#define FAIL(what, field, ...) wg_finding_add(findings, WG_RECORD_ERROR, record, what, field, __VA_ARGS__)
#define WARN(what, field, ...) wg_finding_add(findings, WG_RECORD_WARNING, record, what, field, __VA_ARGS__)

// dates_in_order: empty ends are open.
static void dates_in_order(const Wangge__V1__Record *record, struct wg_findings *findings, const char *from,
                           const char *to, const char *field) {
  if (from[0] == 0 || to[0] == 0 || strcmp(from, to) <= 0) return;
  const char *code = wg_arena_printf(findings->arena, "%s_order", field);
  FAIL(code, field, "结束日期 %.10s 早于开始日期 %.10s；请核对", to, from);
}

static bool phone_shape(const char *phone) {
  size_t size = strlen(phone);
  return size >= 3 && size <= 64 && strspn(phone, "0123456789+-() ") == size;
}

// --- the net ---

static void check_district(const Wangge__V1__Record *record, struct wg_findings *findings) {
  const Wangge__V1__District *district = record->net_district;
  bool box = district->min_lon != 0 || district->max_lon != 0 || district->min_lat != 0 || district->max_lat != 0;
  if (box && (district->min_lon >= district->max_lon || district->min_lat >= district->max_lat))
    FAIL("box_empty", "min_lon", "经纬度范围为空：最小经度、纬度应小于最大经度、纬度");
  else if (!box && district->boundary[0] == 0)
    WARN("box_empty", "boundary", "没有边界也没有经纬度范围，无法核对坐标；请至少填写一种");
}

// 300 to 500 households of a basic grid: 城乡社区网格化服务管理 practice, a warning only, silenced by a reason.
static void check_grid(const Wangge__V1__Record *record, struct wg_findings *findings) {
  const Wangge__V1__Grid *grid = record->grid;
  if (grid->kind != WANGGE__V1__GRID_KIND__GRID_KIND_BASIC || grid->households_reason[0] != 0) return;
  if (grid->households >= 300 && grid->households <= 500) return;
  WARN("households_range", "households", "基础网格户数 %d 不在 300–500 户之间；请调整网格或填写户数说明",
       grid->households)
      ->rule = (char *)(uintptr_t) "基础网格 300–500 户";
}

// --- people and posts ---

static void check_person(const Wangge__V1__Record *record, struct wg_findings *findings) {
  if (record->person->phone[0] != 0 && !phone_shape(record->person->phone))
    FAIL("phone_shape", "phone", "电话（个人信息，不显示）只能有数字、+、-、括号和空格，3 到 64 位");
}

static void check_station(const Wangge__V1__Record *record, struct wg_findings *findings) {
  if (record->station->phone[0] != 0 && !phone_shape(record->station->phone))
    FAIL("phone_shape", "phone", "电话“%.32s”只能有数字、+、-、括号和空格，3 到 64 位", record->station->phone);
}

static void check_posting(const Wangge__V1__Record *record, struct wg_findings *findings) {
  dates_in_order(record, findings, record->posting->from, record->posting->to, "to");
}

static void check_staffing_rule(const Wangge__V1__Record *record, struct wg_findings *findings) {
  const Wangge__V1__StaffingRule *rule = record->staffing_rule;
  if (rule->required_max != 0 && rule->required_max < rule->required_min)
    FAIL("required_max_order", "required_max", "最多人数 %d 小于最少人数 %d；不设上限请填 0", rule->required_max,
         rule->required_min);
}

static void check_station_turn(const Wangge__V1__Record *record, struct wg_findings *findings) {
  const Wangge__V1__StationTurn *turn = record->station_turn;
  if (wg_time_valid(turn->from) && wg_time_valid(turn->to) && strcmp(turn->from, turn->to) >= 0)
    FAIL("to_order", "to", "结束时间 %.5s 不晚于开始时间 %.5s；跨夜值班请分成两条", turn->to, turn->from);
}

static void check_agreement(const Wangge__V1__Record *record, struct wg_findings *findings) {
  dates_in_order(record, findings, record->agreement->signed_on, record->agreement->ends_on, "ends_on");
}

// --- duties ---

// expiry_known: "station_asset.expires_on", a date of a kind of record.
static bool expiry_known(const char *event, struct wg_arena *arena) {
  char *kind_name = wg_arena_strdup(arena, event), *dot = strchr(kind_name, '.');
  if (dot == NULL) return false;
  *dot = 0;
  const struct wg_kind *kind = wg_kind_find(kind_name);
  const struct wg_column *column = kind != NULL ? wg_kind_column(kind, dot + 1) : NULL;
  return column != NULL && column->type == WG_COLUMN_DATE;
}

static void check_trigger(const Wangge__V1__Record *record, struct wg_findings *findings) {
  const Wangge__V1__DutyTemplate *duty = record->duty_template;
  bool event = duty->trigger == WANGGE__V1__DUTY_TRIGGER__DUTY_TRIGGER_EVENT;
  bool expiry = duty->trigger == WANGGE__V1__DUTY_TRIGGER__DUTY_TRIGGER_EXPIRY;
  if (duty->trigger == WANGGE__V1__DUTY_TRIGGER__DUTY_TRIGGER_WEEKLY && (duty->on < 1 || duty->on > 7))
    FAIL("on_range", "on", "按周触发的日 %d 不在 1（周一）到 7（周日）之间", duty->on);
  if (duty->trigger == WANGGE__V1__DUTY_TRIGGER__DUTY_TRIGGER_MONTHLY && (duty->on < 1 || duty->on > 31))
    FAIL("on_range", "on", "按月触发的日 %d 不在 1 到 31 之间", duty->on);
  if (duty->trigger == WANGGE__V1__DUTY_TRIGGER__DUTY_TRIGGER_DAYS && duty->starts_on[0] == 0)
    FAIL("starts_on_required", "starts_on", "按天触发的任务须填开始日期");
  if ((event || expiry) && duty->event[0] == 0)
    FAIL("event_required", "event", "%s触发的任务须填事件", event ? "事件" : "到期");
  else if (expiry && !expiry_known(duty->event, findings->arena))
    FAIL("event_value", "event", "到期事件“%.64s”不是某种记录的日期字段；请填如 station_asset.expires_on", duty->event);
  if (!event && !expiry && duty->level[0] == 0) FAIL("level_required", "level", "定期任务须填层级：按哪一级区域生成");
}

static void check_duty_template(const Wangge__V1__Record *record, struct wg_findings *findings) {
  const Wangge__V1__DutyTemplate *duty = record->duty_template;
  check_trigger(record, findings);
  dates_in_order(record, findings, duty->starts_on, duty->ends_on, "ends_on");
}

// --- lists ---

static bool has_step(const Wangge__V1__ListItem *item, int32_t n) {
  for (size_t i = 0; i < item->n_steps; i++)
    if (item->steps[i]->n == n) return true;
  return false;
}

static void check_step(const Wangge__V1__Record *record, const Wangge__V1__ListStep *step,
                       struct wg_findings *findings) {
  struct wg_error error = {0};
  if (step->title[0] == 0) FAIL("steps_title", "steps", "流程第 %d 步没有名称；请填写", step->n);
  const char *const texts[] = {step->title, step->who, step->condition};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if (wg_text_check(texts[i], WG_RECORD_TEXT_BYTES, WG_TEXT_ONE_LINE, "steps", &error) != WG_OK ||
        !wg_trimmed(texts[i]))
      FAIL("steps_text", "steps", "流程第 %d 步的文字过长、前后有空格或含有控制字符；请修改", step->n);
  if (step->days < 0 || step->days > 1000)
    FAIL("steps_number", "steps", "流程第 %d 步的工作日 %d 超出范围", step->n, step->days);
  for (size_t i = 0; i < step->n_next; i++)
    if (!has_step(record->list_item, step->next[i]))
      FAIL("steps_next", "steps", "流程第 %d 步的下一步 %d 不存在；请改为已有的序号", step->n, step->next[i]);
}

static void check_list_item(const Wangge__V1__Record *record, struct wg_findings *findings) {
  const Wangge__V1__ListItem *item = record->list_item;
  if (item->n_steps > 100) {
    FAIL("steps_number", "steps", "流程有 %zu 步，最多 100 步", item->n_steps);
    return;
  }
  int32_t before = 0;
  for (size_t i = 0; i < item->n_steps; i++) {
    int32_t n = item->steps[i]->n;
    if (n <= before || n > 1000) FAIL("steps_n", "steps", "流程步骤序号 %d 应大于前一步的 %d（至多 1000）", n, before);
    before = n;
    check_step(record, item->steps[i], findings);
  }
}

// --- departments, keys, catalogue ---

static bool path_levels(const char *path) {
  size_t size = strlen(path);
  return size > 0 && path[0] != '/' && path[size - 1] != '/' && strstr(path, "//") == NULL;
}

static void check_category(const Wangge__V1__Record *record, struct wg_findings *findings) {
  const Wangge__V1__Category *category = record->category;
  if (category->scheme[0] == 0 || category->path[0] == 0) return;
  if (strchr(category->scheme, '/') != NULL)
    FAIL("scheme_value", "scheme", "分类体系“%.40s”不能含有 /", category->scheme);
  if (!path_levels(category->path))
    FAIL("path_value", "path", "分类路径“%.60s”有空的一级；各级之间用一个 / 分隔", category->path);
  const char *code = wg_arena_printf(findings->arena, "%s/%s", category->scheme, category->path);
  if (strcmp(code, record->code) != 0)
    FAIL("code_path", "code", "编码“%.128s”应为 分类体系/分类路径：“%.128s”", record->code, code);
}

static bool key_shape(const char *key) {
  static const char z85[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  return strlen(key) == 40 && strspn(key, z85) == 40;
}

// check_rights: what a principal is for goes with its roles, as in the principals file.
static void check_rights(const Wangge__V1__Record *record, unsigned roles, struct wg_findings *findings) {
  const Wangge__V1__Principal *principal = record->principal;
  const bool hands_over = principal->channel == WANGGE__V1__CHANNEL__CHANNEL_STATION_WALK_IN ||
                          principal->channel == WANGGE__V1__CHANNEL__CHANNEL_WECHAT_GROUP;
  const bool lands = (roles & (WG_ROLE_VILLAGE | WG_ROLE_TOWNSHIP)) != 0;
  if (roles & WG_ROLE_SERVICE)
    FAIL("roles_service", "roles", "角色 service 只属于系统自身的服务，不能在底册里登记；请去掉");
  if ((roles & WG_ROLE_DEPARTMENT) && principal->n_departments != 1)
    FAIL("departments_one", "departments", "角色 department 须填一个承办单位，实有 %zu 个", principal->n_departments);
  if (!(roles & WG_ROLE_DEPARTMENT) && principal->n_departments > 0)
    FAIL("departments_role", "departments", "填了承办单位，但没有角色 department");
  if (principal->channel != 0 && !(roles & WG_ROLE_SOURCE))
    FAIL("channel_role", "channel", "填了渠道，但没有角色 source");
  if (principal->n_origins > 0 && !hands_over)
    FAIL("origins_channel", "origins", "填了移交来源，渠道应为驿站来访或微信群");
  if (principal->n_origins > 16)
    FAIL("origins_number", "origins", "移交来源有 %zu 个，最多 16 个", principal->n_origins);
  for (size_t i = 0; i < principal->n_origins; i++)
    if (strlen(principal->origins[i]) > 32 || strchr(principal->origins[i], ','))
      FAIL("origins_value", "origins", "移交来源“%.40s”过长（最多 32 字节）或含有逗号", principal->origins[i]);
  if (lands != (principal->n_areas > 0))
    FAIL("areas_role", "areas", "角色 village、township 须填管理范围，其他角色不填");
  for (size_t i = 0; i < principal->n_areas; i++) {
    const size_t size = strlen(principal->areas[i]);
    if (size < 6 || size > 12 || !wg_all_digits(principal->areas[i], size))
      FAIL("areas_shape", "areas", "管理范围“%.20s”应为村编码的开头，6 到 12 位数字", principal->areas[i]);
  }
}

static void check_principal(const Wangge__V1__Record *record, struct wg_findings *findings) {
  const Wangge__V1__Principal *principal = record->principal;
  unsigned roles = 0, role;
  if (principal->key[0] != 0 && !key_shape(principal->key))
    FAIL("key_shape", "key", "公钥不是 40 个字符的 Z85 文本；请用 wangge keys 生成");
  for (size_t i = 0; i < principal->n_previous_keys; i++)
    if (!key_shape(principal->previous_keys[i]))
      FAIL("previous_keys_shape", "previous_keys", "第 %zu 个曾用公钥不是 40 个字符的 Z85 文本", i + 1);
  for (size_t i = 0; i < principal->n_roles; i++) {
    if (wg_role_parse(principal->roles[i], &role)) roles |= role;
    else
      FAIL("roles_value", "roles",
           "角色“%.32s”不存在；可填：source、department、dispatcher、operator、registrar、village、township",
           principal->roles[i]);
  }
  for (size_t i = 0; i < principal->n_districts; i++)
    if (!wg_all_digits(principal->districts[i], 6))
      FAIL("districts_shape", "districts", "区“%.20s”不是 6 位区划代码", principal->districts[i]);
  if (principal->n_previous_keys > 2)
    FAIL("previous_keys_number", "previous_keys", "曾用公钥有 %zu 个，最多 2 个", principal->n_previous_keys);
  check_rights(record, roles, findings);
}

// An area is a prefix of grid codes or the code of a place: digits are the first.
static void check_dispatch_rule(const Wangge__V1__Record *record, struct wg_findings *findings) {
  const Wangge__V1__DispatchRule *rule = record->dispatch_rule;
  size_t size = strlen(rule->area);
  if (size > 0 && strspn(rule->area, "0123456789") == size) {
    if (size != 6 && size != 9 && size != 12 && size != 15)
      FAIL("area_shape", "area", "区域“%.20s”应为 6、9、12 或 15 位代码，或地名编码", rule->area);
    else if (strncmp(rule->area, record->district, 6) != 0)
      FAIL("area_shape", "area", "区域“%.20s”不以区划代码 %.6s 开头", rule->area, record->district);
  }
  if (rule->category_prefix[0] != 0 && !path_levels(rule->category_prefix))
    FAIL("category_prefix_value", "category_prefix", "分类前缀“%.60s”有空的一级；应为完整的各级，用一个 / 分隔",
         rule->category_prefix);
  dates_in_order(record, findings, rule->valid_from, rule->valid_to, "valid_to");
  if (rule->from_minute == rule->to_minute && rule->from_minute != 0)
    FAIL("minute_range", "to_minute", "起止分钟同为 %d，没有时段；全天请都填 0", rule->to_minute);
}

static const struct {
  Wangge__V1__Record__BodyCase body_case;
  void (*check)(const Wangge__V1__Record *record, struct wg_findings *findings);
} rules[] = {
    {WANGGE__V1__RECORD__BODY_NET_DISTRICT, check_district},
    {WANGGE__V1__RECORD__BODY_GRID, check_grid},
    {WANGGE__V1__RECORD__BODY_PERSON, check_person},
    {WANGGE__V1__RECORD__BODY_STATION, check_station},
    {WANGGE__V1__RECORD__BODY_POSTING, check_posting},
    {WANGGE__V1__RECORD__BODY_STAFFING_RULE, check_staffing_rule},
    {WANGGE__V1__RECORD__BODY_STATION_TURN, check_station_turn},
    {WANGGE__V1__RECORD__BODY_AGREEMENT, check_agreement},
    {WANGGE__V1__RECORD__BODY_DUTY_TEMPLATE, check_duty_template},
    {WANGGE__V1__RECORD__BODY_LIST_ITEM, check_list_item},
    {WANGGE__V1__RECORD__BODY_PRINCIPAL, check_principal},
    {WANGGE__V1__RECORD__BODY_CATEGORY, check_category},
    {WANGGE__V1__RECORD__BODY_DISPATCH_RULE, check_dispatch_rule},
};

void wg_check_kind(const struct wg_kind *kind, const Wangge__V1__Record *record, struct wg_findings *findings) {
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
    if (rules[i].body_case == kind->body_case) rules[i].check(record, findings);
}

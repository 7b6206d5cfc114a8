// What can be wrong with any record, by its columns.

#include "common/records/cell.h"

#include "common/base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct checking {
  const struct wg_kind *kind;
  const Wangge__V1__Record *record;
  const struct wg_column *column;
  struct wg_findings *findings;
};

// complain adds an error KIND.FIELD_WHAT.
static void complain(const struct checking *checking, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void complain(const struct checking *checking, const char *what, const char *format, ...) {
  char code[96], message[2048];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  snprintf(code, sizeof code, "%s_%s", checking->column->field, what);
  wg_finding_add(checking->findings, WG_RECORD_ERROR, checking->record, code, checking->column->field, "%s%s",
                 checking->column->label, message);
}

static const char *shown(const struct checking *checking, const char *text) {
  return wg_shown(checking->column, text, checking->findings->arena);
}

// --- one text ---

static bool text_clean(const struct checking *checking, const char *text) {
  const struct wg_column *column = checking->column;
  struct wg_error error = {0};
  size_t size = strlen(text);
  if (size > column->max_bytes) {
    complain(checking, "text", "有 %zu 字节，最多 %zu 字节；请缩短", size, column->max_bytes);
    return false;
  }
  bool lines = column->lines || column->type == WG_COLUMN_WKT;
  if (wg_text_check(text, column->max_bytes, lines ? 0 : WG_TEXT_ONE_LINE, column->field, &error) != WG_OK) {
    complain(checking, "text", "含有乱码%s控制字符；请删除后重填", lines ? "或" : "、换行或其他");
    return false;
  }
  if (column->personal && strchr(text, '*') != NULL) {
    complain(checking, "masked", "是脱敏后的内容（含有 *）；请填写原文，导出时用 --reason 说明理由可得原文");
    return false;
  }
  if (wg_trimmed(text)) return true;
  complain(checking, "text", "%s前后有空格；请删除", shown(checking, text));
  return false;
}

static void check_text(const struct checking *checking, const char *text) {
  const struct wg_column *column = checking->column;
  struct wg_arena *arena = checking->findings->arena;
  if (!text_clean(checking, text)) return;
  if (column->type == WG_COLUMN_DATE && !wg_date_valid(text))
    complain(checking, "date", "%s不是有效日期；请按 2026-11-27 的形式填写实际存在的日期", shown(checking, text));
  if (column->type == WG_COLUMN_TIME && !wg_time_valid(text))
    complain(checking, "time", "%s不是有效时间；请按 08:30 的形式填写", shown(checking, text));
  if (column->type == WG_COLUMN_WKT) {
    const char *problem = wg_wkt_problem(text, arena);
    if (problem != NULL) complain(checking, "wkt", "无效：%s", problem);
  }
  if (column->type == WG_COLUMN_TEXT && column->value_count > 0) {
    const char *value = wg_choice(column, text);
    if (value == NULL || strcmp(value, text) != 0)
      complain(checking, "value", "%s不在可选值中；可填：%s", shown(checking, text), wg_choices(column, arena));
  }
}

static void check_texts(const struct checking *checking) {
  char *const *values = NULL;
  size_t count = wg_record_texts(checking->record, checking->column, &values);
  if (count == 0 && checking->column->required) complain(checking, "required", "不能为空；请填写");
  if (count > WG_RECORD_VALUES) {
    complain(checking, "text", "有 %zu 个值，最多 %d 个", count, WG_RECORD_VALUES);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    if (values[i] == NULL || values[i][0] == 0) complain(checking, "text", "的第 %zu 个值为空；请删除", i + 1);
    else check_text(checking, values[i]);
  }
}

// --- one number, one enum ---

static void check_number(const struct checking *checking, double value) {
  const struct wg_column *column = checking->column;
  if (column->required && value == 0) complain(checking, "required", "不能为空；请填写");
  else if (!isfinite(value) || value < column->least || value > column->most)
    complain(checking, "number", " %g 超出范围；应在 %g 到 %g 之间", value, column->least, column->most);
}

static void check_enum(const struct checking *checking, int value) {
  const struct wg_column *column = checking->column;
  if (value == 0 && column->required)
    complain(checking, "required", "不能为空；可填：%s", wg_choices(column, checking->findings->arena));
  else if (protobuf_c_enum_descriptor_get_value(column->descriptor->descriptor, value) == NULL)
    complain(checking, "value", " %d 不是已知的值；可填：%s", value, wg_choices(column, checking->findings->arena));
}

static void check_column(const struct checking *checking) {
  const struct wg_column *column = checking->column;
  const void *at = (const char *)wg_record_body(checking->record) + column->descriptor->offset;
  switch (column->type) {
  case WG_COLUMN_TEXT:
  case WG_COLUMN_DATE:
  case WG_COLUMN_TIME:
  case WG_COLUMN_WKT:
    check_texts(checking);
    break;
  case WG_COLUMN_INT:
    check_number(checking, *(const int32_t *)at);
    break;
  case WG_COLUMN_DOUBLE:
    check_number(checking, *(const double *)at);
    break;
  case WG_COLUMN_ENUM:
    check_enum(checking, *(const int *)at);
    break;
  case WG_COLUMN_BOOL:
  case WG_COLUMN_STEPS: // check_kinds.c
    break;
  }
}

// --- coordinates ---

// check_point: both or none, and where China is; swapped axes are the usual mistake.
static void check_point(const struct checking *checking) {
  struct checking one = *checking;
  const struct wg_column *lon = wg_kind_column(checking->kind, "lon"), *lat = wg_kind_column(checking->kind, "lat");
  if (lon == NULL || lat == NULL) return;
  const char *body = (const char *)wg_record_body(checking->record);
  double x = *(const double *)(const void *)(body + lon->descriptor->offset);
  double y = *(const double *)(const void *)(body + lat->descriptor->offset);
  if (x == 0 && y == 0) return;
  one.column = x == 0 ? lon : lat;
  if (x == 0 || y == 0) {
    complain(&one, "pair", "为空；经度和纬度应同时填写或同时留空");
    return;
  }
  one.column = lon;
  if (y >= 73 && y <= 136 && x >= 3 && x <= 54) complain(&one, "pair", " %g、纬度 %g 颠倒；请对调经度和纬度", x, y);
  else if (x < 73 || x > 136 || y < 3 || y > 54)
    complain(&one, "pair", " %g、纬度 %g 不在中国范围内（经度 73–136，纬度 3–54）；请核对", x, y);
}

bool wg_record_check(const Wangge__V1__Record *record, struct wg_findings *findings) {
  size_t errors = findings->errors;
  const struct wg_kind *kind = wg_kind_of(record);
  if (kind == NULL) {
    wg_finding_add(findings, WG_RECORD_ERROR, record, "record.body", "body", "记录“%.64s”没有内容；请给出一种记录",
                   record->code);
    return false;
  }
  if (!wg_all_digits(record->district, 6))
    wg_finding_add(findings, WG_RECORD_ERROR, record, "record.district_shape", "district",
                   "区划代码“%.20s”不是 6 位数字；请填写区县代码，如 370117", record->district);
  wg_code_check(kind, record, findings);
  struct checking checking = {kind, record, NULL, findings};
  for (size_t i = 2; i < kind->column_count; i++) {
    checking.column = &kind->columns[i];
    check_column(&checking);
  }
  check_point(&checking);
  wg_check_kind(kind, record, findings);
  return findings->errors == errors;
}

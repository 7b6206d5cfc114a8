// The shapes of codes.
//
// Areas: county 6 digits, street 9, community 12, grid 15, each beginning with that of the area above (the statistical
// codes of 国家统计局; the 15-digit grid code as published for 济南市历下区).

#include "common/records/cell.h"

#include "common/base/text.h"

#include <string.h>

// digits_of gives the length of an area's code, 0: the kind is no area.
static size_t digits_of(const struct wg_kind *kind) {
  switch (kind->body_case) {
  case WANGGE__V1__RECORD__BODY_NET_DISTRICT:
    return 6;
  case WANGGE__V1__RECORD__BODY_STREET:
    return 9;
  case WANGGE__V1__RECORD__BODY_COMMUNITY:
    return 12;
  case WANGGE__V1__RECORD__BODY_GRID:
    return 15;
  default:
    return 0;
  }
}

// printable: well-formed, and no blank, control or format character (Unicode categories Z, Cc, Cf as far as they are
// met in texts from outside).
static bool printable(const char *code) {
  struct wg_bytes bytes = wg_bytes_of(code);
  for (size_t at = 0, step; at < bytes.size; at += step) {
    const uint8_t *c = bytes.data + at;
    step = wg_utf8_step(c, bytes.size - at);
    if (step == 0) return false;
    if (step == 1 && strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./", c[0]) == NULL)
      return false;
    if (step == 2 && c[0] == 0xC2 && (c[1] <= 0xA0 || c[1] == 0xAD)) return false;
    if (step == 3 && c[0] == 0xE2 && c[1] == 0x80 && (c[2] <= 0x8F || c[2] >= 0xA8)) return false; // U+2000, U+2028 …
    if (step == 3 && c[0] == 0xE2 && c[1] == 0x81 && c[2] >= 0x9F) return false;                   // U+205F …
    if (step == 3 && memcmp(c, "\xE3\x80\x80", 3) == 0) return false;                              // U+3000
    if (step == 3 && memcmp(c, "\xEF\xBB\xBF", 3) == 0) return false;                              // U+FEFF
  }
  return true;
}

// problem_of says what is wrong with a code that is not empty; NULL: nothing.
static const char *problem_of(const struct wg_kind *kind, const Wangge__V1__Record *record, struct wg_arena *arena) {
  const char *code = record->code;
  size_t digits = digits_of(kind);
  struct wg_error error = {0};
  if (strlen(code) > WG_RECORD_CODE_BYTES)
    return wg_arena_printf(arena, "有 %zu 字节，最多 %d 字节", strlen(code), WG_RECORD_CODE_BYTES);
  if (digits > 0 && !wg_all_digits(code, digits)) return wg_arena_printf(arena, "不是 %zu 位数字", digits);
  if (digits > 0 && strncmp(code, record->district, 6) != 0)
    return wg_arena_printf(arena, "不以区划代码 %.6s 开头", record->district);
  switch (kind->body_case) {
  case WANGGE__V1__RECORD__BODY_CALENDAR_DAY:
    return wg_date_valid(code) ? NULL : "不是有效日期；请按 2026-10-01 的形式填写";
  case WANGGE__V1__RECORD__BODY_CALENDAR_YEAR:
    return wg_all_digits(code, 4) ? NULL : "不是四位数的年份";
  case WANGGE__V1__RECORD__BODY_DEPARTMENT:
  case WANGGE__V1__RECORD__BODY_PRINCIPAL:
    if (wg_token_check(code, 64, "code", &error) == WG_OK) return NULL;
    return "应为 1 到 64 个小写字母、数字、点、下划线或连字符";
  default:
    return printable(code) ? NULL : "只能有汉字、字母、数字和 - _ . /，不能有空格";
  }
}

// scientific: 3.70117E+14, what a spreadsheet makes of a long number.
static bool scientific(const char *code) {
  size_t digits = strspn(code, "0123456789.");
  return digits > 0 && code[digits] == 'E';
}

bool wg_code_check(const struct wg_kind *kind, const Wangge__V1__Record *record, struct wg_findings *findings) {
  const char *code = record->code;
  if (code[0] == 0) {
    wg_finding_add(findings, WG_RECORD_ERROR, record, "code_required", "code", "%s编码不能为空；请填写", kind->label);
    return false;
  }
  const char *problem = problem_of(kind, record, findings->arena);
  if (problem == NULL) return true;
  size_t size = wg_utf8_cut(wg_bytes_of(code), 64);
  wg_finding_add(findings, WG_RECORD_ERROR, record, "code_shape", "code", "%s编码“%.*s”%s%s", kind->label, (int)size,
                 code, problem, scientific(code) ? "；表格软件把编码改成了科学计数法，请把该列设为文本后重填" : "");
  return false;
}

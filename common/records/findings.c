// Findings: what is wrong with a record, in words.

#include "common/records/records.h"

#include "common/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void wg_findings_start(struct wg_findings *findings, struct wg_arena *arena) {
  *findings = (struct wg_findings){.arena = arena, .most = WG_FINDINGS_MOST};
}

static void keep(struct wg_findings *findings, Wangge__V1__Finding *finding) {
  if (findings->count == findings->room) {
    size_t room = findings->room == 0 ? 16 : findings->room * 2;
    Wangge__V1__Finding **grown = wg_arena_alloc(findings->arena, room * sizeof(Wangge__V1__Finding *));
    if (findings->count > 0) memcpy(grown, findings->finding, findings->count * sizeof(Wangge__V1__Finding *));
    findings->finding = grown;
    findings->room = room;
  }
  findings->finding[findings->count++] = finding;
}

// only_utf8 drops, in place, what is no character: a value cut by a format's precision may end in half of one.
static void only_utf8(char *text) {
  uint8_t *to = (uint8_t *)text;
  size_t size = strlen(text);
  for (size_t at = 0, step; at<size; at += step> 0 ? step : 1) {
    step = wg_utf8_step((const uint8_t *)text + at, size - at);
    memmove(to, text + at, step);
    to += step;
  }
  *to = 0;
}

// code_of puts the kind's name in front of a code without a dot.
static char *code_of(const struct wg_findings *findings, const struct wg_kind *kind, const char *code) {
  if (strchr(code, '.') != NULL) return wg_arena_strdup(findings->arena, code);
  return wg_arena_printf(findings->arena, "%s.%s", kind != NULL ? kind->name : "record", code);
}

Wangge__V1__Finding *wg_finding_add(struct wg_findings *findings, Wangge__V1__Severity severity,
                                    const Wangge__V1__Record *record, const char *code, const char *field,
                                    const char *format, ...) {
  // Those beyond the limit are only counted; the caller still gets one to write on.
  static _Thread_local Wangge__V1__Finding untold;
  if (severity == WANGGE__V1__SEVERITY__SEVERITY_ERROR) findings->errors++;
  else findings->warnings++;
  if (findings->count >= findings->most) {
    findings->untold++;
    wangge__v1__finding__init(&untold);
    return &untold;
  }
  struct wg_arena *arena = findings->arena;
  Wangge__V1__Finding *finding = wg_arena_alloc(arena, sizeof *finding);
  wangge__v1__finding__init(finding);
  const struct wg_kind *kind = record != NULL ? wg_kind_of(record) : NULL;
  finding->severity = severity;
  finding->code = code_of(findings, kind, code);
  finding->field = wg_arena_strdup(arena, field);
  finding->row = findings->row;
  if (kind != NULL) finding->kind = (char *)(uintptr_t)kind->name;
  if (record != NULL) finding->record = wg_arena_strdup(arena, record->code);
  char *message;
  va_list arguments;
  va_start(arguments, format);
  int length = vasprintf(&message, format, arguments);
  va_end(arguments);
  if (length < 0) abort();
  only_utf8(message);
  finding->message = wg_arena_strdup(arena, message);
  free(message);
  keep(findings, finding);
  return finding;
}

wg_status wg_findings_error(const struct wg_findings *findings, struct wg_error *error) {
  if (findings->errors == 0) return WG_OK;
  for (size_t i = 0; i < findings->count; i++) {
    const Wangge__V1__Finding *one = findings->finding[i];
    if (one->severity != WANGGE__V1__SEVERITY__SEVERITY_ERROR) continue;
    return wg_fail(error, WG_FAILED_PRECONDITION, one->field, "%zu errors; the first: %s %s row %d: %s [%s]",
                   findings->errors, one->kind, one->record, one->row, one->message, one->code);
  }
  return wg_fail(error, WG_FAILED_PRECONDITION, NULL, "%zu errors", findings->errors);
}

// The demo's districts in every report: no errors on the demo's day, and what it costs.
#include "tests/unit/unit.h"

#include "common/base/clock.h"
#include "services/registry/check_report.h"

#include <stdlib.h>
#include <time.h>

#define DAY "2026-11-02" // ops/demo/district.py

static double cpu_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static struct wg_arena *arena;
static struct wg_reading reading;
static int32_t today;

static int read_demo(void **state) {
  (void)state;
  struct wg_error error = {0};
  arena = wg_arena_create(1 << 20);
  wg_reading_start(&reading, arena, NULL);
  assert_true(wg_day_parse(DAY, &today));
  return wg_records_read_folder(&reading, WANGGE_SHARE "/ops/demo/reference", &error) == WG_OK ? 0 : -1;
}

static int forget_demo(void **state) {
  (void)state;
  wg_reading_stop(&reading);
  wg_arena_destroy(arena);
  return 0;
}

static void tell(const struct wg_findings *findings, size_t most) {
  for (size_t i = 0; i < findings->count && i < most; i++)
    print_message("  %s %s: %s\n", findings->finding[i]->code, findings->finding[i]->record,
                  findings->finding[i]->message);
}

static void no_report_finds_an_error(void **state) {
  (void)state;
  struct wg_book *book = wg_book_create(&REGISTRY_BOOK);
  for (size_t i = 0; i < reading.set.count; i++)
    wg_book_add(book, reading.set.record[i], i + 1);
  size_t districts = 0, errors = 0;
  const char **district = wg_book_scopes(book, arena, &districts);
  assert_int_equal(districts, 2);
  for (size_t d = 0; d < districts; d++) {
    for (const struct registry_report *report = REGISTRY_REPORTS; report->name; report++) {
      struct wg_findings findings;
      wg_findings_start(&findings, arena);
      const double before = cpu_ms();
      registry_report_run(report, book, district[d], today, &findings);
      print_message("%s %-9s %zu errors, %zu warnings, %.1f ms\n", district[d], report->name, findings.errors,
                    findings.warnings, cpu_ms() - before);
      tell(&findings, findings.errors ? 100 : 3);
      errors += findings.errors;
    }
  }
  assert_int_equal(errors, 0);
  wg_book_destroy(book);
}

// compare_change puts changes into the order in which a Put has them.
static int compare_change(const void *left, const void *right) {
  const struct registry_change *a = left, *b = right;
  const int order = strcmp(a->record->district, b->record->district);
  const int kinds = (a->kind->body_case > b->kind->body_case) - (a->kind->body_case < b->kind->body_case);
  return order ? order : kinds ? kinds : strcmp(a->record->code, b->record->code);
}

static void one_put_of_everything_is_not_refused(void **state) {
  (void)state;
  struct wg_book *book = wg_book_create(&REGISTRY_BOOK), *draft = wg_book_draft(book, arena);
  struct registry_change *change = wg_arena_zalloc(arena, reading.set.count * sizeof *change);
  for (size_t i = 0; i < reading.set.count; i++) {
    Wangge__V1__Record *record = reading.set.record[i];
    change[i] = (struct registry_change){.kind = wg_kind_of(record), .record = record, .row = (int32_t)i};
    wg_book_set(draft, record, i + 1);
  }
  qsort(change, reading.set.count, sizeof *change, compare_change);
  const struct registry_changes changes = {
      .before = book, .after = draft, .change = change, .count = reading.set.count, .arena = arena};
  struct wg_findings findings;
  wg_findings_start(&findings, arena);
  const double before = cpu_ms();
  registry_check_touched(&changes, today, &findings);
  print_message("a Put of %zu records: %zu errors, %zu warnings, %.1f ms\n", changes.count, findings.errors,
                findings.warnings, cpu_ms() - before);
  tell(&findings, 10);
  assert_int_equal(findings.errors, 0);
  wg_book_destroy(book);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_report_finds_an_error),
      cmocka_unit_test(one_put_of_everything_is_not_refused),
  };
  return cmocka_run_group_tests(tests, read_demo, forget_demo);
}
